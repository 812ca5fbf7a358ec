package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.cutover.Superseded;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.Migration;
import java.util.function.UnaryOperator;

/** The journal of one migration in the hands of the leader that carries it out. Thread-safe. */
final class Keeper {
  private final Journal journal;
  private final int token;
  private Journal.Entry entry;

  Keeper(Journal journal, Journal.Entry entry, int token) {
    this.journal = journal;
    this.entry = entry;
    this.token = token;
  }

  synchronized Migration migration() {
    return entry.migration();
  }

  /**
   * Records what has become of the migration; writes nothing if that is the same.
   *
   * @throws Superseded if another leader has written the journal
   */
  synchronized void record(UnaryOperator<Migration> change) {
    Migration changed = change.apply(entry.migration());
    if (!changed.equals(entry.migration())) {
      entry =
          journal.write(entry, changed).orElseThrow(() -> new Superseded(changed.number(), token));
    }
  }
}
