package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * No rewrite rule makes something else of what the mover does to rows, such as nothing of its
 * deletes. As with triggers, usual ones keep still in sessions with {@code session_replication_role
 * = replica}.
 */
final class RulesThatFire implements TableCheck {
  private static final String FIND =
      """
      select r.ev_class::regclass::text, quote_ident(r.rulename), r.ev_enabled = 'O',
          quote_ident(current_user)
        from %s join pg_rewrite r on r.ev_class = p.relid
        where r.ev_type <> '1' and (r.ev_enabled = 'A' or r.ev_enabled
          = case current_setting('session_replication_role') when 'replica' then 'R' else 'O' end)
        order by 1, 2
      """
          .formatted(Relations.SQL);

  private record Rule(String table, String name, boolean usual, String role) {
    String remedy() {
      return usual
          ? "grant set on parameter session_replication_role to " + role
          : "alter table %s enable rule %s".formatted(table, name);
    }
  }

  @Override
  public String name() {
    return "rules that fire";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Rule rule :
        side.rows(
            FIND,
            row ->
                new Rule(row.getString(1), row.getString(2), row.getBoolean(3), row.getString(4)),
            SqlText.table(table.name()))) {
      findings.block(
          "%s: rule %s of table %s acts on what the mover does to rows"
              .formatted(side, rule.name(), rule.table()),
          rule.remedy());
    }
  }
}
