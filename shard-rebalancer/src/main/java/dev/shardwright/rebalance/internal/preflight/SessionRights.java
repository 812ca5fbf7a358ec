package dev.shardwright.rebalance.internal.preflight;

import java.sql.SQLException;

/** The mover can end the sessions of a router that does not answer, and sees how old they are. */
final class SessionRights implements Check {
  private static final String FIND =
      """
      select quote_ident(current_user) as mine, quote_ident(a.rolname) as app,
          pg_has_role(a.oid, 'USAGE')
            or not a.rolsuper and pg_has_role('pg_signal_backend', 'USAGE') as may_end,
          pg_has_role(a.oid, 'USAGE') or pg_has_role('pg_read_all_stats', 'USAGE') as may_see
        from pg_roles a where a.rolname = ?
      """;

  private record Rights(String mine, String app, boolean mayEnd, boolean maySee) {}

  @Override
  public String name() {
    return "session rights";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (Side side : move.sides()) {
      for (Rights rights :
          side.rows(
              FIND,
              row ->
                  new Rights(
                      row.getString("mine"),
                      row.getString("app"),
                      row.getBoolean("may_end"),
                      row.getBoolean("may_see")),
              side.shard().primary().user())) {
        look(side, rights, findings);
      }
    }
  }

  private static void look(Side side, Rights rights, Findings findings) {
    if (!rights.mayEnd()) {
      findings.block(
          "%s: role %s may not end sessions of role %s, as it must where a router does not answer"
              .formatted(side, rights.mine(), rights.app()),
          "grant pg_signal_backend to %s, or grant %s to it where that is a superuser"
              .formatted(rights.mine(), rights.app()));
    }
    if (!rights.maySee()) {
      findings.warn(
          "%s: role %s does not see since when transactions of role %s run"
              .formatted(side, rights.mine(), rights.app()),
          "grant pg_read_all_stats to %s".formatted(rights.mine()));
    }
  }
}
