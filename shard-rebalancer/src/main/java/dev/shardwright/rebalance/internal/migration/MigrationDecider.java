package dev.shardwright.rebalance.internal.migration;

/**
 * Decides what a migration does next from what was seen; performs nothing. The one place where
 * states follow each other.
 */
public final class MigrationDecider {
  /** Why one rests that people have paused. */
  public static final String PAUSED = "paused";

  /** What a note begins with that says for whom one waits. */
  public static final String WAITS = "waits for ";

  /** What a note begins with that says what failed, and is tried again. */
  public static final String FAILED = "failed: ";

  /** What a note begins with that says what trying again does not mend by itself. */
  public static final String CANNOT = "cannot go on: ";

  /** Why one is given up, or taken back, that people want to be. */
  public static final String ASKED_FOR = "asked for";

  /** Why rows are compared once more. */
  private static final String OUTDATED =
      "what was compared does not hold any more: all rows are compared anew";

  /** Why one that is to change hands catches up again. */
  private static final String OUT_OF_ATTEMPTS = "no attempt kept its budget";

  private MigrationDecider() {}

  /** Whether a note says what keeps the work, other than the wish of people. */
  static boolean isHindrance(String note) {
    return note.startsWith(WAITS) || isTrouble(note);
  }

  /** Whether a note says that the work does not succeed. */
  static boolean isTrouble(String note) {
    return note.startsWith(FAILED) || note.startsWith(CANNOT);
  }

  /**
   * The next step.
   *
   * @param state the state that is recorded
   * @param direction the direction that is recorded
   */
  public static Decision next(MigrationState state, Direction direction, Situation seen) {
    if (state.isOver()) {
      return new Decision.Over();
    }
    boolean committed = seen.move().filter(Direction.FORWARD::hasArrived).isPresent();
    boolean wanted = seen.desired() == Desired.ABORT || seen.obstacle().isPresent();
    if (wanted && !committed && mayGiveUp(state, direction)) {
      return new Decision.Enter(
          state == MigrationState.PLANNED ? MigrationState.ABORTED : MigrationState.ABORTING,
          direction,
          seen.obstacle().orElse(ASKED_FOR));
    }
    if (seen.obstacle().isPresent()) {
      return new Decision.Rest(seen.obstacle().get());
    }
    if (seen.desired() == Desired.PAUSE && state.mayPause()) {
      return new Decision.Rest(PAUSED);
    }
    return forward(state, direction, seen);
  }

  /**
   * Whether a migration may be given up: not where that is under way already, not where there is
   * nothing to be given up, and not what goes back.
   */
  public static boolean mayGiveUp(MigrationState state, Direction direction) {
    return direction == Direction.FORWARD
        && switch (state) {
          case PLANNED,
              REGISTERING,
              PREPARING,
              INSTALLING,
              COPYING,
              CATCHING_UP,
              VERIFYING,
              CUTTING_OVER ->
              true;
          case IN_WINDOW, CLEANING_UP, ABORTING, DONE, ABORTED -> false;
        };
  }

  /** Whether it is wanted that a migration gives up, or goes back, and that is still to be done. */
  public static boolean isToTurn(MigrationState state, Direction direction, Desired desired) {
    return switch (desired) {
      case ABORT -> mayGiveUp(state, direction);
      case ROLL_BACK -> state == MigrationState.IN_WINDOW;
      case RUN, PAUSE -> false;
    };
  }

  private static Decision forward(MigrationState state, Direction direction, Situation seen) {
    return switch (state) {
      case PLANNED -> then(MigrationState.REGISTERING, direction, seen);
      case REGISTERING -> then(MigrationState.PREPARING, direction, seen);
      case PREPARING -> then(MigrationState.INSTALLING, direction, seen);
      case INSTALLING -> then(MigrationState.COPYING, direction, seen);
      case COPYING -> then(MigrationState.CATCHING_UP, direction, seen);
      case CATCHING_UP ->
          then(
              seen.verified() ? MigrationState.CUTTING_OVER : MigrationState.VERIFYING,
              direction,
              seen);
      // What was written meanwhile comes over before anybody waits.
      case VERIFYING -> then(MigrationState.CATCHING_UP, direction, seen);
      case CUTTING_OVER -> cutOver(direction, seen);
      case IN_WINDOW -> inWindow(direction, seen);
      case CLEANING_UP -> then(MigrationState.DONE, direction, seen);
      case ABORTING -> abort(direction, seen);
      case DONE, ABORTED -> new Decision.Over();
    };
  }

  private static Decision then(MigrationState next, Direction direction, Situation seen) {
    return seen.complete() ? new Decision.Enter(next, direction, "complete") : new Decision.Work();
  }

  /** Complete means here that the register of the shard that owns the ranges is open too. */
  private static Decision cutOver(Direction direction, Situation seen) {
    boolean arrived = seen.move().filter(direction::hasArrived).isPresent();
    if (arrived && seen.complete()) {
      return new Decision.Enter(
          direction == Direction.FORWARD ? MigrationState.IN_WINDOW : MigrationState.CLEANING_UP,
          direction,
          "the ranges have changed hands");
    }
    if (!arrived && !seen.verified()) {
      return new Decision.Enter(MigrationState.CATCHING_UP, direction, OUTDATED);
    }
    if (arrived || seen.attemptsLeft()) {
      return new Decision.Work();
    }
    return new Decision.Enter(
        MigrationState.CATCHING_UP,
        direction,
        OUT_OF_ATTEMPTS + seen.waitedFor().map(": it waited for "::concat).orElse(""));
  }

  /** A COMMIT whose answer was lost may have come before all that the abort did. */
  private static Decision abort(Direction direction, Situation seen) {
    return seen.move().filter(direction::hasArrived).isPresent()
        ? new Decision.Enter(
            MigrationState.IN_WINDOW, direction, "the ranges had changed hands before the abort")
        : then(MigrationState.ABORTED, direction, seen);
  }

  private static Decision inWindow(Direction direction, Situation seen) {
    if (seen.desired() == Desired.ROLL_BACK) {
      return new Decision.Enter(MigrationState.CATCHING_UP, Direction.BACK, ASKED_FOR);
    }
    return seen.windowOver()
        ? new Decision.Enter(MigrationState.CLEANING_UP, direction, "the window is over")
        : new Decision.Work();
  }
}
