package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Writers that a range move has to wait for, that see the past, or that keep a server busy. */
@Timeout(180)
@Tag("slow")
class WritersOfAllKindsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** How long work may wait in one attempt. */
  private static final Duration BUDGET = Duration.ofMillis(500);

  private static final ShardId SOURCE = ShardId.of("s-1");
  private static final ShardId TARGET = ShardId.of("s-2");

  private final long seed = new Random().nextLong();
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private @Nullable Incrementing writers;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    cluster = new LiveCluster(1_000);
    rebalancer = cluster.rebalancer();
    rebalancer.campaign("one");
  }

  @AfterEach
  void close() throws Exception {
    if (writers != null) {
      writers.end();
    }
    rebalancer.close();
    cluster.close();
  }

  @Test
  void whoseSnapshotsAreOlderThanTheFenceWriteOnOneShardOnly() throws Exception {
    thereAndBack(Incrementing.withOldSnapshots(cluster, seed));
  }

  /** Theirs and the mover's alike. */
  @ParameterizedTest
  @ValueSource(strings = {"database %s", "role current_user in database %s"})
  void whoseTransactionsAreSerializableByDefaultWriteOnOneShardOnly(String whose) throws Exception {
    for (ShardId shard : List.of(SOURCE, TARGET)) {
      try (Connection connection = cluster.connect(shard)) {
        String alter = "alter " + whose.formatted(connection.getCatalog());
        execute(connection, alter + " set default_transaction_isolation = 'serializable'");
      }
      try (Connection connection = cluster.connect(shard)) {
        assertThat(connection.getTransactionIsolation())
            .isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
      }
    }
    thereAndBack(Incrementing.asIsUsual(cluster, seed));
  }

  private void thereAndBack(Incrementing others) throws Exception {
    writers = others;
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    until(number, "IN_WINDOW");
    long soFar = others.count();
    await().atMost(PATIENCE).until(() -> others.count() > soFar + 50);
    rebalancer.rollBack(number);
    until(number, "DONE");
    finish(number, others, false);
  }

  @Test
  void whoAreOpenOrPreparedAreWaitedFor() throws Exception {
    Incrementing others = Incrementing.gently(cluster, seed);
    writers = others;
    int number = start(Duration.ZERO, 20_000);
    until(number, "COPYING");
    long open = movingAccounts(number).get(0);
    long prepared = movingAccounts(number).get(1);
    try (Connection connection = cluster.connect(SOURCE);
        Connection two = cluster.connect(SOURCE)) {
      writeAndStay(connection, open);
      writeAndStay(two, prepared);
      execute(two, "prepare transaction 'waits-%d'".formatted(number));
      two.setAutoCommit(true);
      rebalancer.await(number, status -> status.attempts() >= 2, PATIENCE);
      connection.commit();
      int before = rebalancer.migration(number).orElseThrow().attempts();
      rebalancer.await(number, status -> status.attempts() > before, PATIENCE);
      execute(two, "commit prepared 'waits-%d'".formatted(number));
    }
    until(number, "DONE");
    for (long account : List.of(open, prepared)) {
      others.acknowledged().merge(account, 1L, Long::sum);
    }
    finish(number, others, true);
  }

  @Test
  void whoHaveNothingToDoWithItMayKeepTheServersBusy() throws Exception {
    for (String shard : List.of("s-1", "s-2")) {
      cluster.execute(shard, "create table bulk (id bigint, filler text)");
    }
    Incrementing others = Incrementing.gently(cluster, seed);
    writers = others;
    ExecutorService busy = Executors.newFixedThreadPool(2);
    CountDownLatch rounds = new CountDownLatch(2);
    try (Connection reader = cluster.connect(SOURCE)) {
      reader.setAutoCommit(false);
      reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      execute(reader, "select count(*) from account");
      var loads =
          List.of("s-1", "s-2").stream()
              .map(shard -> CompletableFuture.runAsync(() -> keepBusy(shard, rounds), busy))
              .toList();
      assertThat(rounds.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      int number = start(Duration.ZERO, Long.MAX_VALUE);
      MigrationStatus moved = until(number, "CLEANING_UP");
      System.out.println(moved);
      assertKeptItsBudget(moved);
      assertThat(loads).noneMatch(CompletableFuture::isCompletedExceptionally);
      // The triggers go once it has ended.
      execute(reader, "select count(*) from account");
      reader.rollback();
      busy.shutdownNow();
      until(number, "DONE");
      finish(number, others, true);
    } finally {
      busy.shutdownNow();
    }
  }

  /** It ends once the ranges have changed hands. */
  @Test
  void whoBuildAnIndexConcurrentlyMeanwhileAreInNobodysWay() throws Exception {
    Incrementing others = Incrementing.gently(cluster, seed);
    writers = others;
    int number = start(Duration.ZERO, 40_000);
    until(number, "COPYING");
    try (Connection builder = cluster.connect(SOURCE);
        Connection inTheWay = cluster.connect(SOURCE)) {
      inTheWay.setAutoCommit(false);
      execute(inTheWay, "lock table account in row exclusive mode");
      var built =
          CompletableFuture.runAsync(
              () -> build(builder, "create index concurrently by_note on account (note)"));
      awaitLocked("ShareUpdateExclusiveLock");
      until(number, "CLEANING_UP");
      assertThat(built).isNotDone();
      inTheWay.rollback();
      built.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    until(number, "DONE");
    finish(number, others, true);
  }

  /**
   * It keeps writers out: the attempts where rows come from, all that brings rows where they go.
   */
  @ParameterizedTest
  @CsvSource({"s-1, CUTTING_OVER", "s-2, COPYING"})
  void whoBuildAnIndexMeanwhileAreNamedAndWaitedFor(String shard, String state) throws Exception {
    Incrementing others = Incrementing.gently(cluster, seed);
    writers = others;
    int number = start(Duration.ZERO, 40_000);
    until(number, "COPYING");
    try (Connection builder = cluster.connect(ShardId.of(shard))) {
      builder.setAutoCommit(false);
      build(builder, "set application_name = 'builder'; create index by_note on account (note)");
      MigrationStatus waits =
          rebalancer.await(number, status -> status.note().contains("'builder'"), PATIENCE);
      assertThat(waits.note())
          .startsWith("waits for ")
          .contains("application 'builder'", "to unlock the tables");
      assertThat(waits.state()).isEqualTo(state);
      assertThat(waits.hindrance()).isEqualTo(MigrationStatus.Hindrance.WAITING);
      Thread.sleep(2_000); // it is tried again meanwhile
      assertThat(rebalancer.migration(number).orElseThrow().note()).contains("'builder'");
      builder.commit();
    }
    until(number, "DONE");
    finish(number, others, true);
  }

  /** The writer keeps the gate open until the table is locked. */
  @Test
  void whoLockTheTableWhereRowsGoAreNamedByTheAttempts() throws Exception {
    Incrementing others = Incrementing.gently(cluster, seed);
    writers = others;
    int number = start(Duration.ZERO, 40_000);
    until(number, "COPYING");
    long open = movingAccounts(number).get(0);
    try (Connection writer = cluster.connect(SOURCE);
        Connection builder = cluster.connect(TARGET)) {
      writeAndStay(writer, open);
      rebalancer.await(number, status -> status.attempts() >= 1, PATIENCE);
      builder.setAutoCommit(false);
      execute(builder, "set application_name = 'builder'");
      execute(builder, "lock table account, entry in share mode");
      writer.commit();
      rebalancer.await(number, status -> status.note().contains("'builder'"), PATIENCE);
      builder.commit();
    }
    until(number, "DONE");
    others.acknowledged().merge(open, 1L, Long::sum);
    finish(number, others, true);
  }

  private void awaitLocked(String mode) {
    String locks =
        "pg_locks where granted and relation = 'account'::regclass and mode = '%s'".formatted(mode);
    await().atMost(PATIENCE).until(() -> cluster.count("s-1", locks) == 1);
  }

  private static void build(Connection connection, String index) {
    try {
      execute(connection, index);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Up to the fence: whatever comes later than that is given up, however fast the machine is. */
  private static void assertKeptItsBudget(MigrationStatus moved) {
    CutoverPause pause = moved.lastPause().orElseThrow();
    assertThat(pause.routers().plus(pause.gate()).plus(pause.drain()).plus(pause.fence()))
        .isPositive()
        .isLessThanOrEqualTo(BUDGET);
  }

  private void keepBusy(String shard, CountDownLatch rounds) {
    try (Connection connection = cluster.connect(ShardId.of(shard))) {
      while (!Thread.currentThread().isInterrupted()) {
        execute(
            connection,
            "insert into bulk select i, repeat('x', 200) from generate_series(1, 5000) i");
        execute(connection, "create index on bulk (id)");
        execute(connection, "vacuum bulk");
        execute(connection, "vacuum account");
        execute(connection, "truncate bulk");
        rounds.countDown();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void writeAndStay(Connection connection, long account) throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "update account set increments = increments + 1 where id = " + account);
    execute(
        connection,
        "insert into entry (account, n) select id, increments from account where id = " + account);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int start(Duration window, long bytesPerSecond) {
    return rebalancer
        .start(
            rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
            new MoveOptions(window, bytesPerSecond, 2, BUDGET))
        .get(0);
  }

  private List<Long> movingAccounts(int number) {
    Topology topology = cluster.topology();
    KeyRangeSet ranges = topology.move(number).orElseThrow().ranges();
    KeyspaceTopology bank = topology.keyspace("bank").orElseThrow();
    return LongStream.rangeClosed(1, cluster.accounts)
        .filter(account -> ranges.contains(bank.tokenFunction().tokenOf(account)))
        .boxed()
        .toList();
  }

  private MigrationStatus until(int number, String state) throws Exception {
    return rebalancer.await(number, status -> status.state().equals(state), PATIENCE);
  }

  private void finish(int number, Incrementing others, boolean moved) throws Exception {
    others.end();
    cluster.check(others.acknowledged(), others.unknown());
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.count("s-2", "account") > 0).isEqualTo(moved);
  }
}
