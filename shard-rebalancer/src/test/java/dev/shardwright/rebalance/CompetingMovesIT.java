package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several moves of one table: at once where they do not touch, one after the other where they do.
 */
@Timeout(180)
@Tag("slow")
class CompetingMovesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final long seed = new Random().nextLong();
  private LiveCluster cluster;
  private Incrementing writers;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    cluster = new LiveCluster(1_000);
    writers = Incrementing.gently(cluster, seed);
  }

  @AfterEach
  void close() throws Exception {
    writers.end();
    cluster.close();
  }

  @Test
  void twoMovesOfAShardGoOnAtOnceAndNoMore() throws Exception {
    try (Rebalancer rebalancer = cluster.rebalancer(inSmallMoves())) {
      rebalancer.campaign("one");
      RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      List<Integer> numbers = rebalancer.start(plan, options(Duration.ZERO));
      assertThat(numbers).hasSizeGreaterThan(2);
      assertThat(mostAtOnceUntilOver(rebalancer, numbers)).isEqualTo(2);
      for (int number : numbers) {
        assertThat(over(rebalancer, number).outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
      }
      check(numbers);
    }
  }

  private int mostAtOnceUntilOver(Rebalancer rebalancer, List<Integer> numbers) {
    AtomicInteger most = new AtomicInteger();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              most.accumulateAndGet(onTheirWay(), Math::max);
              return numbers.stream()
                  .allMatch(number -> rebalancer.migration(number).orElseThrow().isOver());
            });
    return most.get();
  }

  /** One whose ranges have changed hands makes room for the next before it is cleaned up. */
  private int onTheirWay() {
    return Math.toIntExact(
        cluster.topology().moves().values().stream()
            .filter(move -> move.owner().equals(move.source()))
            .count());
  }

  private RebalancerOptions inSmallMoves() {
    return RebalancerOptions.DEFAULTS
        .withCredentials(cluster.credentials())
        .withPlanning(PlanOptions.DEFAULTS.withMostBytesPerMove(30_000));
  }

  @Test
  void theWayBackWaitsUntilTheWayThereIsCleanedUp() throws Exception {
    try (Rebalancer rebalancer = cluster.rebalancer()) {
      rebalancer.campaign("one");
      RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      KeyRangeSet ranges = plan.moves().get(0).transfer().ranges();
      int there = rebalancer.start(plan, options(Duration.ofMinutes(10))).get(0);
      rebalancer.await(there, status -> status.state().equals("IN_WINDOW"), PATIENCE);
      RebalanceRequest back =
          new RebalanceRequest.MoveTokens(
              new RingId("bank", Region.ALL), ranges, ShardId.of("s-1"));
      assertThat(rebalancer.plan(back).moves()).as("ranges that move stay out of plans").isEmpty();
      rebalancer.rollBack(there);
      over(rebalancer, there);
      int again = rebalancer.start(plan, options(Duration.ofSeconds(10))).get(0);
      rebalancer.await(again, status -> status.state().equals("IN_WINDOW"), PATIENCE);
      assertThatThrownBy(() -> rebalancer.start(plan, options(Duration.ZERO)))
          .isInstanceOf(SteeringRefused.class)
          .hasMessageContaining("has some of the same ranges");
      over(rebalancer, again);
      int home = rebalancer.start(rebalancer.plan(back), options(Duration.ZERO)).get(0);
      assertThat(over(rebalancer, home).outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
      check(List.of(there, again, home));
      assertThat(cluster.count("s-2", "account")).isZero();
    }
  }

  /** Those at work copy for longer than anybody waits here. */
  @Test
  void whatIsGivenUpBeforeItHasAPlaceEndsAtOnce() throws Exception {
    try (Rebalancer rebalancer = cluster.rebalancer(inSmallMoves())) {
      RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      List<Integer> numbers =
          rebalancer.start(plan, new MoveOptions(Duration.ZERO, 1, 2, Duration.ofMillis(500)));
      assertThat(numbers).hasSizeGreaterThan(2);
      List<Integer> first = numbers.subList(0, 2);
      List<Integer> others = numbers.subList(2, numbers.size());
      rebalancer.campaign("one");
      for (int number : first) {
        rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
      }
      others.forEach(rebalancer::abort);
      for (int number : others) {
        MigrationStatus ended = over(rebalancer, number);
        assertThat(ended.state()).isEqualTo("ABORTED");
        assertThat(ended.note()).isEqualTo("asked for");
        assertThat(cluster.leftOvers(number)).isEmpty();
      }
      for (int number : first) {
        assertThat(rebalancer.migration(number).orElseThrow().state()).isEqualTo("COPYING");
      }
    }
  }

  private static MoveOptions options(Duration window) {
    return new MoveOptions(window, Long.MAX_VALUE, 2, Duration.ofMillis(500));
  }

  private static MigrationStatus over(Rebalancer rebalancer, int number) throws Exception {
    return rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
  }

  private void check(List<Integer> numbers) throws Exception {
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    for (int number : numbers) {
      assertThat(cluster.leftOvers(number)).isEmpty();
    }
    assertThat(cluster.topology().moves()).isEmpty();
  }
}
