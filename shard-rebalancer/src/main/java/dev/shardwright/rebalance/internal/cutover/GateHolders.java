package dev.shardwright.rebalance.internal.cutover;

import com.google.common.base.CharMatcher;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions that have written rows of a range move, and keep its gate open until they end:
 * for people, who may end them.
 */
final class GateHolders {
  private static final Logger LOG = LoggerFactory.getLogger(GateHolders.class);

  /** They are named in a note that is kept in ZooKeeper. */
  private static final int MOST_NAMED = 3;

  private static final Duration PATIENCE = Duration.ofMillis(250);

  /**
   * The oldest first. A prepared transaction has no session; it has the lock on its own id, and its
   * other locks name the same virtual transaction. What roles of others do is hidden from a role
   * that is not in {@code pg_read_all_stats}.
   */
  private static final String FIND =
      """
      select l.pid, a.usename, a.application_name, a.state, x.gid,
          extract(epoch from clock_timestamp() - coalesce(a.xact_start, x.prepared))::int8
            as seconds,
          count(*) over () as holders
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        left join (
            select own.virtualtransaction, p.gid, p.prepared
              from pg_prepared_xacts p
              join pg_locks own on own.locktype = 'transactionid' and own.pid is null
                and own.transactionid = p.transaction
              where p.database = current_database()
          ) x on l.pid is null and x.virtualtransaction = l.virtualtransaction
        where l.locktype = 'advisory' and l.classid = ? and l.objid = ? and l.objsubid = 2
        and l.mode = 'ShareLock' and l.granted
        and l.database = (select oid from pg_database where datname = current_database())
        order by coalesce(a.xact_start, x.prepared), l.pid
        limit ?
      """;

  private GateHolders() {}

  /**
   * Who they are now. Takes a quarter of a second at most, and does not fail: whoever looks has
   * something to finish.
   *
   * @param connection in autocommit mode
   */
  static String describe(Connection connection, int migration) {
    try {
      return Transaction.in(connection, () -> find(connection, migration));
    } catch (SQLException e) {
      LOG.warn("Range move {}: who keeps the gate open cannot be read", migration, e);
      return "transactions that could not be looked up (SQLSTATE %s)".formatted(e.getSQLState());
    }
  }

  private static String find(Connection connection, int migration) throws SQLException {
    try (Statement limit = connection.createStatement()) {
      limit.execute("set local statement_timeout = " + PATIENCE.toMillis());
    }
    List<String> named = new ArrayList<>();
    long holders = 0;
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setInt(1, AdvisoryLocks.GATE);
      statement.setInt(2, migration);
      statement.setInt(3, MOST_NAMED);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          named.add(CharMatcher.javaIsoControl().replaceFrom(name(rows), ' '));
          holders = rows.getLong("holders");
        }
      }
    }
    if (named.isEmpty()) {
      return "transactions that ended too late";
    }
    String more = holders > named.size() ? " and %d more".formatted(holders - named.size()) : "";
    return String.join(", ", named) + more;
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
