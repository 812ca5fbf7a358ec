package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementByTokensTest {
  @Test
  void dealsEqualSpansOutInTurn() {
    HashRing ring = PlacementByTokens.layOut(Map.of(id("b"), 100, id("a"), 100), 2);
    long quarter = 1L << 62;
    assertThat(ring.virtualNodes())
        .containsExactly(
            new VirtualNode(new KeyRange(Long.MIN_VALUE, -quarter - 1), id("a")),
            new VirtualNode(new KeyRange(-quarter, -1), id("b")),
            new VirtualNode(new KeyRange(0, quarter - 1), id("a")),
            new VirtualNode(new KeyRange(quarter, Long.MAX_VALUE), id("b")));
  }

  @ParameterizedTest
  @CsvSource({"1, 64", "3, 1", "4, 64", "7, 5", "1000, 64"})
  void givesEveryShardItsShareToLessThanAGridStep(int shards, int virtualNodes) {
    Random random = new Random(shards);
    Map<ShardId, Integer> weights = new TreeMap<>();
    IntStream.range(0, shards).forEach(i -> weights.put(id("s" + i), 1 + random.nextInt(300)));
    HashRing ring = PlacementByTokens.layOut(weights, virtualNodes);
    double sum = weights.values().stream().mapToInt(i -> i).sum();
    GridSteps steps = new GridSteps(ring);
    weights.forEach(
        (shard, weight) ->
            assertThat(Math.abs(steps.of(shard) - HashRing.GRID_STEPS * weight / sum))
                .isLessThan(1));
    assertThat(ring.size()).isBetween(shards * virtualNodes, shards * (virtualNodes + 1));
  }

  @Test
  void givesAtLeastOneSpanToTheSmallestShard() {
    Map<ShardId, Integer> weights = Map.of(id("big"), 10_000, id("small"), 1);
    assertThat(PlacementByTokens.layOut(weights, 4).owners())
        .containsExactly(id("big"), id("small"));
  }

  @Test
  void refusesLayOutsThatCannotBe() {
    assertThatThrownBy(() -> PlacementByTokens.layOut(Map.of(), 1))
        .hasMessageContaining("at least one shard");
    assertThatThrownBy(() -> PlacementByTokens.layOut(Map.of(id("a"), 0), 1))
        .hasMessageContaining("weight 0 of shard a");
    assertThatThrownBy(() -> PlacementByTokens.layOut(Map.of(id("a"), 1), 0))
        .hasMessageContaining("0 virtual nodes");
    Map<ShardId, Integer> tooUnequal = new TreeMap<>(Map.of(id("a"), 1));
    IntStream.range(0, 8).forEach(i -> tooUnequal.put(id("big" + i), Integer.MAX_VALUE));
    assertThatThrownBy(() -> PlacementByTokens.layOut(tooUnequal, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shard a would get 1 virtual nodes on 0 grid steps");
  }

  @Test
  void dealsSplitSpansOutInOrder() {
    Map<ShardId, Integer> weights = new LinkedHashMap<>();
    weights.put(id("b"), 1);
    weights.put(id("a"), 2);
    RangeRing ring = PlacementByTokens.splitAt(List.of(-5L, 10L), weights);
    assertThat(ring.virtualNodes())
        .containsExactly(
            new VirtualNode(new KeyRange(Long.MIN_VALUE, -6), id("a")),
            new VirtualNode(new KeyRange(-5, 9), id("a")),
            new VirtualNode(new KeyRange(10, Long.MAX_VALUE), id("b")));
  }

  @Test
  void refusesSplitPointsThatDoNotAscend() {
    for (List<Long> points : List.of(List.of(1L, 1L), List.of(2L, 1L), List.of(Long.MIN_VALUE))) {
      assertThatThrownBy(() -> PlacementByTokens.splitAt(points, Map.of(id("a"), 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("split points must ascend");
    }
    assertThat(PlacementByTokens.splitAt(List.of(), Map.of(id("a"), 1)))
        .isEqualTo(RangeRing.ownedBy(id("a")));
    assertThat(PlacementByTokens.splitAt(List.of(Long.MAX_VALUE), Map.of(id("a"), 1)).size())
        .isEqualTo(2);
  }

  private static ShardId id(String name) {
    return ShardId.of(name);
  }
}
