package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** A topology that was kept, for a store that has lost everything. */
class RecoveryIT {
  private static final String T = "create table public.t (k bigint primary key)";
  private static final ShardId S1 = ShardId.of("s1");

  @Test
  void aShardThatCannotBeAskedIsAnObjectionAmongOthers() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2")) {
      Topology kept = cluster.admin.topology();
      assertThat(cluster.admin.objectionsTo(kept)).isEmpty();
      cluster.asAdmin("s2", "delete from shardwright.identity");
      Shard gone =
          kept.shard(S1)
              .orElseThrow()
              .withPrimary(new Endpoint("jdbc:postgresql://127.0.0.1:1/none", "app"));
      assertThat(cluster.admin.objectionsTo(kept.withShard(gone)))
          .satisfiesExactly(
              first ->
                  assertThat(first).contains("nobody knows what it owns: shard s1", "server up"),
              second -> assertThat(second).contains("is not the database of shard s2"));
    }
  }

  @Test
  void refusesATopologyInWhichRangesMove() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      Topology moving = cluster.beginMove(3, "ks", "s1", "s2");
      InMemoryTopologyStore lost = new InMemoryTopologyStore();
      ClusterAdmin admin =
          new ClusterAdmin(lost, "test", TestCluster.CREDENTIALS, TestCluster.OPTIONS);
      assertThatThrownBy(() -> admin.restore(moving))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("migrations [3]");
      assertThatThrownBy(() -> admin.checkRestorable(moving))
          .hasMessageContaining("migrations [3]");
      assertThatThrownBy(lost::read).isInstanceOf(TopologyUnavailable.class);
      admin.checkRestorable(moving.withoutMove(3));
      admin.restore(moving.withoutMove(3));
      assertThat(lost.read().shards()).hasSize(2);
      assertThatThrownBy(() -> admin.checkRestorable(moving.withoutMove(3)))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("there is a topology already");
    }
  }
}
