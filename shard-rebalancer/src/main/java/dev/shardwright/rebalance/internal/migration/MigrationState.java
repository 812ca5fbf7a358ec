package dev.shardwright.rebalance.internal.migration;

import java.util.EnumSet;
import java.util.Set;

/**
 * How far a migration has come. A state is recorded before its work begins, and all its work may be
 * done again: so after a crash the next leader does the work of the recorded state once more.
 *
 * <p>A rollback goes from {@link #IN_WINDOW} back to {@link #CATCHING_UP}, in the other direction.
 */
public enum MigrationState {
  /** The journal is there, and nothing else. The way is looked at for obstacles. */
  PLANNED,
  /** Owner rows and registers are made on both shards. */
  REGISTERING,
  /** Routers learn that the ranges move, and hide the copies to come. */
  PREPARING,
  /** Gates and captures are put on the tables. */
  INSTALLING,
  /** Rows are copied, chunk by chunk. */
  COPYING,
  /** What changed meanwhile is copied again. */
  CATCHING_UP,
  /** Every row is compared on both shards. */
  VERIFYING,
  /** The ranges change hands, in as many attempts as it takes. */
  CUTTING_OVER,
  /** The ranges have changed hands and can be taken back: changes flow to where they were. */
  IN_WINDOW,
  /**
   * What the move needs no more is removed: the rows where the ranges are not, then its objects.
   */
  CLEANING_UP,
  /** Over: the ranges are where the move, or its rollback, brought them. */
  DONE,
  /** Given up before the ranges changed hands: copies and objects are removed. */
  ABORTING,
  /** Over: the ranges never left the source. */
  ABORTED;

  /** The states that may follow. */
  public Set<MigrationState> next() {
    return switch (this) {
      case PLANNED -> EnumSet.of(REGISTERING, ABORTED);
      case REGISTERING -> EnumSet.of(PREPARING, ABORTING);
      case PREPARING -> EnumSet.of(INSTALLING, ABORTING);
      case INSTALLING -> EnumSet.of(COPYING, ABORTING);
      case COPYING -> EnumSet.of(CATCHING_UP, ABORTING);
      case CATCHING_UP -> EnumSet.of(VERIFYING, CUTTING_OVER, ABORTING);
      case VERIFYING -> EnumSet.of(CATCHING_UP, ABORTING);
      case CUTTING_OVER -> EnumSet.of(CATCHING_UP, IN_WINDOW, CLEANING_UP, ABORTING);
      case IN_WINDOW -> EnumSet.of(CATCHING_UP, CLEANING_UP);
      case CLEANING_UP -> EnumSet.of(DONE);
      case ABORTING -> EnumSet.of(ABORTED, IN_WINDOW);
      case DONE, ABORTED -> EnumSet.noneOf(MigrationState.class);
    };
  }

  /** Whether nothing follows. */
  public boolean isOver() {
    return next().isEmpty();
  }

  /** Whether a migration of this state may rest without harm for as long as somebody likes. */
  public boolean mayPause() {
    return switch (this) {
      case PLANNED,
          REGISTERING,
          PREPARING,
          INSTALLING,
          COPYING,
          CATCHING_UP,
          VERIFYING,
          CLEANING_UP ->
          true;
      case CUTTING_OVER, IN_WINDOW, ABORTING, DONE, ABORTED -> false;
    };
  }
}
