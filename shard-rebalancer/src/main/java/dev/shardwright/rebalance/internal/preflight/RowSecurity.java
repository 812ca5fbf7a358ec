package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * No policy keeps rows from the mover. Owners are subject to policies only where these are forced.
 */
final class RowSecurity implements TableCheck {
  private static final String FIND =
      """
      select quote_ident(r.rolname) from pg_class c, pg_roles r
        where c.oid = ?::regclass and c.relrowsecurity and c.relforcerowsecurity
        and r.rolname = current_user and not r.rolsuper and not r.rolbypassrls
      """;

  @Override
  public String name() {
    return "row security";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (String role : side.rows(FIND, row -> row.getString(1), SqlText.table(table.name()))) {
      findings.block(
          "%s: table %s has FORCE ROW LEVEL SECURITY, and role %s is subject to it"
              .formatted(side, table.name(), role),
          "alter role %s bypassrls, or alter table %s no force row level security"
              .formatted(role, SqlText.table(table.name())));
    }
  }
}
