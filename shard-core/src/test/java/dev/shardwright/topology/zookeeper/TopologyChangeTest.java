package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.topology.TestTopologies;
import dev.shardwright.topology.Topology;
import java.util.List;
import org.apache.zookeeper.Op;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyChangeTest {
  /** Figures in docs/operations.md. */
  @ParameterizedTest
  @CsvSource({"2000, 64, 2200", "700, 256, 750"})
  void takesOneKeyspaceOfSoManyShardsAtATime(int shards, int virtualNodes, int tooMany) {
    assertThat(firstChange(TestTopologies.large(shards, virtualNodes))).isNotEmpty();
    assertRefused(TestTopologies.large(tooMany, virtualNodes));
  }

  @Test
  void refusesMoreBytesThanZooKeeperTakesAndSaysHowMany() {
    assertThatThrownBy(() -> firstChange(TestTopologies.large(1_000, 256)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the change to epoch 1 takes ")
        .hasMessageContaining("ZooKeeper takes 1000000 at a time")
        .hasMessageContaining("use fewer virtual nodes or pins");
  }

  private static void assertRefused(Topology topology) {
    assertThatThrownBy(() -> firstChange(topology)).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Op> firstChange(Topology topology) {
    return TopologyChange.between(null, topology, "change", new ClusterPaths("test"), List.of());
  }
}
