package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;

class ZooKeeperEnsembleIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Queue<KeeperState> states = new ConcurrentLinkedQueue<>();

  @Test
  void goesOnWithoutOneNodeStopsWithoutTwoAndComesBack() throws Exception {
    try (ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.start()) {
      ZooKeeper client = connect(ensemble.connectString());
      client.create("/kept", new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);

      int leader = ensemble.leader().orElseThrow();
      ensemble.stop(leader);
      await().atMost(PATIENCE).until(() -> ensemble.leader().isPresent());
      assertThat(ensemble.leader().orElseThrow()).isNotEqualTo(leader);
      await()
          .atMost(PATIENCE)
          .ignoreException(KeeperException.ConnectionLossException.class)
          .until(() -> client.exists("/kept", false) != null);

      ensemble.stop(ensemble.leader().orElseThrow());
      await().atMost(PATIENCE).until(() -> ensemble.leader().isEmpty());
      assertThatThrownBy(() -> ensemble.expireSession(client.getSessionId()))
          .isInstanceOf(IllegalStateException.class);

      ensemble.restart(leader);
      await()
          .atMost(PATIENCE)
          .ignoreException(KeeperException.ConnectionLossException.class)
          .until(() -> client.exists("/kept", false) != null);
      ensemble.expireSession(client.getSessionId());
      await().atMost(PATIENCE).until(() -> states.contains(KeeperState.Expired));
      client.close();
    }
  }

  private ZooKeeper connect(String connectString) {
    try {
      ZooKeeper client =
          new ZooKeeper(connectString, 20_000, event -> states.add(event.getState()));
      await().atMost(PATIENCE).until(() -> client.getState().isConnected());
      return client;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
