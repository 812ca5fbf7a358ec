package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/** Keys are checked with each row. A deferred one is found violated when a chunk commits, late. */
final class DeferrableKeys implements Check {
  private static final String FIND =
      """
      select quote_ident(k.conname)
        from %s join pg_constraint k on k.conrelid = p.relid
        where k.contype in ('p', 'u', 'x') and k.condeferrable and k.conparentid = 0
        order by 1
      """
          .formatted(Relations.SQL);

  @Override
  public String name() {
    return "deferrable keys";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (ShardedTable table : move.tables()) {
      for (String key :
          move.source().rows(FIND, row -> row.getString(1), SqlText.table(table.name()))) {
        findings.warn(
            "%s: key %s of table %s is deferrable: conflicts with it show only when a chunk commits"
                .formatted(move.source(), key, table.name()),
            "make it again as not deferrable, if the service can do without");
      }
    }
  }
}
