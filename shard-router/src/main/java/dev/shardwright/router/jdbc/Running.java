package dev.shardwright.router.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a statement is just carrying out, on one or several shards, for whoever wants to cancel it.
 * Thread-safe.
 */
final class Running {
  /** Replaced with each change; mostly it has one element, of which a set would make much. */
  private List<Cancel> current = List.of();

  /** Ends what runs on one shard, or a query over several. */
  @FunctionalInterface
  interface Cancel {
    void cancel() throws SQLException;
  }

  synchronized void begin(Cancel cancel) {
    current =
        current.isEmpty()
            ? List.of(cancel)
            : Stream.concat(current.stream(), Stream.of(cancel)).toList();
  }

  /**
   * @param cancel what {@link #begin} was given
   */
  @SuppressWarnings("ReferenceEquality") // a method reference equals itself alone
  synchronized void end(Cancel cancel) {
    current =
        current.size() == 1 && current.get(0) == cancel
            ? List.of()
            : current.stream().filter(running -> running != cancel).toList();
  }

  private synchronized List<Cancel> all() {
    return current;
  }

  /** Ends all that runs now, if anything does. */
  void cancel() throws SQLException {
    EachOf.run(all(), Cancel::cancel);
  }
}
