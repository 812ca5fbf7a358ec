package dev.shardwright.rebalance.internal.capture;

import com.google.common.base.CharMatcher;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.Transaction;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions that have written rows of a range move, and keep its gate open until they end,
 * or that have locks on its tables which are in its way: for people, who may end them.
 */
public final class GateHolders {
  private static final Logger LOG = LoggerFactory.getLogger(GateHolders.class);

  /** They are named in a note that is kept in ZooKeeper. */
  private static final int MOST_NAMED = 3;

  private static final Duration PATIENCE = Duration.ofMillis(250);

  /** Those that conflict with the lock of a writer, under which an attempt looks at the tables. */
  private static final List<String> KEEP_WRITERS_OUT =
      List.of("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock");

  /**
   * The oldest first, each once. A prepared transaction has no session; it has the lock on its own
   * id, and its other locks name the same virtual transaction. What roles of others do is hidden
   * from a role that is not in {@code pg_read_all_stats}.
   */
  private static final String FIND =
      """
      select l.pid, a.usename, a.application_name, a.state, x.gid,
          extract(epoch from clock_timestamp() - coalesce(a.xact_start, x.prepared))::int8
            as seconds,
          count(*) over () as holders
        from (
            select distinct l.pid, l.virtualtransaction
              from pg_locks l
              where %s and l.granted
              and l.database = (select oid from pg_database where datname = current_database())
          ) l
        left join pg_stat_activity a on a.pid = l.pid
        left join (
            select own.virtualtransaction, p.gid, p.prepared
              from pg_prepared_xacts p
              join pg_locks own on own.locktype = 'transactionid' and own.pid is null
                and own.transactionid = p.transaction
              where p.database = current_database()
          ) x on l.pid is null and x.virtualtransaction = l.virtualtransaction
        order by coalesce(a.xact_start, x.prepared), l.pid
        limit
      """
          + MOST_NAMED;

  private static final String OF_GATE =
      FIND.formatted(
          "l.locktype = 'advisory' and l.mode = 'ShareLock'"
              + " and l.classid = %d and l.objid = ? and l.objsubid = 2"
                  .formatted(AdvisoryLocks.GATE));

  private static final String OF_TABLES =
      FIND.formatted(
          """
          l.locktype = 'relation' and l.mode = any (?::text[])
          and l.relation in (
            with recursive tree (id) as (
              select to_regclass(name)::oid from unnest(?::text[]) name
              union
              select i.inhrelid from pg_inherits i join tree on i.inhparent = tree.id)
            select id from tree)
          """);

  private GateHolders() {}

  private interface Parameter {
    void set(PreparedStatement statement) throws SQLException;
  }

  /**
   * Who they are now. Takes a quarter of a second at most, and does not fail: whoever looks has
   * something to finish.
   *
   * @param connection in autocommit mode
   */
  public static String describe(Connection connection, int migration) {
    try {
      return find(connection, OF_GATE, statement -> statement.setInt(1, migration))
          .orElse("transactions that ended too late");
    } catch (SQLException e) {
      LOG.warn("Range move {}: who keeps the gate open cannot be read", migration, e);
      return "transactions that could not be looked up (SQLSTATE %s)".formatted(e.getSQLState());
    }
  }

  /**
   * Who has these tables or partitions of them locked now, so that no row can be written there;
   * empty if nobody. Waits for no lock itself; takes no longer than {@link #describe}, and does not
   * fail either.
   *
   * @param connection in autocommit mode
   * @param tables as SQL names them
   */
  public static Optional<String> ofTables(Connection connection, List<String> tables) {
    return ofTables(connection, tables, KEEP_WRITERS_OUT)
        .map(holders -> holders + " to unlock the tables");
  }

  /** The same of those whose locks are of these modes, by their names only. */
  static Optional<String> ofTables(Connection connection, List<String> tables, List<String> modes) {
    try {
      Array names = connection.createArrayOf("text", tables.toArray());
      Array held = connection.createArrayOf("text", modes.toArray());
      return find(
          connection,
          OF_TABLES,
          statement -> {
            statement.setArray(1, held);
            statement.setArray(2, names);
          });
    } catch (SQLException e) {
      LOG.warn("Who has tables locked cannot be read", e);
      return Optional.empty();
    }
  }

  private static Optional<String> find(Connection connection, String sql, Parameter parameter)
      throws SQLException {
    return Transaction.in(
        connection,
        () -> {
          try (Statement limit = connection.createStatement()) {
            limit.execute("set local statement_timeout = " + PATIENCE.toMillis());
          }
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            parameter.set(statement);
            return named(statement);
          }
        });
  }

  private static Optional<String> named(PreparedStatement statement) throws SQLException {
    List<String> named = new ArrayList<>();
    long holders = 0;
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        named.add(CharMatcher.javaIsoControl().replaceFrom(name(rows), ' '));
        holders = rows.getLong("holders");
      }
    }
    String more = holders > named.size() ? " and %d more".formatted(holders - named.size()) : "";
    return named.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", named) + more);
  }

  private static String name(ResultSet row) throws SQLException {
    String gid = row.getString("gid");
    StringJoiner known = new StringJoiner(", ", " (", ")").setEmptyValue("");
    if (gid == null) {
      addIfKnown(known, "user %s", row.getString("usename"));
      addIfKnown(known, "application '%s'", row.getString("application_name"));
      addIfKnown(known, "%s", row.getString("state"));
      addIfKnown(known, "transaction open for %s s", row.getString("seconds"));
      String pid = row.getString("pid");
      return pid == null ? "a prepared transaction" : "session " + pid + known;
    }
    addIfKnown(known, "prepared %s s ago", row.getString("seconds"));
    return "prepared transaction " + SqlText.literal(gid) + known;
  }

  private static void addIfKnown(StringJoiner known, String what, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      known.add(what.formatted(value));
    }
  }
}
