package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * Constraints hold for the rows that are there. One that is NOT VALID need not, but does for every
 * row that comes: one that violates it cannot be copied.
 */
final class UnvalidatedConstraints implements Check {
  private static final String FIND =
      """
      select p.relid::regclass::text, quote_ident(k.conname)
        from %s join pg_constraint k on k.conrelid = p.relid
        where k.contype in ('c', 'n') and not k.convalidated and k.conislocal
        order by 1, 2
      """
          .formatted(Relations.SQL);

  private record Constraint(String table, String name) {}

  @Override
  public String name() {
    return "unvalidated constraints";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    Side target = move.target();
    for (ShardedTable table : move.tables()) {
      for (Constraint constraint :
          target.rows(
              FIND,
              row -> new Constraint(row.getString(1), row.getString(2)),
              SqlText.table(table.name()))) {
        findings.warn(
            "%s: constraint %s of table %s is NOT VALID: rows that violate it cannot be copied, and end the move"
                .formatted(target, constraint.name(), constraint.table()),
            "correct such rows on %s, then alter table %s validate constraint %s on both"
                .formatted(move.source(), constraint.table(), constraint.name()));
      }
    }
  }
}
