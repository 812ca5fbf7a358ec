package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.junit.PostgresExtension;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A shard is away in the middle of a move, for a while or, where it owned nothing, for good. */
@Timeout(120)
@Tag("embedded")
@Tag("slow")
class LostShardIT {
  @RegisterExtension static final PostgresExtension SOURCE = new PostgresExtension();
  @RegisterExtension static final PostgresExtension TARGET = new PostgresExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final ShardId S = ShardId.of("s-1");

  private LiveCluster cluster;
  private Rebalancer rebalancer;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(500, Sites.on(SOURCE.server(), TARGET.server()));
    rebalancer = cluster.rebalancer();
    rebalancer.campaign("one");
  }

  @AfterEach
  void close() throws Exception {
    rebalancer.close();
    cluster.close();
  }

  @Test
  void anEmptyDatabaseInPlaceOfATargetLetsTheMoveBeAborted() throws Exception {
    int number = start(Duration.ZERO, 1_000);
    rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
    cluster.loseAndReplace("s-2");
    rebalancer.abort(number);
    endsAs(number, MigrationStatus.Outcome.TAKEN_BACK);
    cluster.removeShard("s-2");
  }

  @Test
  void anEmptyDatabaseInPlaceOfASourceLetsTheWindowEnd() throws Exception {
    int number = start(Duration.ofSeconds(10), Long.MAX_VALUE);
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    cluster.loseAndReplace("s-1");
    endsAs(number, MigrationStatus.Outcome.MOVED);
    cluster.removeShard("s-1");
  }

  @Test
  void anEmptyDatabaseInPlaceOfASourceIsFilledAgainByTheWayBack() throws Exception {
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    cluster.loseAndReplace("s-1");
    rebalancer.rollBack(number);
    endsAs(number, MigrationStatus.Outcome.TAKEN_BACK);
    cluster.removeShard("s-2");
  }

  @Test
  void whatWaitsForATargetThatIsAwayIsCounted() throws Exception {
    int number = start(Duration.ZERO, 1_000);
    rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
    TARGET.server().stop();
    cluster.execute("s-1", "update account set note = 'changed'");
    rebalancer.await(number, status -> status.progress().keyLog() >= 500, PATIENCE);
    TARGET.server().restart();
    rebalancer.abort(number);
    endsAs(number, MigrationStatus.Outcome.TAKEN_BACK);
  }

  private int start(Duration window, long bytesPerSecond) {
    RingId ring = new RingId("bank", Region.ALL);
    KeyRangeSet all =
        cluster.topology().keyspace("bank").orElseThrow().placement(Region.ALL).rangesOf(S);
    return rebalancer
        .start(
            rebalancer.plan(new RebalanceRequest.MoveTokens(ring, all, ShardId.of("s-2"))),
            new MoveOptions(window, bytesPerSecond, 2, Duration.ofMillis(500)))
        .get(0);
  }

  private void endsAs(int number, MigrationStatus.Outcome outcome) throws Exception {
    MigrationStatus ended = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(ended.outcome()).isEqualTo(outcome);
    cluster.check(Map.of(), Map.of());
  }
}
