package dev.shardwright.rebalance;

import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.time.Instant;

/**
 * How far a migration has come.
 *
 * @param number its number
 * @param keyspace whose rows move
 * @param region on whose ring
 * @param transfer from where to where, and which tokens
 * @param reason why, in words
 * @param state its state, by name; {@code docs/migration-protocol.md} tells what each means
 * @param outcome how it ended, or that it did not end yet
 * @param rollingBack whether the ranges are being taken back, or were
 * @param rows how many rows were copied at first
 * @param bytes how much that was
 * @param estimatedRows about how many rows there are to copy; 0 while nobody knows
 * @param attempts how often the ranges were tried to change hands and did not
 * @param pause how long work on the ranges waited when they changed hands last; zero before
 * @param entered since when it is in its state
 * @param note why it rests, was aborted, or failed last; empty if there is nothing to say
 */
public record MigrationStatus(
    int number,
    String keyspace,
    Region region,
    RangeTransfer transfer,
    String reason,
    String state,
    Outcome outcome,
    boolean rollingBack,
    long rows,
    long bytes,
    long estimatedRows,
    int attempts,
    Duration pause,
    Instant entered,
    String note) {

  /** How a migration ended. */
  public enum Outcome {
    /** It did not end yet. */
    UNDER_WAY,
    /** The ranges are with the target. */
    MOVED,
    /** The ranges are with the source: they were taken back, or the migration was aborted. */
    TAKEN_BACK
  }

  static MigrationStatus of(Migration migration) {
    return new MigrationStatus(
        migration.number(),
        migration.keyspace(),
        migration.region(),
        migration.transfer(),
        migration.reason(),
        migration.state().name(),
        outcome(migration),
        migration.direction() == Direction.BACK,
        migration.progress().rows(),
        migration.progress().bytes(),
        migration.progress().estimatedRows(),
        migration.attempts(),
        migration.pause(),
        migration.entered(),
        migration.note());
  }

  /** Whether nothing more will happen. */
  public boolean isOver() {
    return outcome != Outcome.UNDER_WAY;
  }

  /** Whether the ranges are with the target. */
  public boolean hasMoved() {
    return !rollingBack
        && (state.equals(MigrationState.IN_WINDOW.name())
            || state.equals(MigrationState.CLEANING_UP.name())
            || state.equals(MigrationState.DONE.name()));
  }

  private static Outcome outcome(Migration migration) {
    return switch (migration.state()) {
      case DONE -> migration.direction() == Direction.FORWARD ? Outcome.MOVED : Outcome.TAKEN_BACK;
      case ABORTED -> Outcome.TAKEN_BACK;
      default -> Outcome.UNDER_WAY;
    };
  }
}
