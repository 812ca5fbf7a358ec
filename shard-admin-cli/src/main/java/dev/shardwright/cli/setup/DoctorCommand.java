package dev.shardwright.cli.setup;

import dev.shardwright.ShardException;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.PlannedRing;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code doctor}. */
@Command(
    name = "doctor",
    description = "Checks ZooKeeper, shards, routers, and what would be in the way of a rebalance.",
    footer = {
      "",
      "Each shard is spoken to as the admin role and, through a router, as a service would. Where a",
      "rebalance by tokens would move something, all checks that come before a move are made. Exit",
      "code 1 if something is wrong; warnings are no reason.",
      "",
      "Example:",
      "  shard-admin doctor"
    })
public final class DoctorCommand implements Callable<Integer> {
  private final Session session;
  private final List<List<Cell>> rows = new ArrayList<>();
  private boolean healthy = true;

  /** For one run of the program. */
  public DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (ClusterAdmin admin = session.admin();
        ZooKeeperCluster cluster = session.cluster();
        ShardRouter router = session.router();
        Rebalancer rebalancer = session.rebalancer()) {
      Topology topology = admin.topology();
      add(
          "zookeeper",
          session.settings().zooKeeper(),
          "the cluster is at epoch " + topology.epoch());
      for (ShardId shard : topology.shards().keySet()) {
        check("admin role", shard.value(), () -> admin.checkShard(shard));
        check(
            "app role",
            shard.value(),
            () -> router.shard(shard.value()).queryOne("select 1", row -> row.getInt(1)));
      }
      cluster.routers().forEach(found -> check(found, topology));
      if (healthy) {
        checkMoves(rebalancer);
      }
      session.print(
          Answer.EMPTY
              .fact("healthy", Cell.of(healthy))
              .table("checks", List.of("check", "subject", "ok", "finding"), rows));
      return healthy ? ExitCode.DONE : ExitCode.NOT_DONE;
    }
  }

  /** Sampling needs every shard, so this comes last, and only where all of them are in order. */
  private void checkMoves(Rebalancer rebalancer) {
    RebalancePlan plan;
    PlanCheck check;
    try {
      plan = rebalancer.plan(Balance.by(Goal.TOKENS));
      check = rebalancer.check(plan);
    } catch (ShardException e) {
      addWrong("rebalance", "tokens", e);
      return;
    }
    check
        .findings()
        .forEach(
            (finding, moves) ->
                add(finding.check(), "rebalance", !finding.isBlocking(), finding.toString()));
    plan.rings().forEach(this::addUnbalanced);
    if (plan.moves().isEmpty()
        && plan.rings().stream().allMatch(ring -> ring.unbalanced().isEmpty())) {
      add("rebalance", "tokens", "nothing to move");
    }
  }

  /** Unevenness is nothing wrong; a shard that is to be empty and cannot be is. */
  private void addUnbalanced(PlannedRing ring) {
    boolean ok = ring.notEmptied().isEmpty();
    for (String finding : ring.unbalanced()) {
      add("rebalance", ring.id().toString(), ok, finding);
    }
  }

  /** A moment behind is ordinary, right after a change. */
  private void check(RegisteredRouter router, Topology topology) {
    long behind = topology.epoch().value() - router.epoch().value();
    add(
        "router",
        "%d on %s".formatted(router.number(), router.description().host()),
        behind <= 0 ? "at the newest epoch" : "%d epochs behind: look again".formatted(behind));
  }

  private void check(String check, String subject, Runnable work) {
    try {
      work.run();
      add(check, subject, "in order");
    } catch (ShardException e) {
      addWrong(check, subject, e);
    }
  }

  private void addWrong(String check, String subject, ShardException why) {
    add(check, subject, false, String.valueOf(why.getMessage()));
  }

  private void add(String check, String subject, String finding) {
    add(check, subject, true, finding);
  }

  private void add(String check, String subject, boolean ok, String finding) {
    healthy &= ok;
    rows.add(List.of(Cell.of(check), Cell.of(subject), Cell.of(ok), Cell.of(finding)));
  }
}
