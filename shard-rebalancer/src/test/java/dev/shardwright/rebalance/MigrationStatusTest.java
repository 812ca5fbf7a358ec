package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.internal.migration.Desired;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MigrationStatusTest {
  private static final Migration PLANNED =
      Migration.planned(
          7,
          "shop",
          Region.ALL,
          new RangeTransfer(ShardId.of("s"), ShardId.of("t"), KeyRangeSet.ALL),
          Optional.empty(),
          "why",
          MoveOptions.DEFAULTS,
          Instant.EPOCH);

  private static final Migration CUTTING_OVER =
      in(
          PLANNED,
          MigrationState.REGISTERING,
          MigrationState.PREPARING,
          MigrationState.INSTALLING,
          MigrationState.COPYING,
          MigrationState.CATCHING_UP,
          MigrationState.CUTTING_OVER);

  @Test
  void whyItIsGivenUpIsNoHindranceAndIsToldWhileThereIsNone() {
    Migration aborting = enter(CUTTING_OVER, MigrationState.ABORTING, "rows differ");
    assertTold(aborting, Hindrance.NONE, "rows differ");
    Migration waiting = aborting.withNote(MigrationDecider.WAITS + "routers [7]");
    assertTold(waiting, Hindrance.WAITING, "waits for routers [7]");
    Migration failing = waiting.withNote(MigrationDecider.FAILED + "out of reach");
    assertTold(failing, Hindrance.TROUBLE, "failed: out of reach");
    assertTold(enter(failing, MigrationState.ABORTED, "complete"), Hindrance.NONE, "rows differ");
    assertTold(enter(PLANNED, MigrationState.ABORTED, "gone"), Hindrance.NONE, "gone");
  }

  @Test
  void whatWasAskedForTooLateIsTold() {
    Migration inWindow = in(CUTTING_OVER, MigrationState.IN_WINDOW);
    Migration cleaningUp = in(inWindow, MigrationState.CLEANING_UP);
    Migration done = in(cleaningUp, MigrationState.DONE);
    for (Migration moved : new Migration[] {inWindow, cleaningUp, done}) {
      MigrationStatus status = MigrationStatus.of(moved, Desired.ABORT);
      assertThat(status.note()).contains("its abort came too late");
      assertThat(status.hindrance()).isEqualTo(Hindrance.NONE);
      assertThat(MigrationStatus.of(moved, Desired.RUN).note()).isEmpty();
    }
    assertThat(MigrationStatus.of(CUTTING_OVER, Desired.ABORT).note()).isEmpty();
    assertThat(MigrationStatus.of(inWindow, Desired.ROLL_BACK).note()).isEmpty();
    for (Migration moved : new Migration[] {cleaningUp, done}) {
      assertThat(MigrationStatus.of(moved, Desired.ROLL_BACK).note())
          .contains("its rollback came too late");
    }
    Migration back = inWindow.enter(MigrationState.CATCHING_UP, Direction.BACK, "", Instant.EPOCH);
    Migration backAgain = back;
    for (MigrationState state :
        new MigrationState[] {
          MigrationState.CUTTING_OVER, MigrationState.CLEANING_UP, MigrationState.DONE
        }) {
      backAgain = backAgain.enter(state, Direction.BACK, "", Instant.EPOCH);
      assertThat(MigrationStatus.of(backAgain, Desired.ROLL_BACK).note()).isEmpty();
    }
  }

  @Test
  void onlyWhatIsBeingCopiedHasTimeLeft() {
    MigrationProgress half = new MigrationProgress(100, 1_000, 200, 10, 0);
    Migration copying =
        in(
                PLANNED,
                MigrationState.REGISTERING,
                MigrationState.PREPARING,
                MigrationState.INSTALLING,
                MigrationState.COPYING)
            .withProgress(half);
    assertThat(MigrationStatus.of(copying, Desired.RUN).timeLeft())
        .contains(Duration.ofSeconds(100));
    Migration over = enter(enter(copying, MigrationState.ABORTING, ""), MigrationState.ABORTED, "");
    for (Migration other : List.of(in(copying, MigrationState.CATCHING_UP), over)) {
      assertThat(MigrationStatus.of(other, Desired.RUN).timeLeft()).isEmpty();
    }
  }

  private static void assertTold(Migration migration, Hindrance hindrance, String note) {
    MigrationStatus status = MigrationStatus.of(migration, Desired.ABORT);
    assertThat(status.hindrance()).isEqualTo(hindrance);
    assertThat(status.note()).isEqualTo(note);
  }

  private static Migration in(Migration migration, MigrationState... states) {
    Migration last = migration;
    for (MigrationState state : states) {
      last = enter(last, state, "");
    }
    return last;
  }

  private static Migration enter(Migration migration, MigrationState state, String why) {
    return migration.enter(state, Direction.FORWARD, why, Instant.EPOCH);
  }
}
