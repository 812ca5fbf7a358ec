package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.rebalance.check.Finding;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for what would make a migration fail, or hurt, before anything of it is registered. Changes
 * nothing and locks no table against anybody but schema changes.
 */
public final class Preflight {
  private static final Duration LONG_TRANSACTION = Duration.ofMinutes(1);

  /** Later stages rely on what the earlier ones make sure of. */
  private static final List<List<Check>> STAGES =
      List.of(
          List.of(new TablesPresent()),
          List.of(new Ownership(), new RowSecurity(), new PrimaryKeys()),
          List.of(
              new Definitions(),
              new TableKinds(),
              new CollationVersions(),
              new ForeignKeysOut(),
              new ForeignKeysIn(),
              new TriggersThatFire(),
              new RulesThatFire(),
              new TriggersAfterOurs(),
              new SessionRights(),
              new Leftovers(),
              new RowsOnTarget(),
              new DeferrableKeys(),
              new UniqueKeys(),
              new UnvalidatedConstraints(),
              new CachedSequences(),
              new TokenIndexes(),
              new LongTransactions(LONG_TRANSACTION),
              new PreparedTransactions(),
              new TableMaintenance()));

  private Preflight() {}

  /**
   * What was found, in the order of the checks; empty if all is well. If an early stage finds
   * something blocking, the later ones are not run: what they would say could not be relied on.
   */
  public static List<Finding> run(IntendedMove move) throws SQLException {
    List<Finding> found = new ArrayList<>();
    for (List<Check> stage : STAGES) {
      for (Check check : stage) {
        Findings findings = new Findings(check.name());
        check.look(move, findings);
        found.addAll(findings.list());
      }
      if (isBlocked(found)) {
        break;
      }
    }
    return List.copyOf(found);
  }

  /** Whether the migration must not begin. */
  public static boolean isBlocked(List<Finding> findings) {
    return findings.stream().anyMatch(Finding::isBlocking);
  }
}
