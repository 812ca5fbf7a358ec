package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/** The mover's role has the rights of the owner of each table and partition: it makes triggers. */
final class Ownership implements TableCheck {
  private static final String FIND =
      """
      select c.oid::regclass::text, quote_ident(pg_get_userbyid(c.relowner)),
          quote_ident(current_user)
        from %s join pg_class c on c.oid = p.relid
        where not pg_has_role(c.relowner, 'USAGE')
        order by 1
      """
          .formatted(Relations.SQL);

  private record Foreign(String table, String owner, String role) {}

  @Override
  public String name() {
    return "ownership";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Foreign foreign :
        side.rows(
            FIND,
            row -> new Foreign(row.getString(1), row.getString(2), row.getString(3)),
            SqlText.table(table.name()))) {
      findings.block(
          "%s: table %s belongs to role %s, whose rights role %s does not have"
              .formatted(side, foreign.table(), foreign.owner(), foreign.role()),
          "grant %s to %s".formatted(foreign.owner(), foreign.role()));
    }
  }
}
