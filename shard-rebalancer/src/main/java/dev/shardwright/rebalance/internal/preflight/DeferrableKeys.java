package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * Keys are checked with each row. What checks a deferrable one is a trigger, which keeps still in
 * the mover's sessions: a row that moves would be beside one of the target that has the same value.
 * Rows that have the sharding key in common move together, and were checked where they were.
 */
final class DeferrableKeys implements TableCheck {
  private static final String FIND =
      """
      select quote_ident(k.conname), current_setting('session_replication_role') = 'replica'
          and not exists (select from pg_attribute a where a.attrelid = k.conrelid
            and a.attnum = any (k.conkey) and a.attname = ?)
        from %s join pg_constraint k on k.conrelid = p.relid
        where k.contype in ('p', 'u', 'x') and k.condeferrable and k.conparentid = 0
        order by 1
      """
          .formatted(Relations.SQL);

  /** Unchecked is one that rows of two shards may violate together, and nothing looks. */
  private record Key(String name, boolean unchecked) {}

  @Override
  public String name() {
    return "deferrable keys";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    String sharding = table.keyColumn().orElse("");
    for (Key key :
        side.rows(
            FIND,
            row -> new Key(row.getString(1), row.getBoolean(2)),
            sharding,
            SqlText.table(table.name()))) {
      String subject =
          "%s: key %s of table %s is deferrable".formatted(side, key.name(), table.name());
      if (key.unchecked() && !sharding.isEmpty()) {
        findings.block(
            "%s, and does not contain the sharding key %s: rows that are copied could have values of others, unseen"
                .formatted(subject, sharding),
            "make it again as not deferrable, or add %s to it".formatted(sharding));
      } else {
        findings.warn(
            subject + ": for rows that are copied it is checked late, or not at all",
            "make it again as not deferrable, if the service can do without");
      }
    }
  }
}
