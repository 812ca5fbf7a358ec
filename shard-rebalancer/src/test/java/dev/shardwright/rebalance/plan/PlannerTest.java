package dev.shardwright.rebalance.plan;

import static dev.shardwright.rebalance.plan.TestRings.SHOP;
import static dev.shardwright.rebalance.plan.TestRings.draining;
import static dev.shardwright.rebalance.plan.TestRings.even;
import static dev.shardwright.rebalance.plan.TestRings.hashed;
import static dev.shardwright.rebalance.plan.TestRings.id;
import static dev.shardwright.rebalance.plan.TestRings.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveKey;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveTokens;
import dev.shardwright.rebalance.plan.RebalanceRequest.SplitRange;
import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.PostgresHash;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlannerTest {
  private static final Planner PLANNER = new Planner(PlanOptions.DEFAULTS);
  private static final long STEP = 1L << HashRing.GRID_BITS;

  @Property(generation = GenerationMode.EXHAUSTIVE)
  void movesTheOptimumOfTokensWhereShardsAreAdded(@ForAll @IntRange(min = 1, max = 64) int added) {
    int old = 1 + added % 5;
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(old), 64));
    Topology topology = hashed(weights(old + added), placement);
    RebalancePlan plan = PLANNER.plan(topology, List.of(), Balance.by(Goal.TOKENS));
    double moved = moved(plan) / 0x1p64;
    assertThat(moved).isCloseTo((double) added / (old + added), within(1e-6));
    assertThat(plan.rings().get(0).skewAfter()).isLessThanOrEqualTo(1.01);
    assertThat(plan.moves())
        .allSatisfy(move -> assertThat(number(move.transfer().source())).isLessThan(old))
        .allSatisfy(
            move -> assertThat(number(move.transfer().target())).isGreaterThanOrEqualTo(old));
  }

  /** With more than 128, not all of them give: each would give a sliver. */
  @ParameterizedTest
  @ValueSource(ints = {129, 150, 200, 1_000})
  void oneMoreOfManyShardsGetsItsShareFromSomeOfThem(int old) {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(old), 64));
    Topology topology = hashed(weights(old + 1), placement);
    RebalancePlan plan = PLANNER.plan(topology, List.of(), Balance.by(Goal.TOKENS));
    checkThatItAddsUp(topology, plan);
    assertThat(moved(plan) / 0x1p64).isCloseTo(1.0 / (old + 1), within(1e-6));
    assertThat(plan.moves()).hasSizeLessThanOrEqualTo(128);
    assertThat(plan.moves()).allMatch(move -> move.transfer().target().equals(id(old)));
    assertThat(plan.rings().get(0).skewAfter()).isLessThanOrEqualTo(1.01);
  }

  @Property(tries = 50)
  void whateverBecomesOfARingItsMovesAddUpToIt(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 60) int old,
      @ForAll @IntRange(max = 4) int added,
      @ForAll boolean leave,
      @ForAll boolean small) {
    Random random = new Random(seed);
    SortedMap<ShardId, Integer> all = weights(old + added);
    all.replaceAll((shard, weight) -> 50 + random.nextInt(200));
    Ring ring = PlacementByTokens.layOut(first(all, old), 1 + random.nextInt(40));
    Pins pins = Pins.NONE;
    for (int i = random.nextInt(8); i > 0; i--) {
      long token = ring.virtualNode(random.nextInt(ring.size())).range().first() + i % 2;
      pins = pins.without(token).with(new Pin("p" + i, token, id(random.nextInt(old))));
    }
    Placement placement = new Placement(ring, pins);
    Topology topology = hashed(all, placement);
    RingContent content = TestRings.random(placement, random, List.of());
    PlanOptions options =
        PlanOptions.DEFAULTS.withMostBytesPerMove(
            small ? 1_000_000 * (1L + random.nextInt(50)) : Long.MAX_VALUE);
    for (Goal goal : Goal.values()) {
      Balance request = Balance.by(goal);
      request = leave && old + added > 1 ? request.without(id(0)) : request;
      RebalancePlan plan = new Planner(options).plan(topology, List.of(content), request);
      checkThatItAddsUp(topology, plan);
      assertThat(plan.rings().get(0).skewAfter()).isLessThanOrEqualTo(1.05);
    }
  }

  @Property(tries = 200)
  void balancesBytesWhateverIsWhere(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int old,
      @ForAll @IntRange(max = 4) int added,
      @ForAll boolean drain) {
    Random random = new Random(seed);
    SortedMap<ShardId, Integer> all = weights(old + added);
    all.replaceAll((shard, weight) -> 50 + random.nextInt(200));
    Placement placement = Placement.of(PlacementByTokens.layOut(first(all, old), 16));
    Topology topology = hashed(all, placement);
    boolean drained = drain && old + added > 1;
    if (drained) {
      topology = draining(topology, id(0));
    }
    List<HeavyKey> keys = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      long rows = random.nextInt(50_000);
      keys.add(new HeavyKey("k" + i, random.nextLong(), new Volume(rows, rows * 100, 0)));
    }
    RingContent content = TestRings.random(placement, random, keys);
    for (Goal goal : List.of(Goal.ROWS, Goal.BYTES, Goal.LOAD)) {
      RebalancePlan plan = PLANNER.plan(topology, List.of(content), Balance.by(goal));
      checkThatItAddsUp(topology, plan);
      PlannedRing ring = plan.rings().get(0);
      if (ring.unbalanced().isEmpty()) {
        assertThat(ring.skewAfter()).isLessThanOrEqualTo(1.05);
      } else {
        assertThat(ring.unbalanced()).allSatisfy(why -> assertThat(why).contains("key 'k"));
      }
      if (drained) { // what it has must go somewhere, a heavy key too
        assertThat(ring.placement().owners()).doesNotContain(id(0));
      } else {
        assertThat(ring.skewAfter()).isLessThanOrEqualTo(Math.max(1.05, ring.skewBefore() + 1e-9));
      }
    }
  }

  @Property(tries = 50)
  void movesLittleMoreThanWhatIsTooMuch(@ForAll long seed) {
    Random random = new Random(seed);
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(6), 32));
    RingContent content = TestRings.random(placement, random, List.of());
    RebalancePlan plan =
        PLANNER.plan(hashed(weights(8), placement), List.of(content), Balance.by(Goal.BYTES));
    double tooMuch =
        Skew.of(content, Goal.BYTES, weights(8)).shards().values().stream()
            .mapToDouble(part -> Math.max(0, part.amount() - part.share()))
            .sum();
    assertThat((double) plan.volume().bytes()).isBetween(0.95 * tooMuch, 1.001 * tooMuch);
  }

  @Property(tries = 50)
  void sameInputInAnyOrderGivesTheSamePlan(@ForAll long seed) {
    Random random = new Random(seed);
    SortedMap<Region, Placement> placements = new TreeMap<>();
    Topology topology = Topology.INITIAL;
    List<RingContent> contents = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Region region = Region.of("r" + i);
      Placement placement = Placement.of(PlacementByTokens.layOut(Map.of(id(i), 100), 8));
      placements.put(region, placement);
      topology = topology.withShard(TestRings.shard(id(i)).withRegion(region));
      topology = topology.withShard(TestRings.shard(id(i + 3)).withRegion(region));
      List<HeavyKey> keys = new ArrayList<>();
      for (int k = 0; k < 5; k++) {
        keys.add(new HeavyKey("k" + k, random.nextLong(), new Volume(9_000, 900_000, 9)));
      }
      RingContent content = TestRings.random(placement, random, keys);
      contents.add(
          new RingContent(
              new RingId("shop", region),
              placement,
              content.virtualNodes(),
              content.pinned(),
              keys));
    }
    topology = topology.withKeyspace(TestRings.keyspace(Strategy.HASH, placements));
    RebalancePlan plan = PLANNER.plan(topology, contents, Balance.by(Goal.BYTES));
    List<RingContent> shuffled = new ArrayList<>();
    for (RingContent content : contents) {
      List<HeavyKey> keys = new ArrayList<>(content.heavyKeys());
      Collections.shuffle(keys, random);
      shuffled.add(
          new RingContent(
              content.id(), content.placement(), content.virtualNodes(), content.pinned(), keys));
    }
    Collections.shuffle(shuffled, random);
    RebalancePlan again = PLANNER.plan(topology, shuffled, Balance.by(Goal.BYTES));
    assertThat(again).isEqualTo(plan);
    assertThat(again.describe()).isEqualTo(plan.describe());
    for (PlannedMove move : plan.moves()) {
      assertThat(number(move.transfer().target()))
          .as("stays in its region")
          .isEqualTo(number(move.transfer().source()) + 3);
    }
    assertThat(plan.moves()).hasSize(3);
  }

  @Test
  void saysWhichKeyAloneExceedsItsShareAndBalancesTheRest() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(4), 16));
    HeavyKey whale = new HeavyKey("whale", 42, new Volume(3_000_000, 90_000_000, 0));
    RingContent content = TestRings.random(placement, new Random(1), List.of(whale));
    RebalancePlan plan =
        PLANNER.plan(hashed(weights(4), placement), List.of(content), Balance.by(Goal.ROWS));
    PlannedRing ring = plan.rings().get(0);
    ShardId holder = placement.ownerOf(42);
    assertThat(ring.placement().ownerOf(42)).isEqualTo(holder);
    assertThat(ring.unbalanced()).hasSize(1);
    assertThat(ring.unbalanced().get(0))
        .startsWith(holder + " stays at ")
        .contains("key 'whale' (token 42) alone exceeds it");
    assertThat(plan.describe()).contains("not balanced: " + ring.unbalanced().get(0));
    long others = content.total().rows() - whale.volume().rows();
    Measure after = new Measure(content, Goal.ROWS);
    for (int i = 0; i < 4; i++) {
      double rows = after.of(ring.placement().rangesOf(id(i)));
      assertThat(rows)
          .isCloseTo(id(i).equals(holder) ? 3_000_000 : others / 3.0, within(0.02 * others));
    }
  }

  /** On three shards, and on those with an empty one beside them; a second plan moves nothing. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void balancesTheRestBesideAPinnedKeyThatExceedsItsShare(int shards) {
    Ring ring = PlacementByTokens.layOut(weights(3), 16);
    Placement placement =
        new Placement(ring, Pins.of(List.of(new Pin("whale", 42, id(0)), new Pin("x", 5, id(1)))));
    List<Volume> volumes = Collections.nCopies(ring.size(), new Volume(1_000, 50_000, 0));
    double rest = 1_000.0 * ring.size() + 500;
    SortedMap<Long, Volume> pinned =
        new TreeMap<>(
            Map.of(42L, new Volume(72_000, 3_600_000, 0), 5L, new Volume(500, 25_000, 0)));
    RingContent content = new RingContent(SHOP, placement, volumes, pinned, List.of());
    Topology topology = hashed(weights(shards), placement);
    RebalancePlan plan = PLANNER.plan(topology, List.of(content), Balance.by(Goal.ROWS));
    checkThatItAddsUp(topology, plan);
    Measure after = new Measure(content, Goal.ROWS);
    PlannedRing planned = plan.rings().get(0);
    assertThat(after.of(planned.placement().rangesOf(id(0)))).isCloseTo(72_000, within(200.0));
    for (int i = 1; i < shards; i++) {
      assertThat(after.of(planned.placement().rangesOf(id(i))))
          .isCloseTo(rest / (shards - 1), within(200.0));
    }
    assertThat(planned.unbalanced()).hasSize(1);
    assertThat(planned.unbalanced().get(0))
        .startsWith("s0 stays at ")
        .contains("key 'whale' (token 42), pinned there, alone exceeds it");
  }

  @Test
  void aKeyThatFillsItsShardBesidePinsLeavesTheOthersEven() {
    Ring ring = PlacementByTokens.layOut(weights(4), 16);
    ShardId holder = ring.ownerOf(42);
    Placement placement = new Placement(ring, Pins.of(List.of(new Pin("x", 5, holder))));
    List<Volume> volumes = new ArrayList<>(Collections.nCopies(64, new Volume(1_000, 50_000, 0)));
    HeavyKey whale = new HeavyKey("whale", 42, new Volume(100_000, 5_000_000, 0));
    volumes.set(ring.indexOf(42), whale.volume());
    SortedMap<Long, Volume> pinned = new TreeMap<>(Map.of(5L, new Volume(20_000, 1_000_000, 0)));
    RingContent content = new RingContent(SHOP, placement, volumes, pinned, List.of(whale));
    Topology topology = hashed(weights(4), placement);
    RebalancePlan plan = PLANNER.plan(topology, List.of(content), Balance.by(Goal.ROWS));
    checkThatItAddsUp(topology, plan);
    Measure after = new Measure(content, Goal.ROWS);
    for (ShardId shard : weights(4).keySet()) {
      assertThat(after.of(plan.rings().get(0).placement().rangesOf(shard)))
          .isCloseTo(shard.equals(holder) ? 120_000 : 63_000 / 3.0, within(200.0));
    }
  }

  @Test
  void drainsEverythingPinsToo() {
    Placement placement =
        new Placement(
            PlacementByTokens.layOut(weights(3), 8),
            Pins.of(List.of(new Pin("x", 5, id(1)), new Pin("y", 6, id(0)))));
    Topology topology = draining(hashed(weights(3), placement), id(1));
    RingContent content = even(placement, new Volume(10, 1_000, 1));
    for (Goal goal : Goal.values()) {
      RebalancePlan plan = PLANNER.plan(topology, List.of(content), Balance.by(goal));
      checkThatItAddsUp(topology, plan);
      Placement after = plan.rings().get(0).placement();
      assertThat(after.owners()).containsExactly(id(0), id(2));
      assertThat(after.pins().ownerOf(6)).isEqualTo(id(0));
      assertThat(plan.describe()).contains("s1 is to be empty");
      assertThat(
              PLANNER
                  .plan(
                      hashed(weights(3), placement),
                      List.of(content),
                      Balance.by(goal).without(id(1)))
                  .moves())
          .isEqualTo(plan.moves());
    }
  }

  @Test
  void aWeightIsFollowedByWhatTheShardHas() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(4), 16));
    Topology topology = hashed(weights(4), placement);
    RingContent content = even(placement, new Volume(1_000, 100_000, 10));
    for (Goal goal : Goal.values()) {
      RebalancePlan plan =
          PLANNER.plan(topology, List.of(content), Balance.by(goal).weighing(id(2), 200));
      KeyRangeSet ranges = plan.rings().get(0).placement().rangesOf(id(2));
      assertThat(Tokens.in(ranges) / 0x1p64).isCloseTo(0.4, within(0.01));
      assertThat(plan.moves()).hasSize(3);
    }
  }

  @Test
  void neverCrossesRegionsAndSaysWhereNobodyCanTake() {
    Region eu = Region.of("eu");
    Region us = Region.of("us");
    Placement placement = Placement.of(PlacementByTokens.layOut(Map.of(id(0), 100), 4));
    Placement other = Placement.of(PlacementByTokens.layOut(Map.of(id(1), 100), 4));
    Topology topology =
        Topology.INITIAL
            .withShard(TestRings.shard(id(0)).withRegion(eu))
            .withShard(TestRings.shard(id(1)).withRegion(us))
            .withKeyspace(
                TestRings.keyspace(Strategy.HASH, new TreeMap<>(Map.of(eu, placement, us, other))));
    RebalancePlan plan = PLANNER.plan(topology, List.of(), Balance.by(Goal.TOKENS).without(id(0)));
    assertThat(plan.moves()).isEmpty();
    assertThat(plan.rings().get(0).unbalanced())
        .containsExactly("no shard there may take what [s0] should give");
    assertThat(plan.rings().get(0).notEmptied()).containsExactly(id(0));
    assertThat(plan.rings().get(1).notEmptied()).isEmpty();
    RingId ring = new RingId("shop", eu);
    assertThatThrownBy(() -> PLANNER.plan(topology, List.of(), new MoveKey(ring, "5", id(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shard s1 is of region us, nothing of ring shop/eu may go there");
  }

  @Test
  void aKeyMovesAsAPinAndARangeMoveOfItsToken() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(3), 8));
    Topology topology = hashed(weights(3), placement);
    long token = PostgresHash.hashInt8(4711);
    ShardId owner = placement.ownerOf(token);
    ShardId target = owner.equals(id(2)) ? id(0) : id(2);
    HeavyKey tenant = new HeavyKey("4711", token, new Volume(500, 60_000_000, 7));
    RingContent content = TestRings.random(placement, new Random(7), List.of(tenant));
    RebalancePlan plan =
        PLANNER.plan(topology, List.of(content), new MoveKey(SHOP, "4711", target));
    assertThat(plan.moves()).hasSize(1);
    PlannedMove move = plan.moves().get(0);
    assertThat(move.transfer().ranges()).isEqualTo(KeyRangeSet.of(KeyRange.of(token)));
    assertThat(move.volume()).isEqualTo(tenant.volume());
    assertThat(move.estimate()).isEqualTo(Duration.ofMillis(1_200));
    assertThat(plan.rings().get(0).pinned()).contains(new Pin("4711", token, owner));
    assertThat(plan.pinOf(move)).contains(new Pin("4711", token, owner));
    assertThat(plan.rings().get(0).placement())
        .isEqualTo(
            new Placement(placement.ring(), Pins.of(List.of(new Pin("4711", token, target)))));
    assertThat(plan.describe())
        .contains("key '4711', on " + owner + " now, is pinned")
        .contains("key '4711' (token " + token + ") is wanted on " + target)
        .contains("500 rows, 60.0 MB, about 1 s");
  }

  @Test
  void aKeyThatIsThereIsOnlyPinnedAndAPinThatIsThereOnlyMoved() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(2), 8));
    long token = PostgresHash.hashInt8(5);
    ShardId owner = placement.ownerOf(token);
    ShardId other = owner.equals(id(0)) ? id(1) : id(0);
    RebalancePlan pinned =
        PLANNER.plan(hashed(weights(2), placement), List.of(), new MoveKey(SHOP, "5", owner));
    assertThat(pinned.moves()).isEmpty();
    Placement after = pinned.rings().get(0).placement();
    assertThat(after.pins().ownerOf(token)).isEqualTo(owner);
    RebalancePlan moved =
        PLANNER.plan(hashed(weights(2), after), List.of(), new MoveKey(SHOP, "5", other));
    assertThat(moved.rings().get(0).pinned()).isEmpty();
    assertThat(moved.pinOf(moved.moves().get(0))).isEmpty();
    assertThat(moved.rings().get(0).placement().pins().all())
        .containsExactly(new Pin("5", token, other));
  }

  @Test
  void aKeyThatIsMovingAlreadyIsNeitherPinnedNorMoved() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(3), 8));
    long token = PostgresHash.hashInt8(5);
    ShardId owner = placement.ownerOf(token);
    ShardId other = owner.equals(id(0)) ? id(1) : id(0);
    KeyRangeSet moving =
        KeyRangeSet.of(placement.ring().virtualNode(placement.ring().indexOf(token)).range());
    Topology topology =
        hashed(weights(3), placement)
            .withMove(RangeMove.of(7, "shop", Region.ALL, owner, other, moving, 1));
    for (ShardId target : List.of(owner, other)) {
      RebalancePlan plan = PLANNER.plan(topology, List.of(), new MoveKey(SHOP, "5", target));
      assertThat(plan.moves()).isEmpty();
      assertThat(plan.rings().get(0).pinned()).isEmpty();
      assertThat(plan.describe()).contains("not balanced: key '5' stays as it is on " + owner);
    }
  }

  @Test
  void setsOfTokensMoveFromWhoeverHasThem() {
    Placement placement =
        new Placement(
            PlacementByTokens.layOut(weights(3), 1), Pins.of(List.of(new Pin("x", 5, id(0)))));
    KeyRangeSet tokens = KeyRangeSet.of(new KeyRange(-STEP, STEP - 1));
    Topology topology = hashed(weights(3), placement);
    RebalancePlan plan = PLANNER.plan(topology, List.of(), new MoveTokens(SHOP, tokens, id(2)));
    checkThatItAddsUp(topology, plan);
    Placement after = plan.rings().get(0).placement();
    assertThat(after.rangesOf(id(2))).isEqualTo(placement.rangesOf(id(2)).union(tokens));
    assertThat(after.pins().ownerOf(5)).isEqualTo(id(2));
  }

  @Test
  void aHotRangeIsSplit() {
    Placement placement = Placement.of(PlacementByTokens.splitAt(List.of(0L, 100L), weights(2)));
    Topology topology = TestRings.topology(weights(2), Strategy.RANGE, placement);
    KeyRange hot = new KeyRange(0, 99);
    RebalancePlan plan =
        PLANNER.plan(topology, List.of(), SplitRange.inHalf(SHOP, Strategy.RANGE, hot, id(1)));
    assertThat(plan.moves()).hasSize(1);
    assertThat(plan.moves().get(0).transfer().ranges())
        .isEqualTo(KeyRangeSet.of(new KeyRange(50, 99)));
    assertThat(plan.rings().get(0).placement().ring())
        .isEqualTo(PlacementByTokens.splitAt(List.of(0L, 50L, 100L), weights(2)));

    Placement hash = Placement.of(PlacementByTokens.layOut(weights(2), 3));
    KeyRange node = hash.ring().virtualNode(0).range();
    SplitRange split = SplitRange.inHalf(SHOP, Strategy.HASH, node, id(1));
    assertThat(split.at() % STEP).isZero();
    assertThat(PLANNER.plan(hashed(weights(2), hash), List.of(), split).moves()).hasSize(1);
    ShardId other = hash.ownerOf(77).equals(id(0)) ? id(1) : id(0);
    assertThatThrownBy(
            () ->
                PLANNER.plan(hashed(weights(2), hash), List.of(), new SplitRange(SHOP, 77, other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("neither on the grid");
    assertThatThrownBy(
            () -> SplitRange.inHalf(SHOP, Strategy.HASH, new KeyRange(0, STEP - 1), id(1)))
        .hasMessageContaining("too small to be split");
  }

  /** As after a split that was rolled back. */
  @Test
  void aSplitWhereAVirtualNodeBeginsSaysWhatMovesItInstead() {
    Placement placement = Placement.of(PlacementByTokens.splitAt(List.of(0L, 100L), weights(2)));
    Topology topology = TestRings.topology(weights(2), Strategy.RANGE, placement);
    ShardId other = placement.ownerOf(100).equals(id(0)) ? id(1) : id(0);
    assertThatThrownBy(() -> PLANNER.plan(topology, List.of(), new SplitRange(SHOP, 100, other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("begins at 100 already; it is split there")
        .hasMessageEndingWith("move it with MoveTokens");
  }

  @Test
  void largeMovesAreSplitIntoSteps() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(1), 16));
    Topology topology = hashed(weights(2), placement);
    RingContent content = even(placement, new Volume(1_000, 1_000_000, 1));
    for (long most : new long[] {8_000_000, 3_000_000, 300_000}) {
      Planner planner = new Planner(PlanOptions.DEFAULTS.withMostBytesPerMove(most));
      for (Goal goal : List.of(Goal.TOKENS, Goal.BYTES)) {
        RebalancePlan plan = planner.plan(topology, List.of(content), Balance.by(goal));
        checkThatItAddsUp(topology, plan);
        assertThat(plan.moves())
            .allSatisfy(move -> assertThat(move.volume().bytes()).isBetween(1L, most));
        assertThat(plan.volume().bytes()).isCloseTo(8_000_000, within(100_000L));
        assertThat(plan.moves().size()).isEqualTo(most == 8_000_000 ? 1 : plan.moves().size());
      }
    }
  }

  /** The first: a pinned token by itself. The second: all of a step but the pinned token. */
  @ParameterizedTest
  @ValueSource(longs = {7, STEP - 1})
  void stepsAreWholeBesidePinnedTokensOfAMove(long place) {
    Ring ring = PlacementByTokens.layOut(weights(1), 16);
    List<Pin> pins = new ArrayList<>();
    List<KeyRange> ranges = new ArrayList<>();
    for (VirtualNode node : ring.virtualNodes()) {
      long first = node.range().first();
      pins.add(new Pin("p" + first, first + place, id(0)));
      ranges.add(place == 7 ? KeyRange.of(first + 7) : new KeyRange(first, first + place - 1));
    }
    Placement placement = new Placement(ring, Pins.of(pins));
    KeyRangeSet moving = KeyRangeSet.of(ranges);
    Topology topology =
        hashed(weights(2), placement)
            .withMove(RangeMove.of(7, "shop", Region.ALL, id(0), id(1), moving, 1));
    RingContent content = even(placement, new Volume(1_000, 1_000_000, 1));
    Planner planner = new Planner(PlanOptions.DEFAULTS.withMostBytesPerMove(300_000));
    for (Balance request :
        List.of(Balance.by(Goal.BYTES), Balance.by(Goal.TOKENS).without(id(0)))) {
      RebalancePlan plan = planner.plan(topology, List.of(content), request);
      checkThatItAddsUp(topology, plan);
      assertThat(plan.moves())
          .hasSizeGreaterThan(16)
          .allMatch(move -> move.volume().bytes() <= 300_000)
          .allMatch(move -> move.transfer().ranges().intersection(moving).isEmpty());
      assertThat(plan.rings().get(0).placement().pins().all()).isEqualTo(pins);
    }
  }

  @Test
  void rangeRingsAreBalancedByWholeVirtualNodes() {
    List<Long> points = new ArrayList<>();
    for (long point = 1; point < 40; point++) {
      points.add(point * 100);
    }
    Placement placement = Placement.of(PlacementByTokens.splitAt(points, weights(1)));
    Topology topology = TestRings.topology(weights(4), Strategy.RANGE, placement);
    RingContent content = TestRings.random(placement, new Random(3), List.of());
    RebalancePlan plan = PLANNER.plan(topology, List.of(content), Balance.by(Goal.ROWS));
    checkThatItAddsUp(topology, plan);
    PlannedRing ring = plan.rings().get(0);
    assertThat(ring.skewAfter()).isLessThan(1.05);
    assertThat(ring.placement().ring().size()).isEqualTo(40);
  }

  @Test
  void aSingleKeyspaceMovesOnlyIfItsShardIsToBeEmpty() {
    Placement placement = Placement.of(RangeRing.ownedBy(id(0)));
    Topology topology = TestRings.topology(weights(3), Strategy.SINGLE, placement);
    assertThat(PLANNER.plan(topology, List.of(), Balance.by(Goal.BYTES)).rings()).isEmpty();
    RebalancePlan plan = PLANNER.plan(topology, List.of(), Balance.by(Goal.BYTES).without(id(0)));
    assertThat(plan.moves()).hasSize(1);
    assertThat(plan.rings().get(0).placement().owners()).doesNotContain(id(0)).hasSize(1);
  }

  @Test
  void whatIsEvenStaysAndWhatIsUnmeasuredIsSaid() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(5), 64));
    Topology topology = hashed(weights(5), placement);
    for (Goal goal : Goal.values()) {
      assertThat(PLANNER.plan(topology, List.of(), Balance.by(goal)).moves()).isEmpty();
    }
    assertThat(PLANNER.plan(topology, List.of(), Balance.by(Goal.ROWS)).describe())
        .startsWith("Plan: balance by rows. Nothing to move")
        .contains("no rows were measured here");
  }

  @Test
  void whatIsMovingAlreadyStaysAndIsSaid() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(2), 4));
    KeyRange moving = placement.ring().virtualNode(0).range();
    RangeMove moved =
        RangeMove.of(
            7,
            "shop",
            Region.ALL,
            id(0),
            id(2),
            KeyRangeSet.of(KeyRange.of(moving.first() + 5)),
            1);
    Topology topology = hashed(weights(3), placement).withMove(moved);
    for (Goal goal : Goal.values()) {
      RebalancePlan plan = PLANNER.plan(topology, List.of(), Balance.by(goal).without(id(0)));
      checkThatItAddsUp(topology, plan);
      for (PlannedMove planned : plan.moves()) {
        assertThat(planned.transfer().ranges().intersection(moved.ranges()).isEmpty()).isTrue();
      }
      assertThat(plan.describe()).contains("not balanced: s0 keeps key range [" + moving.first());
      assertThat(Tokens.in(plan.rings().get(0).placement().rangesOf(id(0))))
          .isLessThanOrEqualTo(2.0 * STEP);
    }
  }

  @Test
  void refusesWhatIsNotThere() {
    Placement placement = Placement.of(PlacementByTokens.layOut(weights(2), 4));
    Topology topology = draining(hashed(weights(2), placement), id(1));
    assertThatThrownBy(
            () -> PLANNER.plan(topology, List.of(), Balance.by(Goal.ROWS).without(id(7))))
        .hasMessage("there is no shard s7, there are [s0, s1]");
    assertThatThrownBy(() -> PLANNER.plan(topology, List.of(), new MoveKey(SHOP, "5", id(1))))
        .hasMessage("shard s1 is DRAINING, nothing may go there");
    RingId unknown = new RingId("nowhere", Region.ALL);
    assertThatThrownBy(() -> PLANNER.plan(topology, List.of(), new MoveKey(unknown, "5", id(0))))
        .hasMessage("there is no ring nowhere, there are [shop]");
    assertThatThrownBy(() -> PLANNER.plan(topology, List.of(), new MoveKey(SHOP, "five", id(0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("five");
    RingContent old =
        RingContent.unmeasured(SHOP, Placement.of(PlacementByTokens.layOut(weights(2), 5)));
    assertThatThrownBy(() -> PLANNER.plan(topology, List.of(old), Balance.by(Goal.ROWS)))
        .hasMessageContaining("measured at another placement");
  }

  /** The moves lead from the topology to the plan's rings, each moves what its source has. */
  private static void checkThatItAddsUp(Topology topology, RebalancePlan plan) {
    for (PlannedRing ring : plan.rings()) {
      Placement placement =
          topology.keyspace(ring.id().keyspace()).orElseThrow().placement(ring.id().region());
      for (PlannedMove move : plan.moves()) {
        if (move.ring().equals(ring.id())) {
          placement = placement.transfer(move.transfer());
          assertThat(move.reason()).isNotEmpty();
        }
      }
      assertThat(placement).isEqualTo(ring.placement());
    }
  }

  private static double moved(RebalancePlan plan) {
    return plan.moves().stream().mapToDouble(move -> Tokens.in(move.transfer().ranges())).sum();
  }

  private static int number(ShardId shard) {
    return Integer.parseInt(shard.value().substring(1));
  }

  private static Map<ShardId, Integer> first(SortedMap<ShardId, Integer> weights, int count) {
    Map<ShardId, Integer> first = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      first.put(id(i), weights.get(id(i)));
    }
    return first;
  }
}
