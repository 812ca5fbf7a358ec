package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.ColumnSequences;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * The mover's role has the rights of the owner of each table and partition, where it makes
 * triggers, and of each sequence that these draw from, which it moves on.
 */
final class Ownership implements TableCheck {
  private static final String FIND =
      """
      select case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass,
          quote_ident(pg_get_userbyid(c.relowner)), quote_ident(current_user)
        from pg_class c
        where c.oid in (select p.relid from %s union all select s.id from %s)
        and not pg_has_role(c.relowner, 'USAGE')
        order by 1
      """
          .formatted(Relations.SQL, ColumnSequences.SQL);

  private record Foreign(String relation, String owner, String role) {}

  @Override
  public String name() {
    return "ownership";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    String name = SqlText.table(table.name());
    for (Foreign foreign :
        side.rows(
            FIND,
            row -> new Foreign(row.getString(1), row.getString(2), row.getString(3)),
            name,
            name)) {
      findings.block(
          "%s: %s belongs to role %s, whose rights role %s does not have"
              .formatted(side, foreign.relation(), foreign.owner(), foreign.role()),
          "grant %s to %s".formatted(foreign.owner(), foreign.role()));
    }
  }
}
