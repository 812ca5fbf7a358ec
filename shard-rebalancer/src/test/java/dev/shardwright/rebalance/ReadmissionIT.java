package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.watch.MigrationEvent;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.PostgresExtension;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
@Tag("embedded")
@Tag("slow")
class ReadmissionIT {
  @RegisterExtension static final PostgresExtension SERVER = new PostgresExtension();

  /** As one is asserted with each range move, and stays. */
  private static final String ASSERT = "select shardwright.raise_minimum_epoch(1)";

  private static final String ENTER = "select shardwright.enter(7, 1000000)";

  @Test
  void routersGetInAfterAFailOverThoughNothingMoves() throws Exception {
    try (LiveCluster cluster = cluster();
        Rebalancer rebalancer = cluster.rebalancer()) {
      failOver(cluster);
      rebalancer.campaign("one");
      admits(cluster);
      assertThatThrownBy(() -> cluster.execute("s-1", "select shardwright.enter(7, 1)"))
          .as("a router that may not know what the standby did not know either")
          .hasMessageContaining("admits epoch");
    }
  }

  @Test
  void aProviderThatFailsOnceIsAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (LiveCluster cluster = cluster();
        Rebalancer rebalancer =
            cluster.rebalancer(
                cluster
                    .options()
                    .withCredentials(
                        (shard, endpoint, role) -> {
                          if (asked.getAndIncrement() == 0) {
                            throw new IllegalStateException("the vault is sealed");
                          }
                          return cluster.credentials().credentialsFor(shard, endpoint, role);
                        }))) {
      failOver(cluster);
      rebalancer.campaign("one");
      admits(cluster);
    }
  }

  @Test
  void shardsThatDoNotAnswerKeepNoOtherWaiting() throws Exception {
    CountDownLatch answering = new CountDownLatch(1);
    try (LiveCluster cluster = cluster();
        Rebalancer rebalancer =
            cluster.rebalancer(
                cluster
                    .options()
                    .withCredentials(
                        (shard, endpoint, role) -> {
                          if (shard.value().startsWith("away")) {
                            Uninterruptibles.awaitUninterruptibly(answering);
                            throw new IllegalStateException("the vault has no such shard");
                          }
                          return cluster.credentials().credentialsFor(shard, endpoint, role);
                        }))) {
      Topology topology = cluster.topology();
      Endpoint nowhere = topology.shard(ShardId.of("s-1")).orElseThrow().primary();
      Topology larger =
          topology
              .withShard(Shard.of(ShardId.of("away-1"), nowhere))
              .withShard(Shard.of(ShardId.of("away-2"), nowhere))
              .next();
      assertThat(cluster.cluster.topologyStore().compareAndSet(larger))
          .isInstanceOf(CompareAndSet.Applied.class);
      cluster.execute("s-1", ASSERT);
      cluster.execute("s-1", "select setval('shardwright.asserted_timeline', 77)");
      assertThatThrownBy(() -> cluster.execute("s-1", ENTER)).isInstanceOf(SQLException.class);
      rebalancer.campaign("one");
      admits(cluster);
    } finally {
      answering.countDown();
    }
  }

  @Test
  void noRangesGoWhereRoutersAreKeptOut() throws Exception {
    List<MigrationEvent> told = new CopyOnWriteArrayList<>();
    try (LiveCluster cluster = cluster();
        Rebalancer rebalancer = cluster.rebalancer(cluster.options().withListener(told::add))) {
      // As if a move that does not come to its end had still to bring rows there again.
      cluster.execute(
          "s-2",
          """
          select setval('shardwright.asserted_timeline', 77);
          alter function shardwright.readmit(int8) rename to readmit_as_ever;
          create function shardwright.readmit(epoch int8) returns int8 language sql as 'select $1';
          """);
      rebalancer.campaign("one");
      int number =
          rebalancer
              .start(
                  rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
                  new MoveOptions(Duration.ZERO, Long.MAX_VALUE, 2, Duration.ofMillis(500)))
              .get(0);
      await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () ->
                  told.stream()
                      .anyMatch(event -> event.describe().contains("admits no routers yet")));
      assertThat(cluster.topology().move(number).orElseThrow().value()).isZero();
      cluster.execute(
          "s-2",
          "drop function shardwright.readmit(int8);"
              + " alter function shardwright.readmit_as_ever(int8) rename to readmit");
      assertThat(rebalancer.await(number, MigrationStatus::isOver, Duration.ofMinutes(1)).outcome())
          .isEqualTo(MigrationStatus.Outcome.MOVED);
    }
  }

  private static LiveCluster cluster() throws SQLException {
    return new LiveCluster(10, Sites.on(SERVER.server(), PostgresServer.shared()));
  }

  private static void failOver(LiveCluster cluster) throws SQLException {
    cluster.execute("s-1", ASSERT);
    SERVER.server().failOver();
    assertThatThrownBy(() -> cluster.execute("s-1", ENTER))
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.TIMELINE_CHANGED));
  }

  private static void admits(LiveCluster cluster) {
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(() -> cluster.execute("s-1", ENTER));
  }
}
