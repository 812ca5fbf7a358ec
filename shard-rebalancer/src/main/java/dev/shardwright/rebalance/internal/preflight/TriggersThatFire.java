package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.capture.TriggersThatAct;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/** No trigger of the service's fires for rows that the mover writes. */
final class TriggersThatFire implements TableCheck {
  private static final String ROLE = "select quote_ident(current_user)";

  private record Trigger(String table, String name) {}

  @Override
  public String name() {
    return "triggers that fire";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    String name = SqlText.table(table.name());
    for (Trigger trigger :
        side.rows(
            TriggersThatAct.ALWAYS, row -> new Trigger(row.getString(1), row.getString(2)), name)) {
      findings.block(
          "%s: trigger %s of table %s fires for rows that are copied"
              .formatted(side, trigger.name(), trigger.table()),
          "alter table %s enable trigger %s".formatted(trigger.table(), trigger.name()));
    }
    String role = side.rows(ROLE, row -> row.getString(1)).get(0);
    for (String firing : side.rows(TriggersThatAct.USUALLY, row -> row.getString(1), name, name)) {
      findings.block(
          "%s: %s acts on rows that are copied, since role %s may not set session_replication_role"
              .formatted(side, firing, role),
          "grant set on parameter session_replication_role to %s".formatted(role));
    }
  }
}
