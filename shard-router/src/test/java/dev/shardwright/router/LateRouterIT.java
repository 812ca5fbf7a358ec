package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A router that learns late that rows have changed hands, and that nobody waited for: it had no
 * session on either shard.
 */
@ExtendWith(LeakCheckExtension.class)
class LateRouterIT {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");
  private static final Duration ACQUIRE = Duration.ofSeconds(30);

  /** So that its session outlives the time in which ZooKeeper is out of its reach. */
  private static final Duration SESSION = Duration.ofSeconds(9);

  private static final String SELECT = "select name from users where user_id = ?";
  private static final String UPDATE = "update users set name = 'changed' where user_id = ?";

  private final CountDownLatch mayConnect = new CountDownLatch(1);
  private TestCluster cluster;
  private FaultProxy toZooKeeper;
  private ShardRouter router;
  private ShardRouter late;
  private MoveByHand move;

  /** Its row is inserted at the new owner, once the range has changed hands. */
  private long key;

  @BeforeEach
  void start() {
    cluster = TestCluster.withShards(3);
    toZooKeeper = FaultProxy.to("127.0.0.1", ZooKeeperServer.shared().port());
    router = cluster.router();
    late = lateRouter();
    late.shard("s3").query("select 1", row -> row.getInt(1)); // so knows what sessions begin with
    key = TestCluster.keyOn(router, "s1");
    move =
        new MoveByHand(cluster, router, RangeMove.of(7, "shop", Region.ALL, S1, S2, ranges(), 1));
  }

  @AfterEach
  void stop() {
    mayConnect.countDown();
    toZooKeeper.heal();
    cluster.close();
    toZooKeeper.close();
  }

  @Test
  void itsWorkGoesByNoOlderTopologyThanItsConnections() throws Exception {
    move.begin();
    cluster.admin.repairGuards();
    await().until(() -> router.topology().epoch().equals(cluster.epoch()));
    await().until(() -> late.topology().epoch().equals(cluster.epoch()));
    toZooKeeper.freeze();
    move.whileHeld(
        () -> {
          for (String shard : List.of("s1", "s2")) {
            cluster.execute(
                shard, "select shardwright.raise_minimum_epoch(%s)".formatted(cluster.epoch()));
          }
          move.commit();
        });
    router.keyspace("shop").on(key).update("insert into users values (?, 'new')", key);
    Map<String, CompletableFuture<Integer>> begun = new LinkedHashMap<>();
    keyedWork().forEach((kind, work) -> begun.put(kind, Background.supply(() -> rows(work))));
    awaitWaitingForS1(begun.size());
    toZooKeeper.heal();
    await().until(() -> late.topology().epoch().equals(cluster.epoch()));
    mayConnect.countDown();
    Map<String, Integer> found = new LinkedHashMap<>();
    for (Map.Entry<String, CompletableFuture<Integer>> each : begun.entrySet()) {
      found.put(each.getKey(), each.getValue().get(30, TimeUnit.SECONDS));
    }
    assertThat(found).allSatisfy((kind, rows) -> assertThat(rows).isEqualTo(1));
  }

  /** Each kind of work on the key, and how many rows it found. */
  private Map<String, Callable<Integer>> keyedWork() {
    OneShard shard = late.keyspace("shop").on(key);
    return Map.of(
        "query", () -> shard.query(SELECT, row -> row.getString(1), key).size(),
        "update", () -> shard.update(UPDATE, key),
        "transaction", () -> shard.inTransaction(connection -> update(connection)),
        "connection", () -> count(shard.connection()),
        "many keys",
            () ->
                late
                    .keyspace("shop")
                    .onEach(List.of(key))
                    .query(
                        "select user_id from users where user_id = any(?)",
                        "user_id",
                        row -> row.getLong(1))
                    .values()
                    .stream()
                    .mapToInt(List::size)
                    .sum(),
        "scatter", () -> late.scatter(SELECT, row -> row.getString(1), key).size(),
        "statement", () -> count(late.dataSource().getConnection()),
        "first statement", this::firstStatement,
        "batch", this::batch);
  }

  private int firstStatement() throws SQLException {
    try (Connection connection = late.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      int changed = update(connection);
      connection.commit();
      return changed;
    }
  }

  private int batch() throws SQLException {
    try (Connection connection = late.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(UPDATE)) {
      statement.setLong(1, key);
      statement.addBatch();
      return statement.executeBatch()[0];
    }
  }

  private int update(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
      statement.setLong(1, key);
      return statement.executeUpdate();
    }
  }

  private int count(Connection open) throws SQLException {
    try (Connection connection = open;
        PreparedStatement statement = connection.prepareStatement(SELECT)) {
      statement.setLong(1, key);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? 1 : 0;
      }
    }
  }

  private static int rows(Callable<Integer> work) {
    try {
      return work.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitWaitingForS1(int pieces) {
    await()
        .until(
            () ->
                late.health().pools().stream()
                    .filter(pool -> pool.shard().equals(S1))
                    .anyMatch(pool -> pool.waiting() == pieces));
  }

  /** It hears of the topology through a proxy, and is let in by s3 only before it may connect. */
  private ShardRouter lateRouter() {
    RouterOptions options = cluster.options();
    CredentialsProvider usual = options.credentials();
    return cluster.router(
        toZooKeeper.host() + ":" + toZooKeeper.port(),
        options
            .withZooKeeper(TestCluster.ZOOKEEPER.withSessionTimeout(SESSION))
            .withTimeouts(Timeouts.DEFAULTS.withAcquire(ACQUIRE))
            .withCredentials(
                (shard, endpoint, role) -> {
                  if (!shard.value().equals("s3")) {
                    Uninterruptibles.awaitUninterruptibly(mayConnect);
                  }
                  return usual.credentialsFor(shard, endpoint, role);
                }));
  }

  /** The range of s1 that has the key. */
  private KeyRangeSet ranges() {
    long token = router.route("shop", key).token();
    List<KeyRange> owned =
        cluster
            .admin
            .topology()
            .keyspace("shop")
            .orElseThrow()
            .placement(Region.ALL)
            .rangesOf(S1)
            .ranges();
    return KeyRangeSet.of(owned.stream().filter(range -> range.contains(token)).toList());
  }
}
