package dev.shardwright.rebalance.internal.cutover;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sessions that routers have in one database. They, not ZooKeeper, tell who is a router: each
 * holds the lock of its router for as long as it lives.
 */
public final class RouterSessions {
  private static final String ROUTERS =
      "select distinct objid::int4 from pg_locks where locktype = 'advisory' and classid = %d"
              .formatted(AdvisoryLocks.ROUTER)
          + " and objsubid = 2 and granted"
          + " and database = (select oid from pg_database where datname = current_database())";

  /** To all, before any is waited for. */
  private static final String TERMINATE =
      "select pid, pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
          + " and classid = %d and objsubid = 2 and granted".formatted(AdvisoryLocks.ROUTER)
          + " and database = (select oid from pg_database where datname = current_database())"
          + " and objid::int4 = any (?)";

  /** Each had the lock of its router, and has it until it is gone. */
  private static final String LEFT =
      "select exists (select from pg_locks where locktype = 'advisory' and classid = %d and granted"
              .formatted(AdvisoryLocks.ROUTER)
          + " and pid = any (?))";

  private static final String RAISE = "select shardwright.raise_minimum_epoch(?)";
  private static final String RAISE_SOON_LASTING =
      "select set_config('synchronous_commit', 'off', true), shardwright.raise_minimum_epoch(?)";

  private static final String READMIT = "select shardwright.readmit(?)";

  /** A session that is not busy ends sooner. */
  private static final Duration PAUSE = Duration.ofMillis(2);

  /** No minimum is below it, so asserting it asserts nothing. */
  private static final long BELOW_ALL = -1;

  private RouterSessions() {}

  /** The numbers of the routers that have a session in one of two databases. */
  static Set<Integer> of(Connection one, Connection other) throws SQLException {
    Workers.Both<Set<Integer>, Set<Integer>> both = Workers.both(() -> of(one), () -> of(other));
    Set<Integer> routers = new TreeSet<>(both.here());
    routers.addAll(both.beside());
    return routers;
  }

  /** The numbers of the routers that have a session here. */
  public static Set<Integer> of(Connection connection) throws SQLException {
    Set<Integer> routers = new TreeSet<>();
    try (PreparedStatement statement = connection.prepareStatement(ROUTERS);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        routers.add(rows.getInt(1));
      }
    }
    return routers;
  }

  /**
   * Lets no session begin any more that comes with an older epoch. Whoever is here before is found
   * by {@link #of} after this. On a server that was promoted since nobody is let in by it.
   */
  public static void admitOnlySince(Connection connection, Epoch epoch) throws SQLException {
    raise(connection, RAISE, epoch.value());
  }

  /**
   * Lets sessions begin on a server that was promoted, those that come with that epoch or a newer
   * one: for who knows that no rows are missing there.
   *
   * @return whether it does so; not if it knows of a newer epoch
   */
  public static boolean readmit(Connection connection, Epoch epoch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READMIT)) {
      statement.setLong(1, epoch.value());
      try (ResultSet minimum = statement.executeQuery()) {
        minimum.next();
        return minimum.getLong(1) == epoch.value();
      }
    }
  }

  /**
   * What {@link #admitOnlySince} does, on both sides for an attempt at a cutover, without waiting
   * for the disk. A crash of the shard that loses the ranges ends the attempt, and what the attempt
   * commits there later, and waits for, takes this with it; on the other shard the register keeps
   * out who knows too little.
   */
  static void admitOnlySinceHold(Connection from, Connection to, Epoch epoch) throws SQLException {
    Workers.both(
        () -> raise(from, RAISE_SOON_LASTING, epoch.value()),
        () -> raise(to, RAISE_SOON_LASTING, epoch.value()));
  }

  /**
   * Does on both sides what an attempt does there first, without effect.
   *
   * @param longestWait how long the sessions wait for a lock from now on
   */
  static void rehearse(Connection from, Connection to, Duration longestWait) throws SQLException {
    for (Connection connection : List.of(from, to)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("set lock_timeout = " + longestWait.toMillis());
      }
      raise(connection, RAISE_SOON_LASTING, BELOW_ALL);
      of(connection);
    }
  }

  @CanIgnoreReturnValue
  private static boolean raise(Connection connection, String sql, long epoch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, epoch);
      return statement.execute();
    }
  }

  /**
   * Ends all sessions of these routers in two databases, and sees them gone. They may connect again
   * meanwhile.
   *
   * @param patience how long that may take in all
   * @return whether those that there were are gone
   */
  static boolean end(
      Connection one, Connection other, Collection<Integer> routers, Duration patience)
      throws SQLException {
    long end = System.nanoTime() + patience.toNanos();
    Workers.Both<Boolean, Boolean> gone =
        Workers.both(() -> end(one, routers, end), () -> end(other, routers, end));
    return gone.here() && gone.beside();
  }

  private static boolean end(Connection connection, Collection<Integer> routers, long end)
      throws SQLException {
    List<Integer> sessions = terminate(connection, routers);
    while (!sessions.isEmpty() && isLeft(connection, sessions)) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      pause();
    }
    return true;
  }

  private static List<Integer> terminate(Connection connection, Collection<Integer> routers)
      throws SQLException {
    List<Integer> sessions = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(TERMINATE)) {
      statement.setArray(1, connection.createArrayOf("int4", routers.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sessions.add(rows.getInt(1));
        }
      }
    }
    return sessions;
  }

  private static boolean isLeft(Connection connection, Collection<Integer> sessions)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LEFT)) {
      statement.setArray(1, connection.createArrayOf("int4", sessions.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private static void pause() throws SQLException {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("this leader is dismissed", "57014", e);
    }
  }
}
