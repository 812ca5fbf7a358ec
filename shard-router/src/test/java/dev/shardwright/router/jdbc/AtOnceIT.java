package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What shards do at the same time for one statement, and how all of it ends together. */
@Tag("slow")
class AtOnceIT {
  private static final List<String> SHARDS = List.of("s1", "s2", "s3");
  private static final String WAITING =
      "select count(*) from pg_locks where not granted and relation = 'orders'::regclass";
  private static final String UPDATE = "update orders set amount = amount + 1";

  private static TestCluster cluster;
  private static ShardRouter router;

  private final List<Connection> lockers = new ArrayList<>();
  private Connection connection;
  private Statement statement;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router = cluster.router();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    connection =
        DriverManager.getConnection(
            "jdbc:shardwright://%s/%s?user=%s&password=%s&multiShardWrites=per-shard"
                .formatted(
                    ZooKeeperServer.shared().connectString(),
                    cluster.name,
                    cluster.app,
                    TestCluster.APP_PASSWORD));
    statement = connection.createStatement();
    for (String shard : SHARDS) {
      cluster.execute(shard, "delete from orders");
      cluster.execute(shard, "insert into orders values (%s, 1, 0)".formatted(key(shard)));
    }
  }

  @AfterEach
  void close() throws SQLException {
    unlock();
    for (String shard : SHARDS) {
      cluster.proxy(shard).heal();
    }
    connection.close();
  }

  @Test
  void aWriteIsCarriedOut() throws Exception {
    lock(SHARDS);
    CompletableFuture<Integer> update = inBackground(() -> statement.executeUpdate(UPDATE));
    awaitWaiting(SHARDS);
    unlock();
    assertThat(update.get()).isEqualTo(3);
    assertThat(amounts()).containsExactly(1L, 1L, 1L);
  }

  @Test
  void aBatchIsCarriedOut() throws Exception {
    lock(SHARDS);
    try (PreparedStatement batch =
        connection.prepareStatement("update orders set amount = 5 where user_id = ?")) {
      for (String shard : SHARDS) {
        batch.setLong(1, key(shard));
        batch.addBatch();
      }
      CompletableFuture<int[]> update = inBackground(batch::executeBatch);
      awaitWaiting(SHARDS);
      unlock();
      assertThat(update.get()).containsExactly(1, 1, 1);
    }
    assertThat(amounts()).containsExactly(5L, 5L, 5L);
  }

  /** The calling thread then does the parts itself, one after the other. */
  @Test
  void aBatchKeepsToOneDeadlineWhenAllWorkersAreBusy() throws Exception {
    ShardRouter roomy =
        cluster.router(
            cluster.options().withPools(cluster.options().pools().withMaxConnections(20)));
    lock(SHARDS);
    List<CompletableFuture<Integer>> readers = new ArrayList<>();
    int callers = 16; // each has two of the router's 32 workers, beside its own thread
    for (int i = 0; i < callers; i++) {
      readers.add(inBackground(() -> readAll(roomy)));
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(waiting()).isEqualTo((long) callers * SHARDS.size()));
    try (Connection batching = roomy.dataSource().getConnection();
        PreparedStatement batch =
            batching.prepareStatement(
                "update users set name = 'slow' where user_id = ? and pg_sleep(4)::text = ''")) {
      for (String shard : SHARDS) {
        cluster.execute(shard, "insert into users values (%s, 'x')".formatted(key(shard)));
        batch.setLong(1, key(shard));
        batch.addBatch();
      }
      batch.setQueryTimeout(6);
      assertThatThrownBy(batch::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class,
              e -> {
                assertThat(e.getUpdateCounts()).containsExactly(1, 1, Statement.EXECUTE_FAILED);
                assertThat(e.getSQLState()).isEqualTo("SW206");
                assertThat(e.getNextException().getSQLState()).isEqualTo("SW206");
              })
          .hasMessageContaining("not tried on [s3]");
    }
    unlock();
    for (CompletableFuture<Integer> reader : readers) {
      await().until(reader::isDone);
    }
  }

  private static int readAll(ShardRouter from) throws SQLException {
    try (Connection reading = from.dataSource().getConnection();
        Statement all = reading.createStatement();
        ResultSet rows = all.executeQuery("select amount from orders")) {
      int count = 0;
      while (rows.next()) {
        count++;
      }
      return count;
    }
  }

  private static long waiting() throws SQLException {
    long waiting = 0;
    for (String shard : SHARDS) {
      waiting += cluster.count(shard, WAITING);
    }
    return waiting;
  }

  @Test
  void aWriteThatFailsOnOneShardSaysWhatBecameOfEach() throws Exception {
    lock(List.of("s2"));
    CompletableFuture<Integer> update =
        inBackground(
            () ->
                statement.executeUpdate(
                    "update orders set amount = 7 + 0 / (user_id - %s)".formatted(key("s2"))));
    awaitWaiting(List.of("s2"));
    await()
        .untilAsserted(
            () -> {
              assertThat(amount("s1")).isEqualTo(7);
              assertThat(amount("s3")).isEqualTo(7);
            });
    unlock();
    SQLException failure = failure(update);
    assertThat(failure.getSQLState()).isEqualTo("22012");
    assertThat(failure.getMessage())
        .contains("carried out and committed on the shards [s1, s3]")
        .contains("failed, without effect, on [s2]");
  }

  @Test
  void aWriteWhoseAnswerIsLostOnOneShardSaysSo() throws Exception {
    connection.setNetworkTimeout(Runnable::run, 1_000);
    assertThat(statement.executeUpdate(UPDATE)).isEqualTo(3);
    lock(List.of("s2"));
    CompletableFuture<Integer> update = inBackground(() -> statement.executeUpdate(UPDATE));
    SQLException failure = failure(update);
    assertThat(failure.getSQLState()).isEqualTo("08007");
    assertThat(failure.getMessage())
        .contains("carried out and committed on the shards [s1, s3]")
        .contains("may or may not have happened on [s2]");
  }

  @Test
  void aWriteIsCancelledOnAllShards() throws Exception {
    lock(SHARDS);
    CompletableFuture<Integer> update = inBackground(() -> statement.executeUpdate(UPDATE));
    awaitWaiting(SHARDS);
    statement.cancel();
    assertThat(failure(update).getSQLState()).isEqualTo("57014");
    awaitIdle();
    unlock();
    assertThat(amounts()).containsExactly(0L, 0L, 0L);
  }

  @Test
  void aQueryIsCancelledOnAllShards() throws Exception {
    lock(SHARDS);
    CompletableFuture<Boolean> query =
        inBackground(() -> statement.execute("select count(*) from orders"));
    awaitWaiting(SHARDS);
    statement.cancel();
    assertThat(failure(query).getSQLState()).isEqualTo("57014");
    awaitIdle();
  }

  @Test
  void aQueryThatTakesTooLongEndsOnAllShards() throws Exception {
    lock(SHARDS);
    statement.setQueryTimeout(1);
    assertThatThrownBy(() -> statement.execute("select count(*) from orders"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW202"));
    awaitIdle();
  }

  /** Makes every statement about orders wait. */
  private void lock(List<String> shards) throws SQLException {
    for (String shard : shards) {
      Connection locker = PostgresServer.shared().connect(cluster.database(shard));
      lockers.add(locker);
      locker.setAutoCommit(false);
      try (Statement lock = locker.createStatement()) {
        lock.execute("lock table orders in access exclusive mode");
      }
    }
  }

  private void unlock() throws SQLException {
    for (Connection locker : lockers) {
      locker.close();
    }
    lockers.clear();
  }

  private static void awaitWaiting(List<String> shards) {
    for (String shard : shards) {
      await().untilAsserted(() -> assertThat(cluster.count(shard, WAITING)).isPositive());
    }
  }

  private static void awaitIdle() {
    for (String shard : SHARDS) {
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          cluster.count(
                              shard,
                              "select count(*) from pg_stat_activity where state <> 'idle'"
                                  + " and datname = current_database() and usename = '"
                                  + cluster.app
                                  + "'"))
                      .isZero());
    }
  }

  private static List<Long> amounts() throws SQLException {
    List<Long> amounts = new ArrayList<>();
    for (String shard : SHARDS) {
      amounts.add(amount(shard));
    }
    return amounts;
  }

  private static long amount(String shard) throws SQLException {
    return cluster.count(shard, "select sum(amount) from orders");
  }

  private static long key(String shard) {
    return TestCluster.keyOn(router, shard);
  }

  private static <T> CompletableFuture<T> inBackground(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(call.call());
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private static SQLException failure(CompletableFuture<?> call) throws InterruptedException {
    try {
      call.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException said) {
        return said;
      }
      throw new AssertionError("not what a connection throws", e);
    }
    throw new AssertionError("should fail");
  }
}
