package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class ReplicasIT {
  private static final String OTHER = "jdbc:postgresql://replica/shop";

  @Test
  void replicasAreChangedAndAPromotedOneIsNoneAnyMore() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      String promoted = cluster.url("s1") + "?tcpKeepAlive=true";
      assertThat(cluster.run("shard", "set-replicas", "s1", promoted, OTHER).done().out())
          .contains("Shard s1 has 2 replicas");
      assertThat(cluster.run("shard", "show", "s1").done().out()).contains(promoted + ", " + OTHER);
      cluster
          .run("shard", "set-replicas", "s1", cluster.url("s1"))
          .refused("is the primary of shard s1");
      cluster.run("shard", "set-replicas", "s1", "jdbc:mysql:x").is(2);
      cluster.run("shard", "set-url", "s1", promoted).done();
      assertThat(cluster.run("shard", "show", "s1").done().out()).contains("replicas  " + OTHER);
      cluster.run("shard", "set-replicas", "s1").is(2);
      assertThat(cluster.run("shard", "show", "s1").done().out()).contains("replicas  " + OTHER);
      cluster.run("shard", "set-replicas", "s1", "--none").done();
      assertThat(cluster.run("shard", "show", "s1").done().out()).contains("replicas  -");
    }
  }
}
