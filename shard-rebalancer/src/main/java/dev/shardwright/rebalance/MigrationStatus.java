package dev.shardwright.rebalance;

import dev.shardwright.rebalance.internal.migration.Desired;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * How far a migration has come.
 *
 * @param number its number
 * @param keyspace whose rows move
 * @param region on whose ring
 * @param transfer from where to where, and which tokens
 * @param key the key that it pins, if it moves one by itself that was not pinned
 * @param reason why, in words
 * @param state its state, by name; {@code docs/migration-protocol.md} tells what each means
 * @param desired what is wanted of it, by name: to run, pause, abort or roll back
 * @param outcome how it ended, or that it did not end yet
 * @param rollingBack whether the ranges are being taken back, or were
 * @param progress what was copied, of how much and how fast, and what waits to be copied again
 * @param attempts how often the ranges were tried to change hands and did not
 * @param pauseBudget how long work on the ranges may wait in one attempt
 * @param lastPause how long work on the ranges waited when they changed hands last; empty if they
 *     did not, or if it is not known since that leader died
 * @param entered since when it is in its state
 * @param hindrance why it does not go on, if it does not
 * @param note what keeps it: why it rests, for whom it waits, or what failed and is tried again; of
 *     one that nothing keeps and that is given up, or was, why; what was asked for too late. Empty
 *     if there is nothing to say
 */
public record MigrationStatus(
    int number,
    String keyspace,
    Region region,
    RangeTransfer transfer,
    Optional<String> key,
    String reason,
    String state,
    String desired,
    Outcome outcome,
    boolean rollingBack,
    MigrationProgress progress,
    int attempts,
    Duration pauseBudget,
    Optional<CutoverPause> lastPause,
    Instant entered,
    Hindrance hindrance,
    String note) {
  /** The states of one whose ranges have changed hands, unless it goes back. */
  private static final Set<String> MOVED = Set.of("IN_WINDOW", "CLEANING_UP", "DONE");

  private static final String TOO_LATE_TO_ABORT =
      "its abort came too late, the ranges had changed hands: within its window it can be"
          + " rolled back";

  private static final String TOO_LATE_TO_ROLL_BACK =
      "its rollback came too late, its window was over: the ranges stay where they are";

  /** How a migration ended. */
  public enum Outcome {
    /** It did not end yet. */
    UNDER_WAY,
    /** The ranges are with the target. */
    MOVED,
    /** The ranges are with the source: they were taken back, or the migration was aborted. */
    TAKEN_BACK
  }

  /** Why a migration does not go on. */
  public enum Hindrance {
    /** It goes on, or is over. */
    NONE,
    /** People have paused it, and it rests. */
    PAUSED,
    /** Others come first, whom the note names; it goes on by itself. */
    WAITING,
    /** Something is in its way, which the note names; it is tried again by itself. */
    TROUBLE
  }

  static MigrationStatus of(Migration migration, Desired desired) {
    return new MigrationStatus(
        migration.number(),
        migration.keyspace(),
        migration.region(),
        migration.transfer(),
        migration.key(),
        migration.reason(),
        migration.state().name(),
        desired.name(),
        outcome(migration),
        migration.direction() == Direction.BACK,
        migration.progress(),
        migration.attempts(),
        migration.options().pause(),
        migration.pause(),
        migration.entered(),
        hindrance(migration),
        note(migration, desired));
  }

  private static Hindrance hindrance(Migration migration) {
    String note = migration.note();
    if (migration.state().isOver() || note.isEmpty() || note.equals(MigrationDecider.ASKED_FOR)) {
      return Hindrance.NONE;
    }
    if (note.equals(MigrationDecider.PAUSED)) {
      return Hindrance.PAUSED;
    }
    return note.startsWith(MigrationDecider.WAITS) ? Hindrance.WAITING : Hindrance.TROUBLE;
  }

  private static String note(Migration migration, Desired desired) {
    if (!migration.note().isEmpty()) {
      return migration.note();
    }
    MigrationState state = migration.state();
    if (state == MigrationState.ABORTING) {
      return migration.givenUp().orElse("");
    }
    boolean moved = migration.direction() == Direction.FORWARD && MOVED.contains(state.name());
    return switch (desired) {
      case ABORT -> moved ? TOO_LATE_TO_ABORT : "";
      case ROLL_BACK -> moved && state != MigrationState.IN_WINDOW ? TOO_LATE_TO_ROLL_BACK : "";
      case RUN, PAUSE -> "";
    };
  }

  /** How many rows were copied at first. */
  public long rows() {
    return progress.rows();
  }

  /** How much that was. */
  public long bytes() {
    return progress.bytes();
  }

  /** About how many rows there are to copy; 0 while nobody knows. */
  public long estimatedRows() {
    return progress.estimatedRows();
  }

  /** About how long copying still takes; empty unless it copies, and if nobody knows. */
  public Optional<Duration> timeLeft() {
    return state.equals(MigrationState.COPYING.name()) ? progress.timeLeft() : Optional.empty();
  }

  /** How long work on the ranges waited when they changed hands last; zero if there is none. */
  public Duration pause() {
    return lastPause.map(CutoverPause::total).orElse(Duration.ZERO);
  }

  /** Whether nothing more will happen. */
  public boolean isOver() {
    return outcome != Outcome.UNDER_WAY;
  }

  /** Whether the ranges are with the target. */
  public boolean hasMoved() {
    return !rollingBack && MOVED.contains(state);
  }

  private static Outcome outcome(Migration migration) {
    return switch (migration.state()) {
      case DONE -> migration.direction() == Direction.FORWARD ? Outcome.MOVED : Outcome.TAKEN_BACK;
      case ABORTED -> Outcome.TAKEN_BACK;
      case PLANNED,
          REGISTERING,
          PREPARING,
          INSTALLING,
          COPYING,
          CATCHING_UP,
          VERIFYING,
          CUTTING_OVER,
          IN_WINDOW,
          CLEANING_UP,
          ABORTING ->
          Outcome.UNDER_WAY;
    };
  }
}
