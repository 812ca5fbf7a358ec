package dev.shardwright.rebalance.internal.preflight;

import java.sql.SQLException;

/**
 * The mover can end the sessions of a router that does not answer, sees how old they are, and how
 * far replicas are behind.
 */
final class SessionRights implements Check {
  private static final String FIND =
      """
      select quote_ident(m.rolname) as mine, quote_ident(a.rolname) as app,
          m.rolsuper or not a.rolsuper
            and (pg_has_role(a.oid, 'USAGE') or pg_has_role('pg_signal_backend', 'USAGE'))
            as may_end,
          a.rolsuper as app_is_superuser,
          pg_has_role(a.oid, 'USAGE') or pg_has_role('pg_read_all_stats', 'USAGE') as may_see,
          pg_has_role('pg_read_all_stats', 'USAGE') or not exists (select from pg_stat_replication)
            as sees_replicas
        from pg_roles a, pg_roles m where a.rolname = ? and m.rolname = current_user
      """;

  private record Rights(
      String mine,
      String app,
      boolean mayEnd,
      boolean appIsSuperuser,
      boolean maySee,
      boolean seesReplicas) {}

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
                      row.getBoolean("app_is_superuser"),
                      row.getBoolean("may_see"),
                      row.getBoolean("sees_replicas")),
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
          rights.appIsSuperuser()
              ? "let services connect as a role that is no superuser"
              : "grant pg_signal_backend to " + rights.mine());
    }
    if (!rights.maySee()) {
      findings.warn(
          "%s: role %s does not see since when transactions of role %s run"
              .formatted(side, rights.mine(), rights.app()),
          "grant pg_read_all_stats to %s".formatted(rights.mine()));
    }
    if (!rights.seesReplicas()) {
      findings.warn(
          "%s: role %s does not see how far replicas are behind, so that moves do not wait for them"
              .formatted(side, rights.mine()),
          "grant pg_read_all_stats to %s".formatted(rights.mine()));
    }
  }
}
