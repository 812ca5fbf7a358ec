package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.rebalance.check.CheckedMove;
import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.internal.database.MoverDatabase;
import dev.shardwright.rebalance.internal.database.SessionLimits;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.Claim;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.plan.PlannedMove;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Looks at all that a plan asks for before anything of it exists: whether the ranges are free to
 * move, and both databases of each move. Changes nothing.
 */
public final class PlanPreflight {
  private static final SessionLimits LIMITS =
      new SessionLimits(
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1));

  private final CredentialsProvider credentials;
  private final Topology topology;
  private final Journal.Kept kept;
  private final List<RegisteredRouter> routers;

  /**
   * Looks at nothing yet.
   *
   * @param kept all migrations
   * @param routers all that are registered
   */
  public PlanPreflight(
      CredentialsProvider credentials,
      Topology topology,
      Journal.Kept kept,
      List<RegisteredRouter> routers) {
    this.credentials = credentials;
    this.topology = topology;
    this.kept = kept;
    this.routers = List.copyOf(routers);
  }

  /** What was found about each move. */
  public PlanCheck run(RebalancePlan plan) {
    List<CheckedMove> moves = new ArrayList<>();
    for (PlannedMove move : plan.moves()) {
      moves.add(new CheckedMove(move, findings(move)));
    }
    return new PlanCheck(moves);
  }

  private List<Finding> findings(PlannedMove move) {
    Findings ranges = new Findings("ranges");
    Optional<KeyspaceTopology> keyspace = topology.keyspace(move.ring().keyspace());
    Optional<Shard> source = topology.shard(move.transfer().source());
    Optional<Shard> target = topology.shard(move.transfer().target());
    if (keyspace.isEmpty() || source.isEmpty() || target.isEmpty()) {
      ranges.block(
          "keyspace %s, shard %s or shard %s is not there any more"
              .formatted(
                  move.ring().keyspace(), move.transfer().source(), move.transfer().target()),
          "make a new plan");
      return ranges.list();
    }
    lookAtRanges(
        new Claim(move.ring().keyspace(), move.ring().region(), move.transfer()),
        keyspace.get(),
        ranges);
    List<Finding> found = new ArrayList<>(ranges.list());
    found.addAll(routers());
    found.addAll(databases(move, keyspace.get(), source.get(), target.get()));
    return found;
  }

  private void lookAtRanges(Claim claim, KeyspaceTopology keyspace, Findings findings) {
    KeyRangeSet elsewhere = claim.elsewhere(keyspace);
    if (!elsewhere.isEmpty()) {
      findings.block(
          "the ranges %s are not with shard %s any more"
              .formatted(elsewhere, claim.transfer().source()),
          "make a new plan");
    }
    for (Migration migration : kept.migrations()) {
      if (!migration.state().isOver() && claim.overlaps(migration.claim())) {
        findings.block(
            "migration %d, which is %s, has some of the same ranges"
                .formatted(migration.number(), migration.state()),
            "wait for its end, or abort it, and make a new plan");
      }
    }
    kept.illegible()
        .forEach(
            (number, why) ->
                findings.block(
                    "nobody can tell which ranges migration %d has: %s".formatted(number, why),
                    "use the newer release of Shardwright that wrote it, or mend its node in"
                        + " ZooKeeper; remove that only if no range move has its number"));
  }

  /** A move waits for those whose sessions it sees in the databases. */
  private List<Finding> routers() {
    Findings findings = new Findings("routers");
    for (RegisteredRouter router : routers) {
      if (router.description().sharesSessions()) {
        findings.block(
            "router %d on %s (process %d) reaches the shards through a proxy that shares sessions: no move can tell whether it still works on the rows"
                .formatted(
                    router.number(), router.description().host(), router.description().pid()),
            "let it connect to the shards directly while ranges move, without"
                + " RouterOptions.withPgBouncer");
      }
    }
    return findings.list();
  }

  private List<Finding> databases(
      PlannedMove move, KeyspaceTopology keyspace, Shard source, Shard target) {
    Findings sessions = new Findings("sessions");
    try (Connection from = open(source);
        Connection to = open(target)) {
      return Preflight.run(
          new IntendedMove(
              OptionalInt.empty(),
              keyspace,
              topology.referenceTables(),
              move.transfer().ranges(),
              new Side(source, from),
              new Side(target, to)));
    } catch (SQLException e) {
      sessions.block(
          "shards %s and %s could not be looked at as the admin role: %s"
              .formatted(source.id(), target.id(), e.getMessage()),
          "mend that, and check again");
      return sessions.list();
    }
  }

  private Connection open(Shard shard) throws SQLException {
    return MoverDatabase.forChecks(credentials, shard).open(LIMITS);
  }
}
