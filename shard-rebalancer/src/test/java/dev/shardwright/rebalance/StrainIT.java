package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresStandby;
import dev.shardwright.testkit.junit.PostgresExtension;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Moves give way to a service that has more to do than it can. */
@Timeout(180)
@Tag("embedded")
@Tag("slow")
class StrainIT {
  @RegisterExtension static final PostgresExtension SERVER = new PostgresExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void aMoveWaitsWhileAReplicaLags() throws Exception {
    try (LiveCluster cluster = new LiveCluster(500, Sites.on(SERVER.server(), SERVER.server()));
        Rebalancer rebalancer = cluster.rebalancer();
        PostgresStandby standby = SERVER.server().standby();
        Connection replica = connect(standby);
        Statement onReplica = replica.createStatement()) {
      onReplica.execute("select pg_wal_replay_pause()");
      awaitStreaming(cluster);
      fillLog(cluster, 260);
      int number = start(rebalancer);
      assertThat(waits(rebalancer, number, "COPYING").note())
          .startsWith("waits for the service: on shard s-1, ")
          .contains("bytes of WAL wait for a replica");
      onReplica.execute("select pg_wal_replay_resume()");
      MigrationStatus done = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(done.outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    }
  }

  @Test
  void anAbortSaysThatItWaitsForAReplicaAndKeepsWhyItIs() throws Exception {
    try (LiveCluster cluster = new LiveCluster(500, Sites.on(SERVER.server(), SERVER.server()));
        Rebalancer rebalancer = cluster.rebalancer();
        PostgresStandby standby = SERVER.server().standby();
        Connection replica = connect(standby);
        Statement onReplica = replica.createStatement()) {
      onReplica.execute("select pg_wal_replay_pause()");
      awaitStreaming(cluster);
      fillLog(cluster, 260);
      int number = start(rebalancer);
      waits(rebalancer, number, "COPYING");
      rebalancer.abort(number);
      assertThat(waits(rebalancer, number, "ABORTING").note())
          .contains("bytes of WAL wait for a replica");
      onReplica.execute("select pg_wal_replay_resume()");
      MigrationStatus aborted = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(aborted.state()).isEqualTo("ABORTED");
      assertThat(aborted.note()).isEqualTo("asked for");
    }
  }

  /** Nobody's work waits for it. */
  @Test
  void rangesChangeHandsOnlyOnceAReplicaOfTheTargetIsAsFar() throws Exception {
    try (LiveCluster cluster = new LiveCluster(500, Sites.on(SERVER.server(), SERVER.server()));
        Rebalancer rebalancer = cluster.rebalancer();
        PostgresStandby standby = SERVER.server().standby()) {
      replicate(cluster, standby.url("postgres"));
      awaitStreaming(cluster);
      standby.freeze();
      int number = start(rebalancer);
      rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
      Epoch before = cluster.topology().epoch();
      rebalancer.await(number, status -> status.attempts() > 2, PATIENCE);
      assertThat(cluster.topology().epoch()).as("no hold since").isEqualTo(before);
      standby.thaw();
      MigrationStatus done = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(done.outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    }
  }

  @Test
  void anOperatorMayGiveUpAReplicaThatIsGone() throws Exception {
    try (LiveCluster cluster = new LiveCluster(500, Sites.on(SERVER.server(), SERVER.server()));
        Rebalancer rebalancer = cluster.rebalancer()) {
      replicate(cluster, "jdbc:postgresql://127.0.0.1:1/postgres");
      int number = start(rebalancer);
      assertThat(waits(rebalancer, number, "CUTTING_OVER").note())
          .isEqualTo("waits for a replica of shard s-2 to write what is moved");
      try (ClusterAdmin admin = cluster.admin()) {
        admin.setReplicas(ShardId.of("s-2"), List.of());
      }
      MigrationStatus done = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(done.outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    }
  }

  private static void replicate(LiveCluster cluster, String url) {
    try (ClusterAdmin admin = cluster.admin()) {
      String user = admin.topology().shard(ShardId.of("s-2")).orElseThrow().primary().user();
      admin.setReplicas(ShardId.of("s-2"), List.of(new Endpoint(url, user)));
    }
  }

  private static Connection connect(PostgresStandby standby) throws SQLException {
    return DriverManager.getConnection(
        standby.url("postgres"), SERVER.server().user(), SERVER.server().password());
  }

  private static int start(Rebalancer rebalancer) {
    int number =
        rebalancer
            .start(
                rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
                new MoveOptions(Duration.ZERO, Long.MAX_VALUE, 2, Duration.ofSeconds(1)))
            .get(0);
    rebalancer.campaign("one");
    return number;
  }

  private static MigrationStatus waits(Rebalancer rebalancer, int number, String state)
      throws Exception {
    return rebalancer.await(
        number,
        status -> status.state().equals(state) && status.hindrance() == Hindrance.WAITING,
        PATIENCE);
  }

  private static void awaitStreaming(LiveCluster cluster) {
    await()
        .atMost(PATIENCE)
        .until(() -> cluster.count("s-1", "pg_stat_replication where state = 'streaming'") == 1);
  }

  private static void fillLog(LiveCluster cluster, int megabytes) throws SQLException {
    cluster.execute(
        "s-1",
        "select pg_logical_emit_message(false, 'test', repeat('x', 1024 * 1024))"
            + " from generate_series(1, %d)".formatted(megabytes));
  }
}
