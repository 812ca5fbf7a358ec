package dev.shardwright.cli.daemon;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.cli.daemon.alert.RaisedAlert;
import dev.shardwright.cli.daemon.alert.SampleFacts;
import dev.shardwright.cli.daemon.web.Api;
import dev.shardwright.cli.daemon.web.Health;
import dev.shardwright.cli.daemon.web.RebalanceOrder;
import dev.shardwright.cli.daemon.web.RefusedRequest;
import dev.shardwright.cli.daemon.web.Steering;
import dev.shardwright.cli.moves.MigrationAnswer;
import dev.shardwright.cli.moves.PlanAnswer;
import dev.shardwright.cli.moves.SkewAnswer;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.output.Part;
import dev.shardwright.cli.setup.RouterAnswer;
import dev.shardwright.cli.setup.StatusAnswer;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.topology.zookeeper.Leader;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Answers from what ZooKeeper says now, and from what was sampled last. Plans are made one at a
 * time: each samples all shards. Thread-safe.
 */
final class ClusterApi implements Api {
  static final String AWAY =
      "ZooKeeper is out of reach: look at its servers and the network; this daemon goes on by itself"
          + " once it is back";

  private static final long PLAN_PATIENCE_SECONDS = 10;

  /** Those that wait for a plan hold a thread each, and others want to know how things are. */
  private static final int MOST_WAITING = 4;

  private static final List<String> ALERTS =
      List.of("name", "severity", "subject", "fact", "remedy", "since");

  private final String name;
  private final String candidate;
  private final ZooKeeperCluster cluster;
  private final Rebalancer rebalancer;
  private final Sampler sampler;
  private final Watch watch;
  private final ReentrantLock planning = new ReentrantLock();
  private final ShownPlans shown = new ShownPlans();

  /**
   * @param name the cluster's
   * @param candidate under which this daemon stands for election
   */
  ClusterApi(
      String name,
      String candidate,
      ZooKeeperCluster cluster,
      Rebalancer rebalancer,
      Sampler sampler,
      Watch watch) {
    this.name = name;
    this.candidate = candidate;
    this.cluster = cluster;
    this.rebalancer = rebalancer;
    this.sampler = sampler;
    this.watch = watch;
  }

  @Override
  public Health health() {
    if (!cluster.isConnected()) {
      return new Health(false, false, Optional.empty(), AWAY);
    }
    try {
      Optional<String> leader = cluster.election().leader().map(Leader::name);
      return new Health(true, leader.filter(candidate::equals).isPresent(), leader, "");
    } catch (TopologyUnavailable e) {
      return new Health(false, false, Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Answer status() {
    return StatusAnswer.of(name, reachable());
  }

  @Override
  public Answer ring() {
    return RingAnswer.of(reachable().topologyStore().read(), rebalancer.migrations());
  }

  @Override
  public Answer skew() {
    SampleFacts sample = sampler.newest();
    Answer answer =
        Answer.EMPTY.fact("measuredAt", sample.measuredAt().map(Cell::of).orElseGet(Cell::none));
    for (Part part : SkewAnswer.of(sample.skews(), Skew.MOST_NAMED).parts()) {
      answer = answer.with(part);
    }
    return answer;
  }

  @Override
  public Answer skewHistory() {
    return sampler.history().answer();
  }

  @Override
  public Answer migrations() {
    reachable();
    return MigrationAnswer.detailed(rebalancer.kept());
  }

  @Override
  public Answer migration(int number) {
    reachable();
    return MigrationAnswer.of(found(number));
  }

  @Override
  public Answer routers() {
    return RouterAnswer.of(reachable());
  }

  @Override
  public Answer alerts() {
    return Answer.EMPTY.table(
        "alerts", ALERTS, watch.alerts().stream().map(ClusterApi::row).toList());
  }

  @Override
  public Answer plan(Goal goal) {
    reachable();
    return alone(
        () -> {
          RebalancePlan plan = rebalancer.plan(Balance.by(goal));
          return PlanAnswer.of(plan, rebalancer.check(plan))
              .fact("plan", Cell.of(shown.keep(plan)));
        });
  }

  @Override
  public Answer rebalance(RebalanceOrder order) {
    reachable();
    return alone(
        () -> {
          RebalancePlan plan =
              order
                  .plan()
                  .map(shown::get)
                  .orElseGet(() -> rebalancer.plan(Balance.by(order.goal())));
          PlanCheck check = rebalancer.check(plan);
          if (check.isBlocked()) {
            throw new RefusedRequest(409, "the plan cannot be carried out. " + check.describe());
          }
          List<Integer> numbers =
              plan.moves().isEmpty() ? List.of() : rebalancer.start(plan, order.options());
          return Answer.EMPTY.fact("migrations", Cell.numbers(numbers));
        });
  }

  @Override
  public Answer steer(int migration, Steering steering) {
    reachable();
    found(migration);
    steering.give(rebalancer, migration);
    return MigrationAnswer.of(found(migration));
  }

  /** Without it, each request would wait for ZooKeeper as long as it may, and hold a thread. */
  private ZooKeeperCluster reachable() {
    if (!cluster.isConnected()) {
      throw new RefusedRequest(503, AWAY);
    }
    return cluster;
  }

  private MigrationStatus found(int number) {
    return rebalancer
        .migration(number)
        .orElseThrow(
            () ->
                RefusedRequest.notFound(
                    "there is no migration %d: /api/migrations lists those that are kept"
                        .formatted(number)));
  }

  private Answer alone(Supplier<Answer> work) {
    try {
      if (planning.getQueueLength() >= MOST_WAITING
          || !planning.tryLock(PLAN_PATIENCE_SECONDS, SECONDS)) {
        throw new RefusedRequest(503, "another plan is being made: ask again in a moment");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedRequest(503, "the daemon ends: ask another one");
    }
    try {
      return work.get();
    } finally {
      planning.unlock();
    }
  }

  private static List<Cell> row(RaisedAlert raised) {
    return List.of(
        Cell.of(raised.alert().name()),
        Cell.of(raised.alert().severity().name().toLowerCase(Locale.ROOT)),
        Cell.of(raised.alert().subject()),
        Cell.of(raised.alert().fact()),
        Cell.of(raised.alert().remedy()),
        Cell.of(raised.since()));
  }
}
