package dev.shardwright.router.internal.route;

import static dev.shardwright.router.internal.moves.MovingTopology.AT_REST;
import static dev.shardwright.router.internal.moves.MovingTopology.MOVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class LeftBehindTest {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");
  private static final Topology BEGUN = AT_REST.withMove(MOVE);
  private static final Topology HELD = AT_REST.withMove(MOVE.hold());
  private static final Topology MOVED = HELD.withOwnerOf(MOVE.hold().commit());
  private static final Topology OVER = MOVED.withoutMove(MOVE.number());

  @Test
  void whoAcknowledgesInTimeIsNot() {
    for (Topology next : new Topology[] {AT_REST, BEGUN}) {
      assertThat(LeftBehind.at(AT_REST, next, move -> false)).isEmpty();
    }
    for (Topology next : new Topology[] {HELD, MOVED}) {
      assertThat(LeftBehind.at(BEGUN, next, move -> false)).isEmpty();
    }
    assertThat(LeftBehind.at(HELD, MOVED, move -> false)).isEmpty();
    assertThat(LeftBehind.at(MOVED, OVER, acknowledged(MOVED))).isEmpty();
    assertThat(LeftBehind.at(BEGUN, AT_REST, acknowledged(BEGUN))).as("aborted").isEmpty();
  }

  @Test
  void whoHasNotSaidThatItKnowsOfAMoveThatGoesOnIs() {
    for (Topology next : new Topology[] {HELD, MOVED}) {
      assertThat(LeftBehind.at(AT_REST, next, move -> true)).containsExactly(S1, S2);
    }
  }

  @Test
  void whoHasNotSaidThatNothingOlderRunsWhenAMoveIsOverIs() {
    assertThat(LeftBehind.at(MOVED, OVER, move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.at(BEGUN, OVER, move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.at(HELD, OVER, move -> true)).containsExactly(S1, S2);
  }

  @Test
  void whoHasNotSeenRangesChangeHandsIs() {
    assertThat(LeftBehind.at(AT_REST, OVER, move -> true)).containsExactly(S1);
    assertThat(LeftBehind.at(BEGUN, OVER, acknowledged(BEGUN))).containsExactly(S1);
    assertThat(LeftBehind.at(OVER, AT_REST, move -> true)).containsExactly(S2);
  }

  @Test
  void whoHasAcknowledgedAMoveIsNotLeftBehindWhileItKeepsItsHands() {
    for (Topology next : new Topology[] {BEGUN, HELD}) {
      assertThat(LeftBehind.perhapsAt(BEGUN, next.next(), acknowledged(BEGUN))).isEmpty();
    }
    assertThat(LeftBehind.perhapsAt(AT_REST, OVER.next(), move -> false)).isEmpty();
  }

  @Test
  void nobodyIsLeftBehindInTheEpochInWhichAMoveComesSoFar() {
    assertThat(LeftBehind.perhapsAt(AT_REST, BEGUN.next(), move -> false)).isEmpty();
    assertThat(LeftBehind.perhapsAt(HELD, MOVED.next(), move -> false)).isEmpty();
  }

  @Test
  void whoHasNotAcknowledgedAMoveMayBeLeftBehindInEveryLaterEpoch() {
    assertThat(LeftBehind.perhapsAt(AT_REST, BEGUN.next().next(), move -> false))
        .containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(BEGUN, BEGUN.next(), move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(BEGUN, HELD.next(), move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(HELD, MOVED.next().next(), move -> true))
        .containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(MOVED, MOVED.next(), move -> false)).containsExactly(S1, S2);
  }

  @Test
  void thatWritesHaveEndedSaysNothingOfWhatReads() {
    assertThat(LeftBehind.perhapsAt(HELD, HELD.next(), move -> true)).containsExactly(S1, S2);
  }

  private static Predicate<RangeMove> acknowledged(Topology topology) {
    return move -> Set.copyOf(topology.moves().values()).contains(move);
  }
}
