package dev.shardwright.rebalance.internal.capture;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Runs work on a locked table, or sequence, without anybody noticing: whoever comes while the lock
 * is waited for queues up behind, so it is waited for a few milliseconds, again and again, with
 * pauses between.
 *
 * <p>A vacuum, or whatever else changes the table's storage, holds for long a lock that conflicts
 * and does not yield to so short a wait: it is waited out without queueing.
 */
public final class TableLocking {
  /** The longest that others may have to queue. */
  public static final Duration LONGEST_WAIT = Duration.ofMillis(50);

  private static final Duration PAUSE = Duration.ofMillis(100);

  /** No lock in time, by one lock or by the statement; or a deadlock. */
  private static final Set<String> BUSY = Set.of("55P03", "57014", "40P01");

  /** Of everyone's locks; {@code pg_stat_progress_vacuum} would not show other roles' vacuums. */
  private static final String MAINTENANCE =
      "select exists (select from pg_locks where locktype = 'relation' and granted"
          + " and mode = 'ShareUpdateExclusiveLock' and pid <> pg_backend_pid()"
          + " and database = (select oid from pg_database where datname = current_database())"
          + " and relation in (select relid from pg_partition_tree(?::regclass)"
          + " union select ?::regclass))";

  /** How long it is waited before that is told, and how often it is told again. */
  private static final Duration UNTOLD = Duration.ofSeconds(1);

  private static final Duration TOLD_AGAIN = Duration.ofSeconds(2);

  private final Duration longestWait;
  private final Duration patience;
  private final RandomGenerator random;
  private final Waiting waiting;

  /**
   * For so long others queue at most, and so long it is tried.
   *
   * @param longestWait at most {@link #LONGEST_WAIT}
   * @param patience how long it is tried in all
   * @param random varies the pauses, so that two who are in each other's way do not stay so
   * @param waiting is told of each longer wait
   * @throws IllegalArgumentException if the wait is below a millisecond or too long
   */
  public TableLocking(
      Duration longestWait, Duration patience, RandomGenerator random, Waiting waiting) {
    checkArgument(
        longestWait.toMillis() >= 1 && longestWait.compareTo(LONGEST_WAIT) <= 0,
        "waiting %s for a lock is not within 1 ms to %s",
        longestWait,
        LONGEST_WAIT);
    this.longestWait = longestWait;
    this.patience = patience;
    this.random = random;
    this.waiting = waiting;
  }

  /** Hears of it while a lock is waited for, every other second. */
  public interface Waiting {
    /**
     * May throw, so that the lock is waited for no longer.
     *
     * @param others for whom, for people
     */
    void on(String others);
  }

  /** How strong a lock. */
  enum Mode {
    /** Keeps writers out: for new triggers. */
    WRITERS(
        "share row exclusive",
        ImmutableList.of(
            "RowExclusiveLock",
            "ShareUpdateExclusiveLock",
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock")),
    /** Keeps readers out too: to drop triggers. */
    ALL(
        "access exclusive",
        ImmutableList.<String>builder()
            .add("AccessShareLock", "RowShareLock")
            .addAll(WRITERS.conflicts)
            .build());

    private final String sql;

    /** The locks of others that it waits for. */
    private final ImmutableList<String> conflicts;

    Mode(String sql, ImmutableList<String> conflicts) {
      this.sql = sql;
      this.conflicts = conflicts;
    }
  }

  /**
   * Runs the task in a transaction of the mover that has the table locked, with all its partitions.
   *
   * @param table schema and name, quoted
   * @param mode how strong a lock
   * @param task is run once, or more often if it meets another lock; only the last run counts
   * @throws TableBusy if no moment was found in time
   */
  void run(
      Connection connection, MoverIdentity mover, String table, Mode mode, Transaction.Task task)
      throws SQLException {
    run(connection, mover, table, mode, "lock table " + table + " in " + mode.sql + " mode", task);
  }

  /**
   * The same for a sequence, from which nobody draws until the transaction ends. ALTER SEQUENCE
   * locks it as {@link Mode#WRITERS} does, though it changes nothing: there is no other way to.
   *
   * @param sequence schema and name, quoted
   * @param cache how many numbers a session takes from it at a time
   * @throws TableBusy if no moment was found in time
   */
  public void runOnSequence(
      Connection connection,
      MoverIdentity mover,
      String sequence,
      long cache,
      Transaction.Task task)
      throws SQLException {
    String locking = "alter sequence " + sequence + " cache " + cache;
    run(connection, mover, sequence, Mode.WRITERS, locking, task);
  }

  private void run(
      Connection connection,
      MoverIdentity mover,
      String relation,
      Mode mode,
      String locking,
      Transaction.Task task)
      throws SQLException {
    long began = System.nanoTime();
    long end = began + patience.toNanos();
    long tell = began + UNTOLD.toNanos();
    while (!tried(connection, mover, relation, locking, task)) {
      if (System.nanoTime() - end >= 0) {
        throw new TableBusy(relation, patience, holders(connection, relation, mode));
      }
      if (System.nanoTime() - tell >= 0) {
        String others = holders(connection, relation, mode).orElse("others");
        waiting.on("%s to unlock %s".formatted(others, relation));
        tell = System.nanoTime() + TOLD_AGAIN.toNanos();
      }
      pause();
    }
  }

  private boolean tried(
      Connection connection,
      MoverIdentity mover,
      String relation,
      String locking,
      Transaction.Task task)
      throws SQLException {
    if (isMaintained(connection, relation)) {
      return false;
    }
    try {
      MoverTransaction.run(
          connection,
          mover,
          () -> {
            lock(connection, locking);
            task.run();
          });
      return true;
    } catch (SQLException e) {
      if (BUSY.contains(String.valueOf(e.getSQLState()))) {
        return false;
      }
      throw e;
    }
  }

  /**
   * The limit for each lock does not limit their sum over many partitions; that for the statement
   * does.
   */
  private void lock(Connection connection, String locking) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      long limit = longestWait.toMillis();
      String usual = setting(statement, "statement_timeout");
      statement.execute("set local lock_timeout = " + limit);
      statement.execute("set local statement_timeout = " + 2 * limit);
      statement.execute(locking);
      statement.execute("set local statement_timeout = " + SqlText.literal(usual));
    }
  }

  private static String setting(Statement statement, String name) throws SQLException {
    try (ResultSet row = statement.executeQuery("select current_setting('" + name + "')")) {
      row.next();
      return row.getString(1);
    }
  }

  private static boolean isMaintained(Connection connection, String relation) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MAINTENANCE)) {
      statement.setString(1, relation);
      statement.setString(2, relation);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private static Optional<String> holders(Connection connection, String relation, Mode mode) {
    return GateHolders.ofTables(connection, List.of(relation), mode.conflicts);
  }

  private void pause() throws SQLException {
    try {
      Thread.sleep(random.nextLong(PAUSE.toMillis() / 2, PAUSE.toMillis() * 2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for a lock", "57014", e);
    }
  }
}
