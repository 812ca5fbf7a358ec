package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What operators see. */
@ExtendWith(LeakCheckExtension.class)
class MetricsIT {
  @Test
  void countsWorkRetriesTopologyAndPools() throws SQLException {
    try (TestCluster cluster = TestCluster.withShards(1)) {
      var registry = new SimpleMeterRegistry();
      ShardRouter router =
          cluster.router(
              cluster
                  .options()
                  .withMeters(registry)
                  .withPools(PoolProfile.SERVER.withMaxConnections(1))
                  .withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(3))));
      OneShard shard = router.keyspace("shop").on(1);
      shard.query("select 1", row -> 1);
      shard.queryOne("select 1", row -> 1);
      shard.update("delete from users");
      assertThatThrownBy(() -> shard.update("nonsense")).isInstanceOf(StatementFailed.class);
      cluster.proxy("s1").cutOnNextResponse();
      shard.query("select 1", row -> 1);
      try (Connection held = shard.connection()) {
        assertThatThrownBy(() -> shard.update("never sent")).isInstanceOf(ShardUnavailable.class);
        assertThat(held.isClosed()).isFalse();
      }

      assertThat(statements(registry, "query", "ok")).isEqualTo(3);
      assertThat(statements(registry, "update", "ok")).isEqualTo(1);
      assertThat(statements(registry, "update", "failed")).isEqualTo(1);
      assertThat(statements(registry, "update", "unavailable")).isEqualTo(1);
      assertThat(
              registry
                  .get("shardwright.retry")
                  .tags("keyspace", "shop", "shard", "s1", "reason", "lost")
                  .counter()
                  .count())
          .isEqualTo(1);
      assertThat(
              registry
                  .get("shardwright.topology.epoch")
                  .tag("cluster", cluster.name)
                  .gauge()
                  .value())
          .isEqualTo((double) cluster.epoch().value());
      String pool = "s1 " + router.health().pools().get(0).endpoint().url();
      assertThat(registry.get("hikaricp.connections.max").tag("pool", pool).gauge().value())
          .isEqualTo(1);
      assertThat(registry.get("hikaricp.connections.timeout").tag("pool", pool).counter().count())
          .as("callers that gave up, not slices of their waits")
          .isEqualTo(1);

      router.close();
      assertThat(registry.find("shardwright.topology.epoch").gauge()).isNull();
      assertThat(registry.find("hikaricp.connections.max").gauge()).isNull();
    }
  }

  private static long statements(SimpleMeterRegistry registry, String kind, String outcome) {
    return registry
        .get("shardwright.statement")
        .tags("keyspace", "shop", "shard", "s1", "role", "primary")
        .tags("kind", kind, "outcome", outcome)
        .timer()
        .count();
  }
}
