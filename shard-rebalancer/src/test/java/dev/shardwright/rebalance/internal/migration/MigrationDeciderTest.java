package dev.shardwright.rebalance.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MigrationDeciderTest {
  private static final RangeMove AT_SOURCE =
      RangeMove.of(1, "shop", Region.ALL, ShardId.of("s"), ShardId.of("t"), KeyRangeSet.ALL, 1);
  private static final RangeMove AT_TARGET = AT_SOURCE.hold().commit();

  /** Every state, direction and situation there is. */
  @Test
  void entersOnlyStatesThatMayFollow() {
    int entered = 0;
    for (MigrationState state : MigrationState.values()) {
      for (Direction direction : Direction.values()) {
        for (Situation seen : situations()) {
          Decision decision = MigrationDecider.next(state, direction, seen);
          if (decision instanceof Decision.Enter enter) {
            entered++;
            assertThat(state.next()).as("%s, %s", state, seen).contains(enter.state());
          }
          assertThat(decision instanceof Decision.Over).isEqualTo(state.isOver());
        }
      }
    }
    assertThat(entered).isGreaterThan(500);
  }

  @Test
  void neverGivesUpWhatHasChangedHands() {
    for (MigrationState state : MigrationState.values()) {
      for (Situation seen : situations()) {
        if (seen.move().equals(Optional.of(AT_TARGET))) {
          boolean aborts =
              MigrationDecider.next(state, Direction.FORWARD, seen) instanceof Decision.Enter enter
                  && enter.state() == MigrationState.ABORTING;
          assertThat(aborts).as("%s, %s", state, seen).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void lettingTheRangesChangeHandsComesOnlyAfterEveryRowWasCompared(Direction direction) {
    for (MigrationState state : MigrationState.values()) {
      for (Situation seen : situations()) {
        boolean cutsOver =
            MigrationDecider.next(state, direction, seen) instanceof Decision.Enter enter
                && enter.state() == MigrationState.CUTTING_OVER;
        assertThat(cutsOver && !seen.verified()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void noAttemptIsMadeWithWhatIsNotVerifiedAnyMore(Direction direction) {
    for (Situation seen : situations()) {
      if (seen.move().isEmpty() || direction.hasArrived(seen.move().get()) || seen.verified()) {
        continue;
      }
      Decision decision = MigrationDecider.next(MigrationState.CUTTING_OVER, direction, seen);
      assertThat(decision).as("%s", seen).isNotInstanceOf(Decision.Work.class);
    }
  }

  @Test
  void aPauseIsHeededWhereItDoesNoHarm() {
    Set<MigrationState> rests = EnumSet.noneOf(MigrationState.class);
    for (MigrationState state : MigrationState.values()) {
      Situation paused = situation(Desired.PAUSE, Optional.of(AT_SOURCE), false, Optional.empty());
      if (MigrationDecider.next(state, Direction.FORWARD, paused) instanceof Decision.Rest) {
        rests.add(state);
      }
    }
    assertThat(rests)
        .contains(MigrationState.COPYING, MigrationState.CATCHING_UP)
        .doesNotContain(MigrationState.CUTTING_OVER, MigrationState.ABORTING);
  }

  @Test
  void anObstacleAfterTheRangesChangedHandsWaitsForPeople() {
    Situation stuck =
        situation(Desired.RUN, Optional.of(AT_TARGET), false, Optional.of("rows differ"));
    assertThat(MigrationDecider.next(MigrationState.VERIFYING, Direction.BACK, stuck))
        .isEqualTo(new Decision.Rest("rows differ"));
  }

  /**
   * Else what was found behind the gate would be found there again and again, with work waiting.
   */
  @Test
  void whatGoesBackLeavesItsAttemptsOnceWhatWasComparedIsOutdated() {
    Situation outdated =
        new Situation(
            Desired.RUN,
            Optional.of(AT_TARGET),
            false,
            false,
            true,
            Optional.empty(),
            false,
            Optional.empty());
    assertThat(MigrationDecider.next(MigrationState.CUTTING_OVER, Direction.BACK, outdated))
        .isInstanceOfSatisfying(
            Decision.Enter.class,
            enter -> assertThat(enter.state()).isEqualTo(MigrationState.CATCHING_UP));
  }

  @Test
  void saysForWhomTheAttemptsWaitedOnceNoneIsLeft() {
    assertThat(afterAllAttempts(Optional.of("session 4711")))
        .isEqualTo("no attempt kept its budget: it waited for session 4711");
    assertThat(afterAllAttempts(Optional.empty())).isEqualTo("no attempt kept its budget");
  }

  private static String afterAllAttempts(Optional<String> waitedFor) {
    Situation seen =
        new Situation(
            Desired.RUN,
            Optional.of(AT_SOURCE),
            false,
            true,
            false,
            waitedFor,
            false,
            Optional.empty());
    Decision decision = MigrationDecider.next(MigrationState.CUTTING_OVER, Direction.FORWARD, seen);
    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Enter.class,
            enter -> assertThat(enter.state()).isEqualTo(MigrationState.CATCHING_UP));
    return ((Decision.Enter) decision).reason();
  }

  @Test
  void aCommitWhoseAnswerWasLostIsFoundByTheAbort() {
    Situation arrived = situation(Desired.ABORT, Optional.of(AT_TARGET), true, Optional.empty());
    assertThat(MigrationDecider.next(MigrationState.ABORTING, Direction.FORWARD, arrived))
        .isInstanceOfSatisfying(
            Decision.Enter.class,
            enter -> assertThat(enter.state()).isEqualTo(MigrationState.IN_WINDOW));
  }

  @Test
  void whatIsWantedIsStillToBeDoneUntilItHasBegun() {
    for (MigrationState state : MigrationState.values()) {
      for (Direction direction : Direction.values()) {
        assertThat(MigrationDecider.isToTurn(state, direction, Desired.ABORT))
            .as("abort of %s %s", direction, state)
            .isEqualTo(MigrationDecider.mayGiveUp(state, direction));
        assertThat(MigrationDecider.isToTurn(state, direction, Desired.ROLL_BACK))
            .as("rollback of %s %s", direction, state)
            .isEqualTo(state == MigrationState.IN_WINDOW);
        assertThat(MigrationDecider.isToTurn(state, direction, Desired.PAUSE)).isFalse();
      }
    }
  }

  private static Situation situation(
      Desired desired, Optional<RangeMove> move, boolean complete, Optional<String> obstacle) {
    return new Situation(desired, move, complete, true, true, Optional.empty(), false, obstacle);
  }

  private static List<Situation> situations() {
    List<Situation> all = new ArrayList<>();
    for (Desired desired : Desired.values()) {
      for (Optional<RangeMove> move :
          List.of(
              Optional.<RangeMove>empty(),
              Optional.of(AT_SOURCE),
              Optional.of(AT_SOURCE.hold()),
              Optional.of(AT_TARGET))) {
        for (int bits = 0; bits < 32; bits++) {
          all.add(
              new Situation(
                  desired,
                  move,
                  (bits & 1) != 0,
                  (bits & 2) != 0,
                  (bits & 4) != 0,
                  Optional.of("session 1"),
                  (bits & 8) != 0,
                  (bits & 16) != 0 ? Optional.of("something") : Optional.empty()));
        }
      }
    }
    return all;
  }
}
