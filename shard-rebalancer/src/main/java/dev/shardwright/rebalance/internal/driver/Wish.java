package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.Desired;
import dev.shardwright.rebalance.internal.throttle.Signal;
import java.util.Optional;

/** Lets long work rest while a migration is to be paused, and leaves it if it is to be aborted. */
final class Wish implements Signal {
  private final Journal journal;
  private final int number;

  Wish(Journal journal, int number) {
    this.journal = journal;
    this.number = number;
  }

  @Override
  public Optional<String> reasonToPause() {
    Desired desired = journal.desired(number);
    if (desired == Desired.ABORT) {
      throw new WorkLeft();
    }
    return desired == Desired.PAUSE ? Optional.of("paused") : Optional.empty();
  }

  /** The work is not needed any more; what was done of it stays. */
  static final class WorkLeft extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
