package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/** No prepared transaction has the tables locked: whoever should end it may be gone. */
final class PreparedTransactions implements TableCheck {
  /** A prepared transaction has the lock on its own id; its other locks name the same session. */
  private static final String FIND =
      """
      select x.gid, extract(epoch from clock_timestamp() - x.prepared)::int8
        from pg_prepared_xacts x
        join pg_locks own on own.locktype = 'transactionid' and own.pid is null
          and own.transactionid = x.transaction
        where x.database = current_database()
        and exists (select from pg_locks l where l.pid is null and l.locktype = 'relation'
          and l.virtualtransaction = own.virtualtransaction and l.granted
          and l.database = (select oid from pg_database where datname = current_database())
          and l.relation in (select relid from %s))
        order by x.prepared
      """
          .formatted(Relations.SQL);

  private record Prepared(String id, long seconds) {}

  @Override
  public String name() {
    return "prepared transactions";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Prepared prepared :
        side.rows(
            FIND,
            row -> new Prepared(row.getString(1), row.getLong(2)),
            SqlText.table(table.name()))) {
      String id = SqlText.literal(prepared.id());
      findings.warn(
          "%s: prepared transaction %s has had table %s locked for %d s or longer"
              .formatted(side, id, table.name(), prepared.seconds()),
          "commit prepared %s, or rollback prepared %s".formatted(id, id));
    }
  }
}
