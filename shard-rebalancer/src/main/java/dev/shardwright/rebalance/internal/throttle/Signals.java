package dev.shardwright.rebalance.internal.throttle;

import dev.shardwright.rebalance.internal.database.EmptyCommit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The signals that are known. Each asks over a connection that is its own, in autocommit mode; the
 * statements run to the end within its timeouts.
 */
public final class Signals {
  private static final String LAG =
      "select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)"
          + " from pg_stat_replication where state = 'streaming'";

  private static final String BUSY =
      "select 100 * count(*) / current_setting('max_connections')::int from pg_stat_activity"
          + " where state = 'active' and backend_type = 'client backend'"
          + " and not starts_with(application_name, 'shardwright mover')";

  private Signals() {}

  /** Asks for a pause while a replica has more than so many bytes still to replay. */
  public static Signal replicaLag(Connection primary, long mostBytes) {
    return () -> above(number(primary, LAG), mostBytes, "bytes of WAL wait for a replica");
  }

  /** Asks for a pause while a commit takes longer than that. */
  public static Signal commitLatency(Connection connection, Duration most) {
    return () -> {
      long began = System.nanoTime();
      EmptyCommit.on(connection);
      long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      return above(took, most.toMillis(), "milliseconds for a commit");
    };
  }

  /**
   * Asks for a pause while more sessions of others are at work than that percentage of those that
   * the server allows.
   */
  public static Signal busySessions(Connection connection, int mostPercent) {
    return () ->
        above(number(connection, BUSY), mostPercent, "percent of all sessions allowed are at work");
  }

  private static Optional<String> above(long seen, long most, String what) {
    return seen > most
        ? Optional.of("%s %s, more than %s".formatted(seen, what, most))
        : Optional.empty();
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
