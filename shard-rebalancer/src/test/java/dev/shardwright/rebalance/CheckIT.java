package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.rebalance.check.CheckedMove;
import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.check.Severity;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.rebalance.plan.PlannedMove;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterMembership;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@Tag("slow")
class CheckIT {
  private LiveCluster cluster;
  private Rebalancer rebalancer;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(500);
    rebalancer = cluster.rebalancer();
  }

  @AfterEach
  void close() throws Exception {
    rebalancer.close();
    cluster.close();
  }

  @Test
  void saysOfEachMoveWhatIsInTheWayAndChangesNothing() throws Exception {
    PlanOptions small = PlanOptions.DEFAULTS.withMostBytesPerMove(20_000);
    try (Rebalancer planner = cluster.rebalancer(cluster.options().withPlanning(small))) {
      RebalancePlan plan = planner.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      assertThat(plan.moves()).hasSizeGreaterThan(1);
      cluster.execute("s-2", "drop table entry");
      Topology before = cluster.topology();
      PlanCheck check = planner.check(plan);
      assertThat(check.isBlocked()).isTrue();
      assertThat(check.moves()).extracting(CheckedMove::move).isEqualTo(plan.moves());
      assertThat(check.moves())
          .allSatisfy(
              move ->
                  assertThat(move.findings())
                      .containsExactly(
                          new Finding(
                              Severity.BLOCKING,
                              "tables present",
                              "shard s-2 has no table public.entry",
                              "create it there as it is on the other shards")));
      assertThat(check.findings()).hasSize(1);
      assertThat(check.describe())
          .startsWith(
              "Check of " + plan.moves().size() + " range moves: the plan cannot be started")
          .contains("blocking (tables present): shard s-2 has no table public.entry. Remedy:");
      assertThat(cluster.topology()).isEqualTo(before);
      assertThat(planner.migrations()).isEmpty();
    }
  }

  @Test
  void refusesToMoveBesideARouterWhoseSessionsCannotBeToldApart() {
    RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
    RouterMembership member =
        cluster.cluster.join(new RouterDescription("app-1", 42, "1.0", /* sharesSessions= */ true));
    assertThat(rebalancer.check(plan).moves().get(0).findings())
        .anySatisfy(
            finding -> {
              assertThat(finding.isBlocking()).isTrue();
              assertThat(finding.what()).contains("router", "app-1", "process 42", "proxy");
              assertThat(finding.remedy()).contains("withPgBouncer");
            });
    assertThatThrownBy(() -> rebalancer.start(plan, MoveOptions.DEFAULTS))
        .hasMessageContaining("proxy");
    member.close();
    assertThat(rebalancer.check(plan).isBlocked()).isFalse();
  }

  @Test
  void tellsWhichMigrationsAreThereWhenItIsInterruptedBetweenThem() {
    PlanOptions small = PlanOptions.DEFAULTS.withMostBytesPerMove(20_000);
    Effects effects = Effects.lasting();
    String zooKeeper = cluster.zooKeeper;
    try (EffectProxy proxy =
            EffectProxy.to(
                "127.0.0.1", ZooKeeperServer.shared().port(), ZooKeeperDialogue::new, effects);
        Rebalancer planner =
            Rebalancer.connect(
                proxy.address() + zooKeeper.substring(zooKeeper.indexOf('/')),
                LiveCluster.NAME,
                cluster.options().withPlanning(small))) {
      RebalancePlan plan = planner.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      assertThat(plan.moves()).hasSizeGreaterThan(2);
      Thread starting = Thread.currentThread();
      effects.at(seen -> seen.get(seen.size() - 1).contains("/migrations/2"), starting::interrupt);
      assertThatThrownBy(() -> planner.start(plan, MoveOptions.DEFAULTS))
          .asInstanceOf(InstanceOfAssertFactories.type(StartIncomplete.class))
          .satisfies(broken -> assertThat(broken.migrations()).containsExactly(1, 2));
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(rebalancer.migrations()).extracting(MigrationStatus::number).containsExactly(1, 2);
  }

  @Test
  void aPlanThatIsBlockedIsNotStartedAndAfterTheRemedyItIs() throws Exception {
    RebalancePlan plan = plan();
    cluster.execute("s-2", "alter table account add constraint positive check (id > 0)");
    assertThatThrownBy(() -> rebalancer.start(plan, MoveOptions.DEFAULTS))
        .isInstanceOf(SteeringRefused.class)
        .hasMessageContaining("blocking (definitions): ");
    assertThat(rebalancer.migrations()).isEmpty();
    cluster.execute("s-2", "alter table account drop constraint positive");
    PlanCheck check = rebalancer.check(plan);
    assertThat(check.isBlocked()).isFalse();
    assertThat(check.findings().keySet())
        .extracting(Finding::check)
        .as("a warning keeps nothing from beginning")
        .contains("token indexes");
    rebalancer.campaign("one");
    int number =
        rebalancer
            .start(plan, new MoveOptions(Duration.ZERO, Long.MAX_VALUE, 2, Duration.ofSeconds(1)))
            .get(0);
    rebalancer.await(number, MigrationStatus::hasMoved, Duration.ofMinutes(1));
  }

  @Test
  void rangesThatAnotherMigrationHasOrHasMovedAreNotTakenTwice() throws Exception {
    RebalancePlan plan = plan();
    MoveOptions options = new MoveOptions(Duration.ZERO, Long.MAX_VALUE, 2, Duration.ofSeconds(1));
    int number = rebalancer.start(plan, options).get(0);
    assertThat(found(plan))
        .contains("migration " + number + ", which is PLANNED, has some of the same ranges");
    assertThatThrownBy(() -> rebalancer.start(plan, options)).isInstanceOf(SteeringRefused.class);
    rebalancer.campaign("one");
    rebalancer.await(number, MigrationStatus::isOver, Duration.ofMinutes(1));
    assertThat(found(plan))
        .anyMatch(what -> what.matches("the ranges .* are not with shard s-1 any more"));
    assertThat(rebalancer.migrations()).hasSize(1);
  }

  @Test
  void ofTwoMigrationsOfTheSameRangesOneMovesThemAndTheOtherIsGivenUp() throws Exception {
    PlannedMove move = plan().moves().get(0);
    Journal journal = new Journal(cluster.cluster.migrations());
    for (int i = 0; i < 2; i++) {
      journal.create(
          number ->
              Migration.planned(
                  number,
                  move.ring().keyspace(),
                  move.ring().region(),
                  move.transfer(),
                  Optional.empty(),
                  "both at once",
                  new MoveOptions(Duration.ZERO, Long.MAX_VALUE, 2, Duration.ofSeconds(1)),
                  Instant.now()));
    }
    rebalancer.campaign("one");
    List<MigrationStatus> ended = new ArrayList<>();
    for (MigrationStatus migration : rebalancer.migrations()) {
      ended.add(
          rebalancer.await(migration.number(), MigrationStatus::isOver, Duration.ofMinutes(1)));
    }
    assertThat(ended)
        .extracting(MigrationStatus::state)
        .containsExactlyInAnyOrder("DONE", "ABORTED");
    assertThat(ended)
        .filteredOn(status -> status.state().equals("ABORTED"))
        .allMatch(status -> status.note().contains("not with shard s-1 any more"));
    cluster.check(Map.of(), Map.of());
  }

  @Test
  void aShardOutOfReachIsInTheWay() throws Exception {
    CredentialsProvider right = cluster.credentials();
    CredentialsProvider wrong =
        (shard, endpoint, role) ->
            shard.value().equals("s-2")
                ? Credentials.of("nobody", "nothing")
                : right.credentialsFor(shard, endpoint, role);
    RebalancePlan plan = plan();
    try (Rebalancer other = cluster.rebalancer(cluster.options().withCredentials(wrong))) {
      PlanCheck check = other.check(plan);
      assertThat(check.isBlocked()).isTrue();
      assertThat(check.findings().keySet()).extracting(Finding::check).containsExactly("sessions");
    }
  }

  private RebalancePlan plan() {
    return rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
  }

  private List<String> found(RebalancePlan plan) {
    return rebalancer.check(plan).findings().keySet().stream()
        .filter(Finding::isBlocking)
        .map(Finding::what)
        .toList();
  }
}
