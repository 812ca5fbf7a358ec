package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.watch.MigrationProgress;
import java.sql.SQLException;
import java.util.Optional;

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

  /** For whom the work that was not done waits, for people; empty if for nobody. */
  default Optional<String> waitsFor() {
    return Optional.empty();
  }

  /**
   * How far copying has come.
   *
   * @param before what was known before; the same for work that copies nothing
   */
  default MigrationProgress progress(MigrationProgress before) {
    return before;
  }
}
