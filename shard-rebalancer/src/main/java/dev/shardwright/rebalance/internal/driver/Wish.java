package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.Desired;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.throttle.Signal;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Lets long work rest while a migration is to be paused, and says so in the journal; leaves the
 * work if the migration is to be aborted, and may be.
 */
final class Wish implements Signal {
  private final Journal journal;
  private final Keeper keeper;
  private final MoveContext context;

  Wish(Journal journal, Keeper keeper, MoveContext context) {
    this.journal = journal;
    this.keeper = keeper;
    this.context = context;
  }

  @Override
  public Optional<String> reasonToPause() throws SQLException {
    Desired desired = leaveIfAborted(journal, keeper);
    if (desired == Desired.PAUSE) {
      keeper.record(migration -> migration.withNote(MigrationDecider.PAUSED));
      context.checkServers();
      return Optional.of(MigrationDecider.PAUSED);
    }
    keeper.record(Migration::goesOn);
    return Optional.empty();
  }

  /**
   * Leaves the work if the migration is to be aborted, and may be.
   *
   * @return what else is wanted of it
   */
  static Desired leaveIfAborted(Journal journal, Keeper keeper) {
    Migration present = keeper.migration();
    Desired desired = journal.desired(present.number());
    if (desired == Desired.ABORT
        && MigrationDecider.mayGiveUp(present.state(), present.direction())) {
      throw new WorkLeft();
    }
    return desired;
  }

  /** The work is not needed any more; what was done of it stays. */
  static final class WorkLeft extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
