package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * What is unique is so in the fleet, because it contains the sharding key. What does not is unique
 * on each shard only: rows that meet on the target may conflict, and then the migration stops.
 */
final class UniqueKeys implements Check {
  private static final String FIND =
      """
      select x.oid::regclass::text
        from %s join pg_index i on i.indrelid = p.relid
        join pg_class x on x.oid = i.indexrelid
        where (i.indisunique or i.indisexclusion) and not i.indisprimary and not x.relispartition
        and not exists (select from pg_attribute a
          where a.attrelid = i.indrelid and a.attname = ?
          and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
        order by 1
      """
          .formatted(Relations.SQL);

  @Override
  public String name() {
    return "unique keys";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (ShardedTable table : move.tables()) {
      if (table.keyColumn().isPresent()) {
        look(move.source(), table, table.keyColumn().get(), findings);
      }
    }
  }

  private static void look(Side side, ShardedTable table, String key, Findings findings)
      throws SQLException {
    for (String index :
        side.rows(FIND, row -> row.getString(1), SqlText.table(table.name()), key)) {
      findings.warn(
          "%s: %s of table %s does not contain the sharding key %s: rows of two shards may conflict"
              .formatted(side, index, table.name(), key),
          "add %s to it, or make sure that its values are unique across shards".formatted(key));
    }
  }
}
