package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.bench.moves.ServiceProcess.Work;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Services that are stopped with work under way; their sessions with ZooKeeper end, ranges move and
 * all is cleaned up; then they wake up and go on as if nothing had been.
 */
@Timeout(180)
class ZombieRoutersIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ShardId SOURCE = ShardId.of("s-1");

  private ServedCluster cluster;
  private Rebalancer rebalancer;
  private RebalancePlan plan;
  private ShardRouter healthy;

  /** Accounts whose rows move. */
  private List<Long> moving;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new ServedCluster(ZOOKEEPER.server());
    healthy = cluster.router();
    rebalancer = cluster.rebalancer();
    rebalancer.campaign("test");
    plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
    moving =
        LongStream.rangeClosed(1, ServedCluster.ACCOUNTS)
            .filter(key -> plan.moves().get(0).transfer().ranges().contains(token(key)))
            .boxed()
            .toList();
  }

  @AfterEach
  void close() throws Exception {
    healthy.close();
    rebalancer.close();
    cluster.close();
  }

  /** They have a session at the source and have never heard of the move. */
  @Test
  void routedWorkOfRoutersThatNeverAcknowledgeIsDoneWhereTheRowsAreByThen() throws Exception {
    long read = moving.get(0);
    long written = moving.get(1);
    try (ServiceProcess reader = start();
        ServiceProcess writer = start()) {
      assertThat(reader.does(Work.ROUTE_AND_READ, read)).isEqualTo("routed");
      assertThat(writer.does(Work.ROUTE_AND_WRITE, written)).isEqualTo("routed");
      reader.freeze();
      writer.freeze();
      int number = begin(Long.MAX_VALUE);
      finish(number);
      write(read);
      reader.thaw();
      writer.thaw();
      reader.goOn();
      assertThat(reader.outcome()).as("what was written meanwhile").isEqualTo("done 1");
      writer.goOn();
      assertThat(writer.outcome()).as("one row").isEqualTo("done 1");
      check(number, written, 1);
    }
  }

  @Test
  void aTransactionOfARouterThatWasStoppedBeforeItsCommitIsNotCommitted() throws Exception {
    long key = moving.get(0);
    try (ServiceProcess service = start()) {
      int number = begin(10_000);
      rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
      assertThat(service.does(Work.OPEN, key)).isEqualTo("done 1");
      service.freeze();
      finish(number);
      write(key);
      service.thaw();
      assertThat(service.does(Work.COMMIT, key)).startsWith("failed ");
      assertThat(service.does(Work.READ, key)).isEqualTo("done 1");
      assertThat(service.does(Work.WRITE, key)).isEqualTo("done 1");
      check(number, key, 2);
    }
  }

  /** Work waits in it when it is stopped: it has acknowledged that nothing of it is under way. */
  @Test
  void workThatWaitsInARouterThatWasStoppedAfterItAcknowledgedTheHoldIsDoneOnce() throws Exception {
    long key = moving.get(0);
    try (ServiceProcess service = start();
        Connection blocker = cluster.connect(SOURCE);
        Statement statement = blocker.createStatement()) {
      assertThat(service.does(Work.READ, key)).isEqualTo("done 0");
      int number = begin(10_000);
      rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
      blocker.setAutoCommit(false);
      statement.executeUpdate("update account set version = 0 where id = " + moving.get(1));
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> acknowledged(service, number));
      service.begin(Work.WRITE, key);
      service.freeze();
      blocker.rollback();
      finish(number);
      assertThat(cluster.values("select id, version from account").get(key)).isZero();
      service.thaw();
      assertThat(service.outcome()).isEqualTo("done 1");
      check(number, key, 1);
    }
  }

  private boolean acknowledged(ServiceProcess service, int number) {
    Optional<RangeMove> move = cluster.topology().move(number).filter(RangeMove::held);
    return move.isPresent() && cluster.acknowledged(move.get()).contains(service.router());
  }

  private ServiceProcess start() {
    return ServiceProcess.start(cluster, cluster.zooKeeper.connectString());
  }

  /** With the longest pause, so that there is time to stop somebody in it. */
  private int begin(long bytesPerSecond) {
    return rebalancer
        .start(plan, new MoveOptions(Duration.ZERO, bytesPerSecond, 2, Duration.ofSeconds(1)))
        .get(0);
  }

  private void finish(int number) throws Exception {
    MigrationStatus done = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(done.outcome()).as("%s", done).isEqualTo(MigrationStatus.Outcome.MOVED);
  }

  private void write(long key) {
    assertThat(healthy.keyspace(ServedCluster.KEYSPACE).on(key).update(ServedCluster.COUNT_UP, key))
        .isEqualTo(1);
  }

  private void check(int number, long key, long version) throws Exception {
    assertThat(cluster.values("select id, version from account")).containsEntry(key, version);
    cluster.checkPlaces(number);
  }

  private long token(long key) {
    return healthy.route(ServedCluster.KEYSPACE, key).token();
  }
}
