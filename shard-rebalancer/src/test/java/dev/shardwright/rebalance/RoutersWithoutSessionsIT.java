package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.watch.MigrationEvent;
import dev.shardwright.rebalance.watch.MigrationEvent.RoutersCutOff;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterMembership;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Routers that are on neither shard of a move, but may come there for work that has begun. */
@Timeout(180)
@Tag("slow")
class RoutersWithoutSessionsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int ROWS = 500;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<MigrationEvent> told = new CopyOnWriteArrayList<>();
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private RouterMembership router;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(ROWS);
    rebalancer = cluster.rebalancer(cluster.options().withMeters(registry).withListener(told::add));
    router = cluster.cluster.join(new RouterDescription("app-1", 42, "1.0"));
    rebalancer.campaign("one");
  }

  @AfterEach
  void close() throws Exception {
    router.close();
    rebalancer.close();
    cluster.close();
  }

  @Test
  void areWaitedForUntilTheyHaveAcknowledgedOrAreGone() throws Exception {
    router.report(new Epoch(1_000_000));
    int number = start();
    awaitNote(number, "PREPARING");
    assertThat(cluster.count("s-2", "account")).isZero();
    cluster
        .cluster
        .acknowledgements()
        .acknowledge(new Subject(number, 0, /* held= */ false), router.number());
    awaitNote(number, "CLEANING_UP");
    assertThat(cluster.count("s-1", "account")).as("it may read there").isEqualTo(ROWS);
    router.close();
    assertMoved(number);
    assertThat(cutOffs()).as("it was waited for").isZero();
  }

  /** As one does whose session with ZooKeeper lives while it does not read what changes there. */
  @Test
  void areGivenUpIfTheyDoNotFollowTheTopology() throws Exception {
    int number = start();
    awaitNote(number, "PREPARING");
    assertMoved(number);
    assertThat(cluster.cluster.routerNumbers()).doesNotContain(router.number());
    RoutersCutOff once = new RoutersCutOff(number, "bank", "PREPARING", List.of(router.number()));
    await()
        .untilAsserted(
            () ->
                assertThat(told).filteredOn(RoutersCutOff.class::isInstance).containsExactly(once));
    assertThat(once.isTrouble()).isTrue();
    assertThat(cutOffs()).isEqualTo(1);
  }

  private double cutOffs() {
    return registry.get("shardwright.router.cutoff").counter().count();
  }

  /** Nobody registered has it: what would be read there once the ranges are gone would be old. */
  @Test
  void loseIdleSessionsAtTheSourceWhenTheRangesChangeHands() throws Exception {
    router.close();
    int number =
        rebalancer
            .start(
                rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
                new MoveOptions(Duration.ofMinutes(10), 10_000, 2, Duration.ofSeconds(1)))
            .get(0);
    rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
    try (Connection expired = cluster.connect(ShardId.of("s-1"));
        Statement statement = expired.createStatement()) {
      statement.execute(
          "select pg_advisory_lock_shared(%d, %d)"
              .formatted(AdvisoryLocks.ROUTER, router.number()));
      rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
      assertThat(expired.isValid(5)).isFalse();
    }
  }

  /** What it knew while it was on the list does not let a router in that nobody waits for. */
  @Test
  void areShutOutWithANewEpochOnceNobodyIsWaitedFor() throws Exception {
    router.close();
    Epoch begun = cluster.topology().epoch().next();
    int number = start();
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    assertThat(minimumEpoch("s-1")).isGreaterThan(begun.value());
    assertThat(minimumEpoch("s-2")).isGreaterThan(begun.value());
    assertMoved(number);
  }

  private long minimumEpoch(String shard) throws SQLException {
    try (Connection connection = cluster.connect(ShardId.of(shard));
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select last_value from shardwright.minimum_epoch")) {
      row.next();
      return row.getLong(1);
    }
  }

  private int start() {
    return rebalancer
        .start(
            rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
            new MoveOptions(Duration.ZERO, 40_000, 2, Duration.ofSeconds(1)))
        .get(0);
  }

  private void awaitNote(int number, String state) throws Exception {
    rebalancer.await(
        number,
        status ->
            status.state().equals(state)
                && status
                    .note()
                    .contains(
                        "routers [%d] to end what they began before".formatted(router.number())),
        PATIENCE);
  }

  private void assertMoved(int number) throws Exception {
    MigrationStatus done = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(done.outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    assertThat(cluster.leftOvers(number)).isEmpty();
  }
}
