package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RingDifferenceTest {
  private static final ShardId A = ShardId.of("a");
  private static final ShardId B = ShardId.of("b");
  private static final ShardId C = ShardId.of("c");

  @Test
  void nothingMovesBetweenRingsOfTheSameOwners() {
    RangeRing whole = RangeRing.ownedBy(A);
    RangeRing split =
        RangeRing.of(
            List.of(
                new VirtualNode(new KeyRange(Long.MIN_VALUE, 6), A),
                new VirtualNode(new KeyRange(7, Long.MAX_VALUE), A)));
    assertThat(RingDifference.between(whole, split)).isEmpty();
    assertThat(RingDifference.between(split, whole)).isEmpty();
  }

  @Test
  void joinsWhatMovesBetweenTheSameTwoShards() {
    RangeRing from =
        RangeRing.of(
            List.of(
                new VirtualNode(new KeyRange(Long.MIN_VALUE, -1), B),
                new VirtualNode(new KeyRange(0, 9), A),
                new VirtualNode(new KeyRange(10, Long.MAX_VALUE), B)));
    RangeRing to =
        RangeRing.of(
            List.of(
                new VirtualNode(new KeyRange(Long.MIN_VALUE, -6), A),
                new VirtualNode(new KeyRange(-5, 4), C),
                new VirtualNode(new KeyRange(5, 20), A),
                new VirtualNode(new KeyRange(21, Long.MAX_VALUE), B)));
    assertThat(RingDifference.between(from, to))
        .containsExactly(
            new RangeTransfer(A, C, KeyRangeSet.of(new KeyRange(0, 4))),
            new RangeTransfer(
                B, A, KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, -6), new KeyRange(10, 20))),
            new RangeTransfer(B, C, KeyRangeSet.of(new KeyRange(-5, -1))));
  }

  @Property(tries = 200)
  void eachTokenMovesJustIfItsOwnerChanges(@ForAll long seed) {
    Random random = new Random(seed);
    HashRing from = Rings.random(random.nextInt(20), 4, random);
    HashRing to = Rings.random(random.nextInt(20), 4, random);
    List<RangeTransfer> transfers = RingDifference.between(from, to);
    assertThat(transfers)
        .isSortedAccordingTo(
            Comparator.comparing(RangeTransfer::source).thenComparing(RangeTransfer::target));
    tokensAround(from, to)
        .forEach(
            token -> {
              List<RangeTransfer> moving =
                  transfers.stream().filter(move -> move.ranges().contains(token)).toList();
              if (from.ownerOf(token).equals(to.ownerOf(token))) {
                assertThat(moving).isEmpty();
              } else {
                assertThat(moving).hasSize(1);
                assertThat(moving.get(0).source()).isEqualTo(from.ownerOf(token));
                assertThat(moving.get(0).target()).isEqualTo(to.ownerOf(token));
              }
            });
  }

  private static LongStream tokensAround(Ring from, Ring to) {
    return List.of(from, to).stream()
        .flatMap(ring -> ring.virtualNodes().stream())
        .flatMapToLong(node -> LongStream.of(node.range().first(), node.range().last()));
  }

  @Test
  void aTransferMovesSomethingToAnotherShard() {
    assertThatThrownBy(() -> new RangeTransfer(A, A, KeyRangeSet.ALL))
        .hasMessageContaining("itself");
    assertThatThrownBy(() -> new RangeTransfer(A, B, KeyRangeSet.EMPTY))
        .hasMessageContaining("gives no token");
  }
}
