package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PlacementTransferTest {
  private static final ShardId A = ShardId.of("s0");
  private static final ShardId B = ShardId.of("s1");
  private static final ShardId C = ShardId.of("s2");
  private static final long STEP = 1L << HashRing.GRID_BITS;

  private static final Placement HASH =
      Placement.of(
          HashRing.of(
              List.of(
                  new VirtualNode(new KeyRange(Long.MIN_VALUE, -1), A),
                  new VirtualNode(new KeyRange(0, Long.MAX_VALUE), B))));
  private static final Placement RANGE = Placement.of(RangeRing.of(HASH.ring().virtualNodes()));

  @Test
  void splitsVirtualNodesAtTheEndsOfTheRanges() {
    Placement after = transfer(HASH, B, C, new KeyRange(STEP, 3 * STEP - 1));
    assertThat(after.ring().virtualNodes())
        .containsExactly(
            new VirtualNode(new KeyRange(Long.MIN_VALUE, -1), A),
            new VirtualNode(new KeyRange(0, STEP - 1), B),
            new VirtualNode(new KeyRange(STEP, 3 * STEP - 1), C),
            new VirtualNode(new KeyRange(3 * STEP, Long.MAX_VALUE), B));
    assertThat(transfer(RANGE, B, C, new KeyRange(5, 5)).ring().virtualNode(2))
        .isEqualTo(new VirtualNode(KeyRange.of(5), C));
  }

  @Test
  void keepsTheVirtualNodesWithinTheRanges() {
    Placement after =
        transfer(transfer(HASH, A, B, HASH.ring().virtualNode(0).range()), B, C, KeyRange.ALL);
    assertThat(after.ring().size()).isEqualTo(2);
    assertThat(after.owners()).containsExactly(C);
  }

  @Test
  void aSingleTokenOfAHashRingBecomesAPinAndThenMovesAsOne() {
    Placement pinned = transfer(HASH, B, C, KeyRange.of(5));
    assertThat(pinned.ring()).isEqualTo(HASH.ring());
    assertThat(pinned.pins().all()).containsExactly(new Pin("token 5", 5, C));
    Placement moved = transfer(pinned, C, A, KeyRange.of(5));
    assertThat(moved.ring()).isEqualTo(HASH.ring());
    assertThat(moved.pins().all()).containsExactly(new Pin("token 5", 5, A));
  }

  @Test
  void pinsInTheRangesMoveAlongUnderTheirNames() {
    Placement before =
        new Placement(HASH.ring(), Pins.of(List.of(new Pin("x", 5, B), new Pin("y", -5, B))));
    Placement after = transfer(before, B, C, new KeyRange(0, STEP - 1));
    assertThat(after.pins().all()).containsExactly(new Pin("y", -5, B), new Pin("x", 5, C));
    assertThat(after.ring().ownerOf(5)).isEqualTo(C);
  }

  @Test
  void aPinToAnotherShardStaysAndBreaksNoRange() {
    for (Placement base : List.of(HASH, RANGE)) {
      for (long token : new long[] {0, 5, STEP - 1}) {
        Placement before = new Placement(base.ring(), Pins.of(List.of(new Pin("x", token, A))));
        KeyRangeSet ranges =
            KeyRangeSet.of(new KeyRange(0, STEP - 1)).minus(KeyRangeSet.of(KeyRange.of(token)));
        Placement after = before.transfer(new RangeTransfer(B, C, ranges));
        assertThat(after.rangesOf(C)).isEqualTo(ranges);
        assertThat(after.pins()).isEqualTo(before.pins());
        if (base.ring() instanceof HashRing || token == 5) {
          assertThat(after.ring().rangesOf(C)).isEqualTo(KeyRangeSet.of(new KeyRange(0, STEP - 1)));
        }
      }
    }
  }

  @Test
  void refusesTokensOfOthersAndBoundariesOffTheGrid() {
    assertThatThrownBy(() -> transfer(HASH, B, C, new KeyRange(-1, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shard s1 cannot give away {[-1, -1]}");
    assertThatThrownBy(() -> transfer(HASH, B, C, new KeyRange(0, STEP + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[4294967296, 4294967297] is neither");
    assertThatThrownBy(() -> transfer(HASH, B, C, new KeyRange(4, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[4, 5] is neither on the grid of 2^32 tokens nor a single token");
  }

  @Test
  void nothingIsLeftOfAVirtualNodeOfWhichOnlyPinnedTokensStay() {
    Placement before = new Placement(RANGE.ring(), Pins.of(List.of(new Pin("x", 0, A))));
    Placement after = transfer(before, B, C, new KeyRange(1, Long.MAX_VALUE));
    assertThat(after.owners()).containsExactly(A, C);
    assertThat(after.ring().size()).isEqualTo(2);
    assertThat(after.pins()).isEqualTo(before.pins());
  }

  @Property
  void movesTheRangesAndNothingElse(
      @ForAll long seed, @ForAll @IntRange(max = 30) int boundaries, @ForAll boolean hashed) {
    Random random = new Random(seed);
    Ring hash = Rings.random(boundaries, 3, random);
    Ring ring = hashed ? hash : RangeRing.of(hash.virtualNodes());
    Pins pins = Pins.NONE;
    for (int i = random.nextInt(6); i > 0; i--) {
      VirtualNode node = ring.virtualNode(random.nextInt(ring.size()));
      long[] tokens = {node.range().first(), node.range().last(), random.nextLong()};
      long token = tokens[random.nextInt(3)];
      pins = pins.without(token).with(new Pin("k" + i, token, anyShard(random)));
    }
    Placement before = new Placement(ring, pins);
    ShardId source = anyShard(random);
    List<KeyRange> some =
        Rings.random(20, 2, random).rangesOf(A).ranges().stream()
            .filter(range -> random.nextBoolean())
            .toList();
    KeyRangeSet ranges = KeyRangeSet.of(some).intersection(before.rangesOf(source));
    if (ranges.isEmpty()) {
      return;
    }
    ShardId target = ShardId.of("new");
    Placement after = before.transfer(new RangeTransfer(source, target, ranges));
    assertThat(after.rangesOf(target)).isEqualTo(ranges);
    for (ShardId shard : new TreeSet<>(before.owners())) {
      KeyRangeSet lost = shard.equals(source) ? ranges : KeyRangeSet.EMPTY;
      assertThat(after.rangesOf(shard)).isEqualTo(before.rangesOf(shard).minus(lost));
    }
    assertThat(after.pins().all()).hasSameSizeAs(before.pins().all());
    assertThat(after.transfer(new RangeTransfer(target, source, ranges)).rangesOf(source))
        .isEqualTo(before.rangesOf(source));
  }

  @Property
  void someTransfersAtOnceAreTheSameAsOneAfterTheOther(
      @ForAll long seed, @ForAll @IntRange(max = 30) int boundaries, @ForAll boolean hashed) {
    Random random = new Random(seed);
    Ring hash = Rings.random(boundaries, 3, random);
    Ring ring = hashed ? hash : RangeRing.of(hash.virtualNodes());
    Pins pins = Pins.NONE;
    for (int i = random.nextInt(6); i > 0; i--) {
      VirtualNode node = ring.virtualNode(random.nextInt(ring.size()));
      long token = random.nextBoolean() ? node.range().first() : node.range().last();
      pins = pins.without(token).with(new Pin("k" + i, token, anyShard(random)));
    }
    Placement before = new Placement(ring, pins);
    Placement oneByOne = before;
    List<RangeTransfer> transfers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ShardId source = anyShard(random);
      KeyRangeSet ranges =
          Rings.random(20, 3, random).rangesOf(A).intersection(oneByOne.rangesOf(source));
      if (!ranges.isEmpty()) {
        RangeTransfer transfer = new RangeTransfer(source, source.equals(B) ? C : B, ranges);
        transfers.add(transfer);
        oneByOne = oneByOne.transfer(transfer);
      }
    }
    assertThat(before.transfer(transfers)).isEqualTo(oneByOne);
  }

  @Test
  void aTransferGivesWhatAnEarlierOneHasBrought() {
    Placement after =
        HASH.transfer(
            List.of(
                new RangeTransfer(A, B, KeyRangeSet.of(new KeyRange(-STEP, -1))),
                new RangeTransfer(B, C, KeyRangeSet.of(new KeyRange(-STEP, STEP - 1)))));
    assertThat(after.rangesOf(C)).isEqualTo(KeyRangeSet.of(new KeyRange(-STEP, STEP - 1)));
    assertThatThrownBy(
            () ->
                HASH.transfer(
                    List.of(
                        new RangeTransfer(B, C, KeyRangeSet.of(new KeyRange(0, STEP - 1))),
                        new RangeTransfer(B, A, KeyRangeSet.of(new KeyRange(0, 2 * STEP - 1))))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shard s1 cannot give away {[0, 4294967295]}");
  }

  private static ShardId anyShard(Random random) {
    return ShardId.of("s" + random.nextInt(3));
  }

  private static Placement transfer(
      Placement placement, ShardId source, ShardId target, KeyRange... ranges) {
    return placement.transfer(new RangeTransfer(source, target, KeyRangeSet.of(ranges)));
  }
}
