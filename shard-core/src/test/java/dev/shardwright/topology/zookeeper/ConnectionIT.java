package dev.shardwright.topology.zookeeper;

import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheckExtension.class)
class ConnectionIT {
  private static final ZooKeeperOptions OPTIONS =
      ZooKeeperOptions.DEFAULTS.withSessionTimeout(Duration.ofSeconds(2));

  /** The client makes a new handle then, on a thread of its own. */
  @RepeatedTest(5)
  void isClosedForGoodThoughItsSessionExpiresMeanwhile() throws Exception {
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", ZooKeeperServer.shared().port())) {
      Connection connection = Connection.open(proxy.host() + ":" + proxy.port(), OPTIONS);
      proxy.freeze();
      connection
          .curator()
          .getZookeeperClient()
          .getZooKeeper()
          .getTestable()
          .injectSessionExpiration();
      connection.close();
    }
  }
}
