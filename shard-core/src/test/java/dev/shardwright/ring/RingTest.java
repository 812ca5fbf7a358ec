package dev.shardwright.ring;

import static java.lang.Long.MAX_VALUE;
import static java.lang.Long.MIN_VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both kinds of ring against a scan of their virtual nodes. */
class RingTest {
  private static final long STEP = 1L << HashRing.GRID_BITS;
  private static final ShardId A = ShardId.of("a");
  private static final ShardId B = ShardId.of("b");

  @Property(tries = 200)
  void findsTheOwnerThatAScanFinds(@ForAll long seed) {
    Random random = new Random(seed);
    HashRing ring = Rings.random(random.nextInt(100), 5, random);
    assertFindsEveryBoundary(ring);
    assertFindsEveryBoundary(RangeRing.of(ring.virtualNodes()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 16, 63, 64, 65, 1024, 1025})
  void findsOwnersInRingsOfEverySize(int size) {
    Random random = new Random(size);
    List<Long> crowdedLow = crowd(MIN_VALUE, size);
    List<Long> crowdedHigh = crowd(MIN_VALUE - size * STEP, size);
    List<Long> crowdedAroundZero = crowd(-size / 2 * STEP, size);
    List<Long> evenly =
        LongStream.range(0, size)
            .mapToObj(i -> MIN_VALUE + i * (HashRing.GRID_STEPS / size) * STEP)
            .toList();
    for (List<Long> boundaries : List.of(crowdedLow, crowdedHigh, crowdedAroundZero, evenly)) {
      assertFindsEveryBoundary(HashRing.of(Rings.virtualNodes(boundaries, 4, random)));
    }
  }

  @Test
  void findsOwnersInALargeRing() {
    Random random = new Random(1);
    HashRing ring = Rings.random(64_000, 1_000, random);
    assertThat(ring.size()).isGreaterThan(63_000);
    assertFindsEveryBoundary(ring);
    assertFindsEveryBoundary(HashRing.of(Rings.virtualNodes(crowd(0, 64_000), 9, random)));
  }

  @Test
  void rangeRingsSplitAtAnyToken() {
    Random random = new Random(2);
    List<Long> boundaries = List.of(MIN_VALUE + 1, -1L, 0L, 1L, 2L, MAX_VALUE - 1, MAX_VALUE);
    assertFindsEveryBoundary(RangeRing.of(Rings.virtualNodes(boundaries, 3, random)));
    assertThat(RangeRing.ownedBy(A).ownerOf(random.nextLong())).isEqualTo(A);
  }

  /** Boundaries at neighbouring grid steps. */
  private static List<Long> crowd(long first, int size) {
    return LongStream.range(0, size).mapToObj(i -> first + i * STEP).toList();
  }

  private static void assertFindsEveryBoundary(Ring ring) {
    assertThat(ring.virtualNodes()).hasSize(ring.size());
    int index = 0;
    for (VirtualNode node : ring.virtualNodes()) {
      long first = node.range().first();
      long last = node.range().last();
      long middle = (first & last) + ((first ^ last) >> 1);
      for (long token : new long[] {first, middle, last}) {
        if (ring.indexOf(token) != index || !ring.ownerOf(token).equals(node.owner())) {
          assertThat(ring.indexOf(token)).as("virtual node of token %s", token).isEqualTo(index);
          assertThat(ring.ownerOf(token)).as("owner of token %s", token).isEqualTo(node.owner());
        }
      }
      if (!ring.virtualNode(index).equals(node)) {
        assertThat(ring.virtualNode(index)).isEqualTo(node);
      }
      index++;
    }
  }

  @Property(tries = 50)
  void rangesOfAllOwnersAreTheWholeRing(@ForAll long seed) {
    HashRing ring = Rings.random(40, 5, new Random(seed));
    KeyRangeSet all = KeyRangeSet.EMPTY;
    for (ShardId shard : ring.owners()) {
      KeyRangeSet ranges = ring.rangesOf(shard);
      assertThat(all.intersection(ranges)).isEqualTo(KeyRangeSet.EMPTY);
      assertThat(ranges.ranges()).allMatch(range -> ring.ownerOf(range.first()).equals(shard));
      all = all.union(ranges);
    }
    assertThat(all).isEqualTo(KeyRangeSet.ALL);
    assertThat(ring.rangesOf(ShardId.of("stranger"))).isEqualTo(KeyRangeSet.EMPTY);
  }

  @Test
  void refusesRingsThatDoNotCoverEveryTokenOnce() {
    VirtualNode low = new VirtualNode(new KeyRange(MIN_VALUE, -1), A);
    VirtualNode high = new VirtualNode(new KeyRange(0, MAX_VALUE), B);
    VirtualNode all = new VirtualNode(KeyRange.ALL, A);
    assertRefused(List.of(), "at least one virtual node");
    assertRefused(List.of(low), "virtual node 0 of 1 ends at -1");
    assertRefused(List.of(high), "virtual node 0 begins at 0, expected " + MIN_VALUE);
    assertRefused(List.of(high, low), "virtual node 0 begins at 0");
    assertRefused(List.of(low, high, high), "virtual node 1 of 3 ends at " + MAX_VALUE);
    assertRefused(List.of(all, all), "virtual node 0 of 2 ends at " + MAX_VALUE);
    assertRefused(List.of(all, low, high), "virtual node 0 of 3 ends at " + MAX_VALUE);
    VirtualNode gap = new VirtualNode(new KeyRange(STEP, MAX_VALUE), B);
    assertRefused(List.of(low, gap), "virtual node 1 begins at " + STEP + ", expected 0");
    VirtualNode overlap = new VirtualNode(new KeyRange(-STEP, MAX_VALUE), B);
    assertRefused(List.of(low, overlap), "virtual node 1 begins at -" + STEP + ", expected 0");
  }

  private static void assertRefused(List<VirtualNode> nodes, String message) {
    for (boolean hashed : new boolean[] {true, false}) {
      assertThatThrownBy(() -> ring(hashed, nodes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(message);
    }
  }

  private static Ring ring(boolean hashed, List<VirtualNode> nodes) {
    return hashed ? HashRing.of(nodes) : RangeRing.of(nodes);
  }

  @Test
  void hashRingsRefuseBoundariesOffTheGrid() {
    for (long boundary : new long[] {1, -1, STEP - 1, STEP + 1, MIN_VALUE + 1, MAX_VALUE}) {
      List<VirtualNode> nodes =
          List.of(
              new VirtualNode(new KeyRange(MIN_VALUE, boundary - 1), A),
              new VirtualNode(new KeyRange(boundary, MAX_VALUE), B));
      assertThatThrownBy(() -> HashRing.of(nodes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("boundary " + boundary + " is not on the grid");
    }
  }

  @Test
  void ringsOfTheSameVirtualNodesAreEqual() {
    List<VirtualNode> nodes = Rings.random(10, 3, new Random(3)).virtualNodes();
    assertThat(HashRing.of(nodes)).isEqualTo(HashRing.of(new ArrayList<>(nodes)));
    assertThat(HashRing.of(nodes)).hasSameHashCodeAs(HashRing.of(new ArrayList<>(nodes)));
    assertThat(HashRing.of(nodes))
        .isNotEqualTo(HashRing.of(Rings.random(9, 3, new Random(4)).virtualNodes()));
    assertThat(RangeRing.of(nodes)).isEqualTo(RangeRing.of(new ArrayList<>(nodes)));
    assertThat((Object) RangeRing.of(nodes)).isNotEqualTo(HashRing.of(nodes));
  }

  @Test
  void refusesPlacesThatAreNotThere() {
    RangeRing ring = RangeRing.ownedBy(A);
    for (int index : new int[] {-1, 1}) {
      assertThatThrownBy(() -> ring.virtualNode(index))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
