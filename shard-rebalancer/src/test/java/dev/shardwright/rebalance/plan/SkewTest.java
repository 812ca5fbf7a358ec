package dev.shardwright.rebalance.plan;

import static dev.shardwright.rebalance.plan.TestRings.id;
import static dev.shardwright.rebalance.plan.TestRings.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SkewTest {
  private static final Placement PLACEMENT = Placement.of(PlacementByTokens.layOut(weights(2), 2));

  @Test
  void isMaxOverAverageByWeight() {
    RingContent content = content(PLACEMENT, volume(300), volume(100), volume(300), volume(100));
    Skew skew = Skew.of(content, Goal.ROWS, weights(2));
    assertThat(skew.maxOverAverage()).isCloseTo(1.5, within(0.001));
    assertThat(skew.virtualNodes()).isCloseTo(1.5, within(0.001));
    SortedMap<ShardId, Integer> byWeight = new TreeMap<>(Map.of(id(0), 300, id(1), 100));
    assertThat(Skew.of(content, Goal.ROWS, byWeight).maxOverAverage()).isCloseTo(1, within(0.001));
    assertThat(Skew.of(content, Goal.TOKENS, weights(2)).maxOverAverage())
        .isCloseTo(1, within(0.001));
  }

  @Test
  void aNewShardHasNothingAndALeavingOneDoesNotCount() {
    RingContent content = content(PLACEMENT, volume(100), volume(100), volume(100), volume(100));
    Skew grown = Skew.of(content, Goal.ROWS, weights(4));
    assertThat(grown.maxOverAverage()).isCloseTo(2, within(0.001));
    assertThat(Objects.requireNonNull(grown.shards().get(id(3))).fullness()).isZero();
    Skew shrunk = Skew.of(content, Goal.ROWS, Map.of(id(0), 100));
    assertThat(shrunk.maxOverAverage()).isCloseTo(0.5, within(0.001));
    assertThat(Objects.requireNonNull(shrunk.shards().get(id(1))).fullness()).isInfinite();
  }

  @Test
  void namesKeysThatExceedAShareAndCountsPinsWhereTheyAre() {
    Placement pinned = new Placement(PLACEMENT.ring(), Pins.of(List.of(new Pin("p", 5, id(1)))));
    HeavyKey whale = new HeavyKey("whale", 77, volume(900));
    HeavyKey small = new HeavyKey("small", 78, volume(10));
    RingContent content =
        new RingContent(
            TestRings.SHOP,
            pinned,
            List.of(volume(10), volume(10), volume(910), volume(10)),
            new TreeMap<>(Map.of(5L, volume(60))),
            List.of(small, whale));
    Skew skew = Skew.of(content, Goal.ROWS, weights(2));
    assertThat(skew.heavyKeys()).containsExactly(whale);
    assertThat(Objects.requireNonNull(skew.shards().get(id(1))).amount())
        .isCloseTo(80, within(0.1));
    assertThat(skew.describe())
        .startsWith("shop: rows max/avg 1.840 over 2 shards, 3.9 over virtual nodes")
        .contains("key 'whale' (token 77) alone has 900 rows");
  }

  @Test
  void aKeyThatIsPinnedIsNotTooHeavyHoweverMuchItHas() {
    Placement pinned = new Placement(PLACEMENT.ring(), Pins.of(List.of(new Pin("p", 5, id(1)))));
    RingContent content =
        new RingContent(
            TestRings.SHOP,
            pinned,
            List.of(volume(10), volume(10), volume(10), volume(10)),
            new TreeMap<>(Map.of(5L, volume(900))),
            List.of());
    Skew skew = Skew.of(content, Goal.ROWS, weights(2));
    assertThat(skew.heavyKeys()).isEmpty();
    assertThat(skew.largestKeys()).containsExactly(new HeavyKey("p", 5, volume(900), true));
    assertThat(skew.describe()).doesNotContain("alone has");
  }

  @Test
  void loadIsThatOfTheBusiestAndTheRestSpreadOverTheOthers() {
    RingContent content =
        content(PLACEMENT, volume(1), volume(1), volume(1), volume(1))
            .withLoad(
                new VirtualNodeLoads(
                    new TreeMap<>(Map.of(new KeyRange(0, Long.MAX_VALUE), 600L)), 1_000));
    assertThat(content.virtualNodes())
        .extracting(Volume::load)
        .containsExactly(200L, 200L, 300L, 300L);
    assertThat(content.virtualNodes()).extracting(Volume::rows).containsOnly(1L);
    assertThatThrownBy(() -> new VirtualNodeLoads(new TreeMap<>(Map.of(KeyRange.ALL, 10L)), 9))
        .hasMessage("the busiest have a load of 10, all only 9");
  }

  @Test
  void reportsOfRoutersThatKnowDifferentVirtualNodesAddUp() {
    KeyRange lower = new KeyRange(Long.MIN_VALUE, -1);
    KeyRange lowest = new KeyRange(Long.MIN_VALUE, Long.MIN_VALUE / 2 - 1);
    VirtualNodeLoads loads =
        new VirtualNodeLoads(new TreeMap<>(Map.of(lower, 400L)), 500)
            .plus(new VirtualNodeLoads(new TreeMap<>(Map.of(lowest, 100L, lower, 20L)), 220));
    assertThat(
            content(PLACEMENT, volume(1), volume(1), volume(1), volume(1))
                .withLoad(loads)
                .virtualNodes())
        .extracting(Volume::load)
        .containsExactly(310L, 210L, 100L, 100L);
  }

  @Test
  void theLoadOfAPinCountsOnItsShardAndOneThatIsGoneOnItsVirtualNode() {
    Placement pinned = new Placement(PLACEMENT.ring(), Pins.of(List.of(new Pin("p", 5, id(1)))));
    VirtualNodeLoads loads =
        new VirtualNodeLoads(new TreeMap<>(Map.of(KeyRange.of(5), 70L, KeyRange.of(-5), 30L)), 100);
    RingContent content =
        new RingContent(
                TestRings.SHOP,
                pinned,
                List.of(volume(1), volume(1), volume(1), volume(1)),
                new TreeMap<>(Map.of(5L, volume(9).withLoad(1_000))),
                List.of())
            .withLoad(loads);
    assertThat(content.pinned()).containsOnly(Map.entry(5L, volume(9).withLoad(70)));
    assertThat(content.virtualNodes()).extracting(Volume::load).containsExactly(0L, 30L, 0L, 0L);
    assertThat(content.byShard().values()).extracting(Volume::load).containsExactly(0L, 100L);
    Skew skew = Skew.of(content, Goal.LOAD, weights(2));
    assertThat(skew.largestKeys())
        .containsExactly(new HeavyKey("p", 5, volume(9).withLoad(70), true));
  }

  @Test
  void theRestOfTheLoadIsSpreadByVirtualNodesOnARangeRing() {
    Placement ranges = Placement.of(PlacementByTokens.splitAt(List.of(0L, 100L, 200L), weights(2)));
    RingContent content =
        content(ranges, volume(1), volume(1), volume(1), volume(1))
            .withLoad(new VirtualNodeLoads(new TreeMap<>(Map.of(new KeyRange(0, 99), 70L)), 100));
    assertThat(content.virtualNodes()).extracting(Volume::load).containsExactly(10L, 70L, 10L, 10L);
  }

  @Test
  void everyRingHasASkewOfTokensAndOfWhatWasMeasured() {
    RingContent content = content(PLACEMENT, volume(300), volume(100), volume(300), volume(200));
    List<Skew> skews = Skew.allOf(TestRings.hashed(weights(2), PLACEMENT), content);
    assertThat(skews).extracting(Skew::goal).containsExactly(Goal.TOKENS, Goal.ROWS, Goal.BYTES);
    Skew rows = skews.get(1);
    assertThat(rows.fullestNodes()).hasSize(4);
    assertThat(rows.fullestNodes().get(3).node()).isEqualTo(PLACEMENT.ring().virtualNode(1));
    assertThat(rows.fullestNodes().get(0).amount()).isCloseTo(300, within(0.1));
    Placement single = Placement.of(RangeRing.ownedBy(id(0)));
    assertThat(
            Skew.allOf(
                TestRings.topology(weights(2), Strategy.SINGLE, single),
                content(single, volume(100))))
        .isEmpty();
  }

  @Test
  void oneVolumeBelongsToEachVirtualNode() {
    assertThatThrownBy(() -> content(PLACEMENT, volume(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ring shop has 4 virtual nodes, measured were 1");
  }

  private static Volume volume(long rows) {
    return new Volume(rows, rows * 100, 0);
  }

  private static RingContent content(Placement placement, Volume... volumes) {
    return new RingContent(TestRings.SHOP, placement, List.of(volumes), new TreeMap<>(), List.of());
  }
}
