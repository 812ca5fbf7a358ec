package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final ShardId A = ShardId.of("a");
  private static final ShardId B = ShardId.of("b");
  private static final ShardId C = ShardId.of("c");

  private static final RangeRing RING =
      RangeRing.of(
          List.of(
              new VirtualNode(new KeyRange(Long.MIN_VALUE, -1), A),
              new VirtualNode(new KeyRange(0, Long.MAX_VALUE), B)));

  @Test
  void aPinnedTokenBelongsToItsShardAndOthersToTheRing() {
    Placement placement =
        new Placement(RING, Pins.of(List.of(pin("x", 5, C), pin("y", Long.MIN_VALUE, B))));
    assertThat(placement.ownerOf(5)).isEqualTo(C);
    assertThat(placement.ownerOf(4)).isEqualTo(B);
    assertThat(placement.ownerOf(6)).isEqualTo(B);
    assertThat(placement.ownerOf(Long.MIN_VALUE)).isEqualTo(B);
    assertThat(placement.ownerOf(Long.MIN_VALUE + 1)).isEqualTo(A);
    assertThat(placement.owners()).containsExactly(A, B, C);
    assertThat(Placement.of(RING).owners()).containsExactly(A, B);
  }

  @Test
  void rangesFollowThePins() {
    Placement placement =
        new Placement(RING, Pins.of(List.of(pin("x", 5, C), pin("y", -3, B), pin("z", 8, B))));
    assertThat(placement.rangesOf(A))
        .isEqualTo(KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, -4), new KeyRange(-2, -1)));
    assertThat(placement.rangesOf(B))
        .isEqualTo(
            KeyRangeSet.of(KeyRange.of(-3), new KeyRange(0, 4), new KeyRange(6, Long.MAX_VALUE)));
    assertThat(placement.rangesOf(C)).isEqualTo(KeyRangeSet.of(KeyRange.of(5)));
  }

  @Test
  void pinsAreFoundByToken() {
    Pins pins = Pins.of(List.of(pin("x", 5, C), pin("y", -3, B)));
    assertThat(pins.all()).extracting(Pin::token).containsExactly(-3L, 5L);
    assertThat(pins.ownerOf(5)).isEqualTo(C);
    assertThat(pins.ownerOf(0)).isNull();
    assertThat(Pins.NONE.ownerOf(5)).isNull();
    assertThat(pins.without(5)).isEqualTo(Pins.of(List.of(pin("y", -3, B))));
    assertThat(pins.without(5).without(-3)).isEqualTo(Pins.NONE);
  }

  @Test
  void aPinReplacesTheOneOfItsKey() {
    assertThat(Pins.of(List.of(pin("x", 5, C))).with(pin("x", 5, B)).all())
        .containsExactly(pin("x", 5, B));
  }

  @Test
  void refusesTwoPinsForOneToken() {
    assertThatThrownBy(() -> Pins.of(List.of(pin("x", 5, C), pin("y", 5, C))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'x' and 'y' have the same token 5");
  }

  @Test
  void holdsTenThousandPinsAndNoMore() {
    List<Pin> most = LongStream.range(0, Pins.MAX).mapToObj(i -> pin("k" + i, i, A)).toList();
    Pins pins = Pins.of(most);
    assertThat(pins.ownerOf(Pins.MAX - 1)).isEqualTo(A);
    assertThatThrownBy(() -> pins.with(pin("more", Pins.MAX, A)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10001 pins are more than the 10000 allowed");
  }

  /** A pin may be named by its token, and a key may be called so. */
  @Test
  void aPinReplacesNoOtherOfTheSameName() {
    Pins pins = Pins.of(List.of(pin("token 5", 5, C))).with(pin("token 5", 77, B));
    assertThat(pins.all()).containsExactly(pin("token 5", 5, C), pin("token 5", 77, B));
  }

  @Test
  void pinningAndUnpinningInPlaceMovesNothing() {
    Placement bare = Placement.of(RING);
    for (long token : new long[] {Long.MIN_VALUE, -3, 5, Long.MAX_VALUE}) {
      Placement pinned = bare.pinInPlace("k", token);
      assertThat(pinned.pins().all()).containsExactly(pin("k", token, RING.ownerOf(token)));
      for (ShardId shard : List.of(A, B, C)) {
        assertThat(pinned.rangesOf(shard)).isEqualTo(bare.rangesOf(shard));
      }
      assertThat(pinned.pinInPlace("other", token)).isEqualTo(pinned);
      assertThat(pinned.unpinInPlace(token)).isEqualTo(bare);
      assertThat(bare.unpinInPlace(token)).isEqualTo(bare);
    }
    Placement elsewhere = new Placement(RING, Pins.of(List.of(pin("x", 5, C))));
    assertThat(RING.ownerOf(5)).isNotEqualTo(C);
    assertThat(elsewhere.pinInPlace("k", 5)).isEqualTo(elsewhere);
    assertThat(elsewhere.unpinInPlace(5)).isEqualTo(elsewhere);
  }

  private static Pin pin(String key, long token, ShardId shard) {
    return new Pin(key, token, shard);
  }
}
