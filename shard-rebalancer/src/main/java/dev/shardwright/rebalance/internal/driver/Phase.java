package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.watch.MigrationProgress;
import java.sql.SQLException;

/** The work of one state of a migration. All of it may be done again. */
@FunctionalInterface
interface Phase {
  /**
   * Does a piece of the work.
   *
   * @return whether all of it is done
   * @throws SQLException if a database could not be reached, or refused: it is tried again later
   * @throws Obstacle if trying again would not help
   */
  boolean work() throws SQLException, InterruptedException;

  /**
   * How far copying has come.
   *
   * @param before what was known before; the same for work that copies nothing
   */
  default MigrationProgress progress(MigrationProgress before) {
    return before;
  }
}
