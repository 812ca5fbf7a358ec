package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.internal.sample.SamplingFailed;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.PlannedRing;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveKey;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PostgresHash;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One key goes to a shard by itself. */
@Timeout(180)
@Tag("slow")
class MoveKeyIT {
  private static final RingId BANK = new RingId("bank", Region.ALL);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final ShardId ONE = ShardId.of("s-1");
  private static final ShardId TWO = ShardId.of("s-2");
  private static final long TOKEN = PostgresHash.hashInt8(17);
  private static final int ROUTER = 4_711;
  private static final String READER = "reader_of_move_key";

  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Placement before;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(100);
    rebalancer = cluster.rebalancer();
    before = placement();
  }

  @AfterEach
  void close() throws Exception {
    rebalancer.close();
    cluster.close();
  }

  @Test
  void aKeyMovesInOneCallWhileItIsWrittenAndStaysPinned() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Incrementing writers = new Incrementing(cluster, seed);
    rebalancer.campaign("one");
    int number = start(TWO, Duration.ZERO);
    MigrationStatus done = until(rebalancer, number, "DONE");
    assertThat(done.key()).contains("17");
    long soFar = writers.count();
    await().until(() -> writers.count() > soFar + 100);
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.count("s-2", "account")).isEqualTo(1);
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(pins()).containsExactly(new Pin("17", TOKEN, TWO));
    assertThat(placement().ring()).isEqualTo(before.ring());

    int back = start(ONE, Duration.ZERO);
    assertThat(until(rebalancer, back, "DONE").key()).as("it is pinned").isEmpty();
    assertThat(pins()).containsExactly(new Pin("17", TOKEN, ONE));
    assertThat(cluster.count("s-2", "account")).isZero();
  }

  @Test
  void nothingIsLeftOfAMoveThatWasTakenBack() throws Exception {
    rebalancer.campaign("one");
    int number = start(TWO, Duration.ofMinutes(10));
    until(rebalancer, number, "IN_WINDOW");
    assertThat(pins()).containsExactly(new Pin("17", TOKEN, TWO));
    rebalancer.rollBack(number);
    until(rebalancer, number, "DONE");
    assertThat(placement()).isEqualTo(before);
  }

  @Test
  void nothingIsLeftOfAMoveThatWasAbortedAfterItBegan() throws Exception {
    rebalancer.campaign("one");
    int number;
    try (Connection router = routerThatIsSilent()) {
      number = start(TWO, Duration.ZERO);
      await().until(() -> cluster.topology().move(number).isPresent());
      assertThat(pins()).containsExactly(new Pin("17", TOKEN, ONE));
      assertThat(router.isValid(10)).isTrue();
      rebalancer.abort(number);
    }
    until(rebalancer, number, "ABORTED");
    assertThat(placement()).isEqualTo(before);
  }

  @Test
  void theNextLeaderGoesOnWithWhatTheFirstOneHasPinned() throws Exception {
    int number = start(TWO, Duration.ZERO);
    try (Connection router = routerThatIsSilent();
        Rebalancer first = cluster.rebalancer()) { // it ends before that does for which it waits
      first.campaign("first");
      await().until(() -> cluster.topology().move(number).isPresent());
      assertThat(router.isValid(10)).isTrue();
    }
    assertThat(pins()).containsExactly(new Pin("17", TOKEN, ONE));
    rebalancer.campaign("second");
    until(rebalancer, number, "DONE");
    assertThat(pins()).containsExactly(new Pin("17", TOKEN, TWO));
    assertThat(cluster.count("s-2", "account")).isEqualTo(1);
  }

  @Test
  void aKeyThatIsThereIsPinnedAtOnce() {
    RebalancePlan plan = rebalancer.plan(new MoveKey(BANK, "17", ONE));
    assertThat(rebalancer.start(plan, MoveOptions.DEFAULTS)).isEmpty();
    assertThat(pins()).containsExactly(new Pin("17", TOKEN, ONE));
    assertThat(rebalancer.start(plan, MoveOptions.DEFAULTS)).isEmpty();
    assertThat(pins()).hasSize(1);
    assertThat(rebalancer.migrations()).isEmpty();
  }

  /** What is where on other rings does not matter, and metrics keep what was known of all. */
  @Test
  void aKeyspaceThatCannotBeSampledKeepsNoKeyOfAnotherFromMoving() throws Exception {
    PostgresServer server = PostgresServer.shared();
    server.createRole(READER, READER);
    server.execute("grant pg_read_all_data to " + READER);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RebalancerOptions options =
        cluster
            .options()
            .withMeters(registry)
            .withCredentials((shard, endpoint, role) -> Credentials.of(READER, READER));
    try (ClusterAdmin admin = cluster.admin();
        Rebalancer reader = cluster.rebalancer(options)) {
      for (ShardId shard : List.of(ONE, TWO)) {
        cluster.execute(shard.value(), "create table audit (id bigint primary key)");
      }
      admin.createKeyspace(NewKeyspace.hash("audit", KeyType.BIGINT));
      admin.registerTable("audit", ShardedTable.of(TableName.of("audit"), "id"));
      assertThat(reader.skew()).isNotEmpty();
      int measured = registry.get("shardwright.skew").gauges().size();
      cluster.execute("s-1", "alter table audit enable row level security");

      assertThatThrownBy(() -> reader.plan(Balance.by(Goal.TOKENS)))
          .isInstanceOf(SamplingFailed.class)
          .hasMessageContaining("audit");
      RebalancePlan plan = reader.plan(new MoveKey(BANK, "17", TWO));
      assertThat(plan.moves()).hasSize(1);
      assertThat(plan.rings()).extracting(PlannedRing::goal).containsExactly(Goal.BYTES);
      assertThat(registry.get("shardwright.skew").gauges()).hasSize(measured);
    } finally {
      server.execute("drop role " + READER);
    }
  }

  private int start(ShardId target, Duration window) {
    MoveOptions options = new MoveOptions(window, Long.MAX_VALUE, 2, Duration.ofSeconds(1));
    List<Integer> numbers =
        rebalancer.start(rebalancer.plan(new MoveKey(BANK, "17", target)), options);
    assertThat(numbers).hasSize(1);
    return numbers.get(0);
  }

  /** A session that a router seems to have, which never acknowledges: the move waits for it. */
  private Connection routerThatIsSilent() throws SQLException {
    Connection connection = cluster.connect(ONE);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "select pg_advisory_lock_shared(%d, %d)".formatted(AdvisoryLocks.ROUTER, ROUTER));
    }
    return connection;
  }

  private Placement placement() {
    return cluster.topology().keyspace("bank").orElseThrow().placement(Region.ALL);
  }

  private List<Pin> pins() {
    return placement().pins().all();
  }

  private static MigrationStatus until(Rebalancer rebalancer, int number, String state)
      throws Exception {
    return rebalancer.await(number, status -> status.state().equals(state), PATIENCE);
  }
}
