package dev.shardwright.router;

import static dev.shardwright.router.HandmadeAnalysis.ascending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.fanout.MissingShards;
import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What ends a query over several shards before its time ends it everywhere, and leaves nothing. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class ScatterFaultsIT {
  private static final List<String> SHARDS = List.of("s1", "s2", "s3");
  private static final HandmadeAnalysis SLEEP = HandmadeAnalysis.rows("select pg_sleep(60)");

  /** More rows than a shard sends at once. */
  private static final int MANY = 12_000;

  private static final HandmadeAnalysis MANY_ROWS =
      HandmadeAnalysis.ordered(
          "select n, current_database() from generate_series(1, %s) n order by n".formatted(MANY),
          ascending(1));

  private static final String TERMINATE =
      "select pg_terminate_backend(pid) from pg_stat_activity"
          + " where datname = current_database() and %s";

  private static TestCluster cluster;
  private static ShardRouter router;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router =
        cluster.router(
            cluster
                .options()
                .withPools(new PoolProfile(2, Duration.ofMinutes(1), Duration.ofMinutes(30)))
                .withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(1))));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @AfterEach
  void nothingIsLeft() throws SQLException {
    for (String shard : SHARDS) {
      cluster.proxy(shard).heal();
      // A server does not notice that the client of a statement has gone.
      cluster.execute(shard, TERMINATE.formatted("wait_event = 'PgSleep'"));
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(router.health().pools())
                    .allSatisfy(pool -> assertThat(pool.active()).isZero()));
    await()
        .ignoreException(ShardUnavailable.class)
        .untilAsserted(() -> assertThat(count(HandmadeAnalysis.rows("select 1"))).isEqualTo(3));
  }

  @Test
  void endsOnAllShardsWhenItIsCancelled() throws Exception {
    ScatterExecution execution = execution(SLEEP, ScatterOptions.DEFAULTS);
    CompletableFuture<Throwable> failure =
        Background.supply(() -> catchThrowable(() -> execution.run(null)));
    awaitSleepers(3, SHARDS);
    execution.cancel();
    assertThat(failure.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            StatementFailed.class, failed -> assertThat(failed.sqlState()).isEqualTo("57014"));
    awaitSleepers(0, SHARDS);
  }

  @Test
  void endsOnAllShardsAtItsDeadline() throws Exception {
    ScatterOptions soon = ScatterOptions.DEFAULTS.withDeadline(Duration.ofSeconds(4));
    CompletableFuture<Throwable> failure =
        Background.supply(() -> catchThrowable(() -> execution(SLEEP, soon).run(null)));
    awaitSleepers(3, SHARDS);
    assertThat(failure.get(30, TimeUnit.SECONDS))
        .isInstanceOf(DeadlineExceeded.class)
        .hasMessageContaining("3 shards")
        .hasMessageContaining("4000 ms");
    awaitSleepers(0, SHARDS);
  }

  @Test
  void endsOnAllShardsWhenItsCallerIsInterrupted() throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicReference<Boolean> flag = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              failure.set(
                  catchThrowable(() -> execution(SLEEP, ScatterOptions.DEFAULTS).run(null)));
              flag.set(Thread.currentThread().isInterrupted());
            });
    caller.start();
    awaitSleepers(3, SHARDS);
    caller.interrupt();
    caller.join(10_000);
    assertThat(failure.get()).isInstanceOf(ShardUnavailable.class).hasMessageContaining("interr");
    assertThat(flag.get()).as("the flag stays").isTrue();
    awaitSleepers(0, SHARDS);
  }

  @Test
  void doesNotKeepItsCallerWhereNoServerHeedsThatItIsCancelled() throws Exception {
    endsWithoutAnAnswer(execution -> thread -> execution.cancel(), StatementFailed.class);
  }

  @Test
  void doesNotKeepItsCallerWhereNoServerHeedsThatItIsInterrupted() throws Exception {
    endsWithoutAnAnswer(execution -> Thread::interrupt, ShardUnavailable.class);
  }

  @Test
  void doesNotKeepItsCallerBeyondItsDeadlineWhereNoServerHeedsIt() throws Exception {
    endsWithoutAnAnswer(execution -> thread -> {}, DeadlineExceeded.class);
  }

  /** Far sooner than statements may take. */
  private static void endsWithoutAnAnswer(
      Function<ScatterExecution, Consumer<Thread>> end, Class<? extends Throwable> expected)
      throws Exception {
    boolean byItself = expected.equals(DeadlineExceeded.class);
    ScatterExecution execution =
        execution(
            SLEEP,
            byItself
                ? ScatterOptions.DEFAULTS.withDeadline(Duration.ofSeconds(5))
                : ScatterOptions.DEFAULTS);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread caller = new Thread(() -> failure.set(catchThrowable(() -> execution.run(null))));
    caller.start();
    awaitSleepers(3, SHARDS);
    SHARDS.forEach(shard -> cluster.proxy(shard).freeze());
    end.apply(execution).accept(caller);
    caller.join(15_000);
    assertThat(caller.isAlive()).isFalse();
    assertThat(failure.get()).isInstanceOf(expected);
  }

  @Test
  void endsOnTheOtherShardsWhenTheStatementFailsOnOne() throws Exception {
    var failing =
        HandmadeAnalysis.rows(
            "select case when current_database() = '%s' then length(pg_sleep(3)::text) / 0 end, "
                    .formatted(cluster.database("s2"))
                + "case when current_database() <> '%s' then pg_sleep(60) end"
                    .formatted(cluster.database("s2")));
    CompletableFuture<Throwable> failure =
        Background.supply(
            () -> catchThrowable(() -> execution(failing, ScatterOptions.DEFAULTS).run(null)));
    awaitSleepers(3, SHARDS);
    assertThat(failure.get(30, TimeUnit.SECONDS))
        .isInstanceOf(StatementFailed.class)
        .hasMessageContaining("shard s2")
        .hasMessageContaining("division by zero");
    awaitSleepers(0, SHARDS);
  }

  @Test
  void endsOnTheOtherShardsWhenOneIsLost() throws Exception {
    CompletableFuture<Throwable> failure =
        Background.supply(
            () -> catchThrowable(() -> execution(SLEEP, ScatterOptions.DEFAULTS).run(null)));
    awaitSleepers(3, SHARDS);
    cluster.proxy("s2").cut();
    assertThat(failure.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageContaining("shard s2");
    awaitSleepers(0, List.of("s1", "s3"));
  }

  @Test
  void readsAShardAgainWhoseConnectionWasLost() throws SQLException {
    assertThat(count(HandmadeAnalysis.rows("select 1"))).isEqualTo(3);
    for (String shard : SHARDS) {
      cluster.execute(shard, TERMINATE.formatted("application_name like 'shardwright router%'"));
    }
    assertThat(count(HandmadeAnalysis.rows("select 1"))).isEqualTo(3);
  }

  @Test
  void namesTheShardsThatAreMissingIfThatIsAllowed() throws SQLException {
    cluster.proxy("s2").cut();
    try (ScatterExecution execution =
            execution(
                HandmadeAnalysis.rows("select 1"), ScatterOptions.DEFAULTS, MissingShards.NAME);
        ResultSet rows = execution.run(null)) {
      assertThat(count(rows)).isEqualTo(2);
      assertThat(execution.missing().keySet()).containsExactly(ShardId.of("s2"));
      assertThat(execution.missing().get(ShardId.of("s2"))).isInstanceOf(ShardUnavailable.class);
    }
  }

  @Test
  void namesTheShardsThatAreTooSlowIfThatIsAllowed() throws SQLException {
    var slow =
        HandmadeAnalysis.rows(
            "select case when current_database() = '%s' then pg_sleep(60) end"
                .formatted(cluster.database("s3")));
    ScatterOptions soon = ScatterOptions.DEFAULTS.withDeadline(Duration.ofSeconds(3));
    try (ScatterExecution execution = execution(slow, soon, MissingShards.NAME);
        ResultSet rows = execution.run(null)) {
      assertThat(count(rows)).isEqualTo(2);
      assertThat(execution.missing().keySet()).containsExactly(ShardId.of("s3"));
      assertThat(execution.missing().get(ShardId.of("s3"))).isInstanceOf(DeadlineExceeded.class);
    }
    awaitSleepers(0, SHARDS);
  }

  @Test
  void failsWithoutASingleShardEvenWhereSomeMayBeMissing() {
    SHARDS.forEach(shard -> cluster.proxy(shard).cut());
    assertThatThrownBy(
            () ->
                execution(
                        HandmadeAnalysis.rows("select 1"),
                        ScatterOptions.DEFAULTS,
                        MissingShards.NAME)
                    .run(null))
        .isInstanceOf(ShardUnavailable.class);
  }

  @Test
  void takesLongerThanThePoolsLetStatementsRunIfItsDeadlineAllows() throws SQLException {
    var slow = HandmadeAnalysis.rows("select pg_sleep(6), current_setting('statement_timeout')");
    ShardRouter impatient =
        cluster.router(
            cluster.options().withTimeouts(Timeouts.DEFAULTS.withStatement(Duration.ofSeconds(2))));
    ScatterOptions patient = ScatterOptions.DEFAULTS.withDeadline(Duration.ofSeconds(60));
    try (ScatterExecution execution = execution(impatient, slow, patient, MissingShards.FAIL);
        ResultSet rows = execution.run(null)) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(2)).isEqualTo("1min");
    }
    for (String shard : SHARDS) {
      assertThat(impatient.shard(shard).queryOne("show statement_timeout", row -> row.getString(1)))
          .contains("2s");
    }
    impatient.close();
  }

  @Test
  void waitsForAShardThatIsSlow() throws SQLException {
    cluster.proxy("s2").delay(Duration.ofMillis(20));
    assertThat(count(HandmadeAnalysis.rows("select 1"))).isEqualTo(3);
  }

  @Test
  void saysWhichPoolHasNoConnectionLeft() throws SQLException {
    try (Connection one = router.shard("s2").connection();
        Connection other = router.shard("s2").connection()) {
      assertThat(one).isNotEqualTo(other);
      assertThatThrownBy(() -> count(HandmadeAnalysis.rows("select 1")))
          .isInstanceOf(ShardUnavailable.class)
          .hasMessageContaining("shard s2")
          .hasMessageContaining("active 2");
    }
    assertThat(count(HandmadeAnalysis.rows("select 1"))).isEqualTo(3);
  }

  @Test
  void doesNotWaitForAConnectionBeyondItsDeadline() throws SQLException {
    ScatterOptions soon = ScatterOptions.DEFAULTS.withDeadline(Duration.ofMillis(100));
    try (Connection one = router.shard("s2").connection();
        Connection other = router.shard("s2").connection()) {
      assertThat(one).isNotEqualTo(other);
      assertThatThrownBy(() -> execution(HandmadeAnalysis.rows("select 1"), soon).run(null))
          .isInstanceOf(DeadlineExceeded.class);
    }
  }

  @Test
  void holdsNoConnectionWhileAShortAnswerIsRead() throws SQLException {
    for (String shard : SHARDS) {
      cluster.execute(shard, "create type mood as enum ('glad', 'sad')");
    }
    try (ScatterExecution execution =
            execution(
                HandmadeAnalysis.rows(
                    "select current_database(), array['glad', 'sad']::mood[]"
                        + " from generate_series(1, 5)"),
                ScatterOptions.DEFAULTS);
        ResultSet rows = execution.run(null)) {
      assertThat(rows.next()).isTrue();
      assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.active()).isZero());
      for (String shard : SHARDS) {
        // The next borrower of the same connections, in a transaction that has failed.
        try (Connection next = router.shard(shard).connection();
            Statement statement = next.createStatement()) {
          next.setAutoCommit(false);
          assertThatThrownBy(() -> statement.execute("select 1 / 0"))
              .isInstanceOf(SQLException.class);
          assertThat(rows.getObject(1)).isInstanceOf(String.class);
          assertThat((Object[]) rows.getArray(2).getArray()).containsExactly("glad", "sad");
          assertThat(rows.getMetaData().getColumnTypeName(1)).isEqualTo("name");
          next.rollback();
          next.setAutoCommit(true);
        }
      }
      assertThat(1 + count(rows)).isEqualTo(15);
    }
  }

  @Test
  void streamsALongAnswerInOrderAndHoldsAConnectionOfEachShardUntilItsLastRow()
      throws SQLException {
    for (int round = 0; round < 2; round++) {
      try (ScatterExecution execution = execution(MANY_ROWS, ScatterOptions.DEFAULTS);
          ResultSet rows = execution.run(null)) {
        for (int i = 0; i < 3 * MANY; i++) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getInt(1)).isEqualTo(1 + i / 3);
          if (i == MANY) {
            assertThat(router.health().pools())
                .allSatisfy(pool -> assertThat(pool.active()).isEqualTo(1));
          }
        }
        assertThat(rows.next()).isFalse();
        assertThat(router.health().pools())
            .as("given back by the last row")
            .allSatisfy(pool -> assertThat(pool.active()).isZero());
      }
    }
  }

  @Test
  void givesTheConnectionsOfALongAnswerBackWhenItIsClosedEarly() throws SQLException {
    try (ScatterExecution execution = execution(MANY_ROWS, streaming());
        ResultSet rows = execution.run(null)) {
      assertThat(rows.next()).isTrue();
    }
    assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.active()).isZero());
    assertThat(count(MANY_ROWS)).isEqualTo(3 * MANY);
  }

  @Test
  void endsTheReadingOfALongAnswerWhenAShardIsLost() throws SQLException {
    try (ScatterExecution execution = execution(MANY_ROWS, streaming());
        ResultSet rows = execution.run(null)) {
      assertThat(rows.next()).isTrue();
      cluster.proxy("s2").cut();
      assertThatThrownBy(() -> count(rows)).isInstanceOf(SQLException.class);
    }
    cluster.proxy("s2").heal();
    await()
        .ignoreException(ShardUnavailable.class)
        .untilAsserted(() -> assertThat(count(HandmadeAnalysis.rows("select 1"))).isEqualTo(3));
  }

  @Test
  void endsTheReadingOfALongAnswerWhenItIsCancelled() throws SQLException {
    try (ScatterExecution execution = execution(MANY_ROWS, streaming());
        ResultSet rows = execution.run(null)) {
      assertThat(rows.next()).isTrue();
      execution.cancel();
      assertThatThrownBy(() -> count(rows))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
    }
  }

  @Test
  void endsAFetchThatRunsWhenItIsCancelled() throws Exception {
    var slowLater =
        HandmadeAnalysis.rows(
            "select n, case when n > 100 then pg_sleep(60) end from generate_series(1, 200) n");
    try (ScatterExecution execution =
            execution(slowLater, ScatterOptions.DEFAULTS.withFetchSize(50));
        ResultSet rows = execution.run(null)) {
      CompletableFuture<Throwable> failure =
          Background.supply(() -> catchThrowable(() -> count(rows)));
      awaitSleepers(1, SHARDS);
      execution.cancel();
      assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(SQLException.class);
    }
    awaitSleepers(0, SHARDS);
  }

  @Test
  void readsNoFurtherRowsForAThreadThatIsInterrupted() throws Exception {
    var many = HandmadeAnalysis.rows("select n from generate_series(1, 100000) n");
    try (ScatterExecution execution = execution(many, streaming());
        ResultSet rows = execution.run(null)) {
      assertThat(rows.next()).isTrue();
      Thread.currentThread().interrupt();
      SQLException failure = catchThrowableOfType(SQLException.class, () -> count(rows));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(execution.failure(failure)).isInstanceOf(ShardUnavailable.class);
    }
  }

  @Test
  void refusesToMixColumnsOfDifferentShards() throws SQLException {
    cluster.execute("s2", "alter table users add column more int");
    try {
      assertThatThrownBy(
              () ->
                  execution(HandmadeAnalysis.rows("select * from users"), ScatterOptions.DEFAULTS)
                      .run(null))
          .isInstanceOf(SqlRefused.class)
          .hasMessageContaining("shard s1 gives the columns [user_id int8, name text]")
          .hasMessageContaining("more int4");
    } finally {
      cluster.execute("s2", "alter table users drop column more");
    }
  }

  private static ScatterOptions streaming() {
    return ScatterOptions.DEFAULTS.withFetchSize(100);
  }

  private static int count(HandmadeAnalysis analysis) throws SQLException {
    try (ScatterExecution execution = execution(analysis, ScatterOptions.DEFAULTS);
        ResultSet rows = execution.run(null)) {
      return count(rows);
    }
  }

  private static int count(ResultSet rows) throws SQLException {
    int count = 0;
    while (rows.next()) {
      count++;
    }
    return count;
  }

  private static ScatterExecution execution(HandmadeAnalysis analysis, ScatterOptions options) {
    return execution(analysis, options, MissingShards.FAIL);
  }

  private static ScatterExecution execution(
      HandmadeAnalysis analysis, ScatterOptions options, MissingShards missingShards) {
    return execution(router, analysis, options, missingShards);
  }

  private static ScatterExecution execution(
      ShardRouter by,
      HandmadeAnalysis analysis,
      ScatterOptions options,
      MissingShards missingShards) {
    return by.scatterEngine()
        .prepare(
            new ScatterQuery(
                analysis,
                ParameterSource.of(),
                new TreeSet<>(router.topology().shards().keySet()),
                Optional.empty(),
                /* repeatable= */ true,
                options,
                missingShards,
                SessionState.NONE,
                Optional.empty(),
                Optional.empty()));
  }

  /** Waits until that many statements sleep on those shards. */
  private static void awaitSleepers(int wanted, List<String> shards) {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () -> {
              List<Long> sleepers = new ArrayList<>();
              for (String shard : shards) {
                sleepers.add(
                    cluster.count(
                        shard,
                        "select count(*) from pg_stat_activity where datname = current_database()"
                            + " and wait_event = 'PgSleep'"));
              }
              assertThat(sleepers.stream().mapToLong(Long::longValue).sum()).isEqualTo(wanted);
            });
  }
}
