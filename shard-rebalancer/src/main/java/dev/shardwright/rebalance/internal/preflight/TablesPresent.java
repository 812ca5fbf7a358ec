package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;
import java.util.List;

/** The tables are there, and the mover's role may name them. */
final class TablesPresent implements TableCheck {
  private static final String FIND =
      """
      select has_schema_privilege(n.oid, 'USAGE'), current_user
        from pg_namespace n join pg_class c on c.relnamespace = n.oid
        where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p')
      """;

  private record Found(boolean open, String role) {}

  @Override
  public String name() {
    return "tables present";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    List<Found> found =
        side.rows(
            FIND,
            row -> new Found(row.getBoolean(1), row.getString(2)),
            table.name().schema(),
            table.name().name());
    if (found.isEmpty()) {
      findings.block(
          "%s has no table %s".formatted(side, table.name()),
          "create it there as it is on the other shards");
    } else if (!found.get(0).open()) {
      findings.block(
          "%s: role %s may not use the schema of table %s"
              .formatted(side, found.get(0).role(), table.name()),
          "grant usage on schema %s to %s".formatted(table.name().schema(), found.get(0).role()));
    }
  }
}
