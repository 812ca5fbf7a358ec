package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * No rewrite rule makes something else, such as nothing, of the mover's deletes: it copies rows
 * otherwise, which no rule is about. As with triggers, usual ones keep still in sessions with
 * {@code session_replication_role = replica}. Rules of partitions are about statements that name
 * these.
 */
final class RulesThatFire implements TableCheck {
  private static final String FIND =
      """
      select r.ev_class::regclass::text, quote_ident(r.rulename), r.ev_enabled,
          quote_ident(current_user)
        from pg_rewrite r where r.ev_class = ?::regclass and r.ev_type = '4' -- delete
          and (r.ev_enabled = 'A' or r.ev_enabled
          = case current_setting('session_replication_role') when 'replica' then 'R' else 'O' end)
        order by 1, 2
      """;

  private record Rule(String table, String name, String enabled, String role) {
    String remedy() {
      return switch (enabled) {
        case "O" -> "grant set on parameter session_replication_role to " + role;
        case "A" -> "alter table %s enable rule %s".formatted(table, name);
        default -> "alter table %s disable rule %s".formatted(table, name);
      };
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
            row -> new Rule(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
            SqlText.table(table.name()))) {
      findings.block(
          "%s: rule %s of table %s acts on the mover's deletes"
              .formatted(side, rule.name(), rule.table()),
          rule.remedy());
    }
  }
}
