package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import dev.shardwright.topology.Region;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A service notices nothing of a range move but a short wait, from its beginning to its end. */
@Timeout(180)
@Tag("slow")
class RoutersWhileRangesMoveIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** States in which nothing of the rows is on the target yet. */
  private static final Set<String> BEFORE =
      Set.of("PLANNED", "REGISTERING", "PREPARING", "INSTALLING");

  /** So few that a move can be met on its way. */
  private static final long BYTES_PER_SECOND = 40_000;

  /** How often each loop shall have turned with nothing moving, on the way, and in the window. */
  private static final long TURNS = 5;

  /** The value at which a rate is removed. */
  private static final long REMOVED = 5;

  private ServedCluster cluster;
  private Rebalancer rebalancer;
  private Traffic traffic;

  @BeforeEach
  void setUp() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    cluster = new ServedCluster(ZOOKEEPER.server());
    rebalancer = cluster.rebalancer();
    rebalancer.campaign("test");
    traffic = new Traffic(cluster, seed);
  }

  @AfterEach
  void close() throws Exception {
    traffic.close();
    rebalancer.close();
    cluster.close();
  }

  @Test
  void everyStatementSucceedsAndSeesEachRowOnce() throws Exception {
    traffic.loops.turnMore(TURNS);
    int number = start(Duration.ofSeconds(1));
    turnMoreOnTheWay(number);
    finish(number, MigrationStatus.Outcome.MOVED);
  }

  @Test
  void everyStatementSucceedsWhileRangesAreTakenBack() throws Exception {
    traffic.loops.turnMore(TURNS);
    int number = start(Duration.ofMinutes(10));
    turnMoreOnTheWay(number);
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    traffic.loops.turnMore(TURNS);
    rebalancer.rollBack(number);
    rebalancer.await(number, MigrationStatus::rollingBack, PATIENCE);
    turnMoreOnTheWay(number);
    finish(number, MigrationStatus.Outcome.TAKEN_BACK);
  }

  /** Queries come to the target from the beginning, since it owns other rows. */
  @Test
  void copiesOnAShardThatIsAskedAnywayAreNotSeen() throws Exception {
    rebalancer.await(start(Duration.ZERO), MigrationStatus::isOver, PATIENCE);
    traffic.loops.turnMore(TURNS);
    KeyRangeSet half = KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, Long.MIN_VALUE / 2 - 1));
    RingId ring = new RingId(ServedCluster.KEYSPACE, Region.ALL);
    int number =
        start(new RebalanceRequest.MoveTokens(ring, half, ShardId.of("s-2")), Duration.ZERO);
    turnMoreOnTheWay(number);
    finish(number, MigrationStatus.Outcome.MOVED);
  }

  /** Every shard has them whole, whichever of the others' ranges it has. */
  @Test
  void referenceTablesAreTheSameOnAllShardsThoughTheyAreWrittenMeanwhile() throws Exception {
    cluster.addReferenceTable("rate", "code bigint primary key, value bigint not null");
    Map<Long, Long> rates = new ConcurrentHashMap<>();
    traffic.loops.begin("rates", 10, random -> changeRate(1 + random.nextInt(20), rates));
    traffic.loops.turnMore(TURNS);
    int number = start(Duration.ofMinutes(10));
    turnMoreOnTheWay(number);
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    traffic.loops.turnMore(TURNS);
    rebalancer.rollBack(number);
    finish(number, MigrationStatus.Outcome.TAKEN_BACK);
    List<Long> left =
        rates.entrySet().stream()
            .filter(rate -> rate.getValue() > 0)
            .map(rate -> 10 * rate.getKey() + rate.getValue())
            .toList();
    for (ShardId shard : List.of(ShardId.of("s-1"), ShardId.of("s-2"))) {
      assertThat(cluster.read(shard, "select 10 * code + value from rate"))
          .as("rates on %s", shard)
          .containsExactlyInAnyOrderElementsOf(left);
    }
  }

  /** Makes one, counts it up, and in the end removes it; whichever shard is asked knows of it. */
  private void changeRate(long code, Map<Long, Long> rates) throws SQLException {
    long value = rates.getOrDefault(code, 0L);
    long next = (value + 1) % REMOVED;
    String change =
        value == 0
            ? "insert into rate values (%d, 1)"
            : next == 0
                ? "delete from rate where code = %d"
                : "update rate set value = value + 1 where code = %d";
    try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl());
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(change.formatted(code))).isEqualTo(1);
      rates.put(code, next);
      try (ResultSet rows =
          statement.executeQuery("select sum(value) from rate where code = " + code)) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getLong(1)).isEqualTo(next);
      }
    }
  }

  private int start(Duration window) {
    return start(RebalanceRequest.Balance.by(Goal.TOKENS), window);
  }

  private int start(RebalanceRequest request, Duration window) {
    return rebalancer
        .start(
            rebalancer.plan(request),
            new MoveOptions(window, BYTES_PER_SECOND, 2, Duration.ofMillis(500)))
        .get(0);
  }

  private void finish(int number, MigrationStatus.Outcome outcome) throws Exception {
    MigrationStatus done = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    System.out.println(done);
    assertThat(done.outcome()).isEqualTo(outcome);
    traffic.loops.turnMore(TURNS);
    traffic.loops.end();
    System.out.println(traffic.loops.turns());
    traffic.check();
    cluster.checkPlaces(number);
  }

  /** With rows on both shards, or about to be; it rests where it is until each loop has turned. */
  private void turnMoreOnTheWay(int number) throws Exception {
    rebalancer.await(number, status -> !BEFORE.contains(status.state()), PATIENCE);
    rebalancer.pause(number);
    MigrationStatus rests =
        rebalancer.await(number, status -> status.hindrance() == Hindrance.PAUSED, PATIENCE);
    System.out.println("rests as " + rests.state());
    traffic.loops.turnMore(TURNS);
    rebalancer.resume(number);
  }
}
