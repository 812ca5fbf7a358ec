package dev.shardwright.rebalance.internal.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.ZooKeeperEnsemble;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterMembership;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RouterWatchIT {
  private static final RouterDescription DESCRIPTION = new RouterDescription("app-1", 42, "1.0");

  @Test
  void aRouterOfWhichALaggingServerHasNotHeardYetIsNotTakenForOneThatIsGone() throws Exception {
    try (ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.startThatMayLag()) {
      int leader = ensemble.leader().orElseThrow();
      int follower = leader == 0 ? 1 : 0;
      try (ZooKeeperCluster routers = connect(ensemble, leader);
          ZooKeeperCluster mover = connect(ensemble, follower)) {
        RouterMembership gone = routers.join(DESCRIPTION);
        await().until(() -> mover.routerNumbers().contains(gone.number()));
        gone.close();
        await().until(() -> mover.routerNumbers().isEmpty());
        ensemble.lag(follower);
        RouterMembership joined = routers.join(DESCRIPTION);
        assertThat(mover.routerNumbers()).as("the server lags").isEmpty();
        CompletableFuture<Set<Integer>> unregistered =
            CompletableFuture.supplyAsync(
                () ->
                    new RouterWatch(mover, cutOff -> {})
                        .unregistered(Set.of(gone.number(), joined.number())));
        assertThatThrownBy(() -> unregistered.get(300, TimeUnit.MILLISECONDS))
            .isInstanceOf(TimeoutException.class);
        ensemble.catchUp(follower);
        assertThat(unregistered.get(10, TimeUnit.SECONDS)).containsExactly(gone.number());
      }
    }
  }

  private static ZooKeeperCluster connect(ZooKeeperEnsemble ensemble, int node) {
    return ZooKeeperCluster.connect(ensemble.connectString(node), "prod");
  }
}
