package dev.shardwright.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import java.util.List;
import org.junit.jupiter.api.Test;

class RangeMoveTest {
  private static final ShardId S = ShardId.of("s0");
  private static final ShardId T = ShardId.of("s1");

  /** Every other span of the ring is with the first shard. */
  private static final Topology TOPOLOGY = TestTopologies.large(2, 4);

  private static final KeyRangeSet FIRST_SPAN = KeyRangeSet.of(span(0));

  @Test
  void theValueTellsWithWhichShardTheRangesAre() {
    RangeMove begun = move(1, FIRST_SPAN);
    assertThat(begun.owner()).isEqualTo(S);
    assertThat(begun.other()).isEqualTo(T);
    RangeMove committed = begun.hold().commit();
    assertThat(committed.value()).isEqualTo(1);
    assertThat(committed.held()).isFalse();
    assertThat(committed.owner()).isEqualTo(T);
    assertThat(committed.other()).isEqualTo(S);
  }

  @Test
  void anAttemptThatWasGivenUpLeavesTheRangesWhereTheyAreAndNeverComesAgain() {
    RangeMove attempt = move(1, FIRST_SPAN).hold();
    RangeMove givenUp = attempt.giveUp();
    assertThat(givenUp.owner()).isEqualTo(S);
    assertThat(givenUp.value()).isGreaterThan(attempt.valueOnceCommitted());
    assertThat(givenUp.hold().commit().value()).isEqualTo(3);
  }

  @Test
  void rangesThatWereTakenBackAreWithTheSourceAgain() {
    RangeMove back = move(1, FIRST_SPAN).hold().commit().hold().commit();
    assertThat(back.owner()).isEqualTo(S);
    assertThat(back.value()).isEqualTo(2);
  }

  @Test
  void onlyWhatIsHeldCanEnd() {
    RangeMove move = move(1, FIRST_SPAN);
    assertThatThrownBy(move::commit).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(move::giveUp).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void copiesAreHiddenOnTheShardThatTheRangesAreNotWith() {
    Topology moving = TOPOLOGY.withMove(move(1, FIRST_SPAN));
    assertThat(moving.hiddenOn("shop", T)).isEqualTo(FIRST_SPAN);
    assertThat(moving.hiddenOn("shop", S)).isEqualTo(KeyRangeSet.EMPTY);
    assertThat(moving.hiddenOn("other", T)).isEqualTo(KeyRangeSet.EMPTY);
    assertThat(moving.movesOf(T)).containsExactly(move(1, FIRST_SPAN));
    assertThat(moving.withoutMove(1)).isEqualTo(TOPOLOGY);
  }

  @Test
  void aMoveThatDoesNotFitTheRingIsRefused() {
    for (RangeMove wrong :
        List.of(
            move(1, KeyRangeSet.ALL),
            move(1, KeyRangeSet.of(span(1))),
            new RangeMove(1, "shop", Region.ALL, S, T, FIRST_SPAN, 1, 1, false),
            RangeMove.of(1, "nothing", Region.ALL, S, T, FIRST_SPAN, 1),
            RangeMove.of(1, "shop", Region.of("eu"), S, T, FIRST_SPAN, 1),
            RangeMove.of(1, "shop", Region.ALL, S, ShardId.of("s9"), FIRST_SPAN, 1))) {
      assertThatThrownBy(() -> TOPOLOGY.withMove(wrong))
          .as("%s", wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void twoMovesOfTheSameTokensAreRefused() {
    Topology moving = TOPOLOGY.withMove(move(1, FIRST_SPAN));
    KeyRangeSet part = KeyRangeSet.of(KeyRange.of(span(0).last()));
    assertThatThrownBy(() -> moving.withMove(move(2, part)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("range moves 1 and 2");
    assertThat(moving.withMove(move(2, KeyRangeSet.of(span(2)))).moves()).hasSize(2);
  }

  @Test
  void aCommittedMoveTakesItsRangesAlongOnTheRing() {
    RangeMove held = move(1, FIRST_SPAN).hold();
    Topology before = TOPOLOGY.withMove(held);
    Topology after = before.withOwnerOf(held.commit());
    assertThat(after.move(1)).contains(held.commit());
    assertThat(ownerOfFirstSpan(after)).isEqualTo(T);
    assertThat(after.hiddenOn("shop", S)).isEqualTo(FIRST_SPAN);
    assertThat(before.withOwnerOf(held.giveUp())).isEqualTo(before.withMove(held.giveUp()));
    Topology back = after.withOwnerOf(held.commit().hold().commit());
    assertThat(ownerOfFirstSpan(back)).isEqualTo(S);
    assertThatThrownBy(() -> TOPOLOGY.withOwnerOf(held.commit()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not in progress");
  }

  private static ShardId ownerOfFirstSpan(Topology topology) {
    return topology.keyspace("shop").orElseThrow().placement(Region.ALL).ownerOf(span(0).first());
  }

  private static RangeMove move(int number, KeyRangeSet ranges) {
    return RangeMove.of(number, "shop", Region.ALL, S, T, ranges, 1);
  }

  private static KeyRange span(int index) {
    return TOPOLOGY
        .keyspace("shop")
        .orElseThrow()
        .placement(Region.ALL)
        .ring()
        .virtualNode(index)
        .range();
  }
}
