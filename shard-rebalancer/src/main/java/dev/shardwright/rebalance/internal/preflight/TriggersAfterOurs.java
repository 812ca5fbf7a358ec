package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.capture.Uncaptured;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * No trigger changes a row after the gate has looked at it: triggers fire in the order of names.
 */
final class TriggersAfterOurs implements TableCheck {
  private static final String FIND =
      "select t.tgrelid::regclass::text, quote_ident(t.tgname) from "
          + Uncaptured.AFTER_THE_GATE
          + " order by 1, 2";

  private record Trigger(String table, String name) {}

  @Override
  public String name() {
    return "triggers after ours";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Trigger trigger :
        side.rows(
            FIND,
            row -> new Trigger(row.getString(1), row.getString(2)),
            SqlText.table(table.name()))) {
      findings.block(
          "%s: trigger %s of table %s fires after zzz_shardwright_gate and could change the row"
              .formatted(side, trigger.name(), trigger.table()),
          "alter trigger %s on %s rename to a name that sorts before zz_shardwright"
              .formatted(trigger.name(), trigger.table()));
    }
  }
}
