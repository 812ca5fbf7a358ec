package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of work whose connection is lost half-way. */
@ExtendWith(LeakCheckExtension.class)
class LostConnectionIT {
  private static final long KEY = 1;
  private static final String INSERT = "insert into orders values (?, ?, 1)";

  private static TestCluster cluster;
  private static FaultProxy proxy;
  private static ShardRouter router;
  private static OneShard shard;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(1);
    proxy = cluster.proxy("s1");
    router = cluster.router();
    shard = router.keyspace("shop").on(KEY);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void connected() throws SQLException {
    proxy.heal();
    cluster.execute("s1", "delete from orders");
    // A connection is at hand, so that the next response is that of the statement.
    shard.query("select 1", row -> row.getInt(1));
  }

  @Test
  void saysThatTheOutcomeOfAWriteIsUnknownAndNeverWritesTwice() throws SQLException {
    proxy.cutOnNextResponse();
    assertThatThrownBy(() -> shard.update("update users set name = 'x' where user_id = ?", KEY))
        .isInstanceOf(UnknownOutcome.class);
    shard.query("select 1", row -> row.getInt(1));
    proxy.cutOnNextResponse();
    assertThatThrownBy(() -> shard.update(INSERT, KEY, 1))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("shard s1 at jdbc:postgresql://")
        .hasMessageContaining("may or may not have happened")
        .hasMessageContaining("attempt 1")
        .hasCauseInstanceOf(SQLException.class);
    assertThat(orders()).isEqualTo(1);
    assertThat(shard.update(INSERT, KEY, 2)).as("the router goes on").isEqualTo(1);
  }

  /** They are no part of their transaction, and have no effect. */
  @ParameterizedTest
  @ValueSource(strings = {"show server_version", "select gen_random_uuid()", "explain select 1"})
  void asksAgainWhatATransactionAsksBeforeItIsBound(String sql) throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      proxy.cutOnNextResponse();
      try (ResultSet rows = statement.executeQuery(sql)) {
        assertThat(rows.next()).isTrue();
      }
      assertThat(statement.executeUpdate("update users set name = 'x' where user_id = -1"))
          .isZero();
      connection.commit();
    }
  }

  @Test
  void saysSoOfAScatteredQueryOfOneKeyThatMayChangeSomething() throws SQLException {
    isWarmForAddOrder();
    proxy.cutOnNextResponse();
    assertThatThrownBy(() -> addOrder(ScatterOptions.DEFAULTS)).isInstanceOf(UnknownOutcome.class);
    assertThat(orders()).isEqualTo(1);
  }

  /** It has committed by then, and only its answer is late. */
  @Test
  void saysSoAlsoWhereTheDeadlineEndsTheWaitForItsAnswer() throws SQLException {
    isWarmForAddOrder();
    proxy.freezeResponses();
    assertThatThrownBy(() -> addOrder(ScatterOptions.DEFAULTS.withDeadline(Duration.ofSeconds(1))))
        .isInstanceOf(UnknownOutcome.class)
        .satisfies(
            e -> assertThat(e.getSuppressed()).hasAtLeastOneElementOfType(DeadlineExceeded.class));
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void saysSoAlsoWhereAnInterruptEndsTheWaitForItsAnswer() throws Exception {
    isWarmForAddOrder();
    proxy.freezeResponses();
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> told.complete(catchThrowable(() -> addOrder(ScatterOptions.DEFAULTS))), "caller");
    caller.start();
    await().until(() -> orders() == 1);
    caller.interrupt();
    assertThat(told.get(30, TimeUnit.SECONDS))
        .isInstanceOf(UnknownOutcome.class)
        .satisfies(
            e -> assertThat(e.getSuppressed()).hasAtLeastOneElementOfType(ShardUnavailable.class));
    caller.join();
    assertThat(orders()).isEqualTo(1);
  }

  private static void isWarmForAddOrder() throws SQLException {
    cluster.execute(
        "s1",
        """
        create or replace function add_order(bigint) returns int language sql
          as 'insert into orders values ($1, (select count(*) from orders), 1) returning 1';
        insert into users values (1, 'x') on conflict do nothing""");
    String read = "select user_id from users where user_id = ?";
    router.scatter(read, row -> row.getLong(1), KEY); // the pool and the parser are warm
  }

  private static void addOrder(ScatterOptions options) {
    router
        .scatter(options)
        .query("select add_order(user_id) from users where user_id = ?", row -> row.getInt(1), KEY);
  }

  @Test
  void saysSoOfAWriteThatReturnsRowsToo() throws SQLException {
    proxy.cutOnNextResponse();
    assertThatThrownBy(
            () -> shard.updateReturning(INSERT + " returning id", row -> row.getLong(1), KEY, 1))
        .isInstanceOf(UnknownOutcome.class);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void doesNotBelieveThatAWriteInsideAQueryOnlyReads() throws SQLException {
    proxy.cutOnNextResponse();
    assertThatThrownBy(() -> shard.query(INSERT + " returning id", row -> row.getLong(1), KEY, 1))
        .isInstanceOf(UnknownOutcome.class);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void repeatsReads() {
    proxy.cutOnNextResponse();
    assertThat(shard.queryOne("select 42", row -> row.getInt(1))).contains(42);
  }

  /** It was carried out the first time, and its repetition is refused. */
  @Test
  void doesNotSayThatNothingWasChangedWhereARepeatedWriteFails() throws SQLException {
    proxy.cutOnNextResponse();
    assertThatThrownBy(() -> shard.idempotent().update(INSERT, KEY, 1))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("may have happened the first time")
        .hasCauseInstanceOf(StatementFailed.class);
    assertThat(orders()).isEqualTo(1);
  }

  /** What its callback makes of that it cannot know. */
  @Test
  void doesNotLetAnExceptionOfTheCallbackHideThatARepeatedTransactionMayBeDone()
      throws SQLException {
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(
            () ->
                shard
                    .idempotent()
                    .useTransaction(
                        connection -> {
                          try (Statement statement = connection.createStatement()) {
                            statement.executeUpdate("insert into orders values (1, 1, 1)");
                          } catch (SQLException e) {
                            throw new IllegalStateException("the order exists", e);
                          }
                          if (runs.incrementAndGet() == 1) {
                            proxy.cutOnNextResponse();
                          }
                        }))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("may have happened the first time: the order exists")
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void doesNotSayThatNothingWasChangedWhereARepeatedWriteHasNoRouteAnyMore() throws SQLException {
    cluster.addShard("s2");
    cluster.execute("s2", "create table plain (id int); grant insert on plain to public");
    ShardRouter onTwo = cluster.router();
    assertThatThrownBy(
            () ->
                onTwo
                    .shard("s2")
                    .idempotent()
                    .useTransaction(
                        connection -> {
                          try (Statement statement = connection.createStatement()) {
                            statement.executeUpdate("insert into plain values (1)");
                          }
                          cluster.change(topology -> topology.withoutShard(ShardId.of("s2")));
                          await().until(() -> onTwo.health().epoch().equals(cluster.epoch()));
                          cluster.proxy("s2").cutOnNextResponse();
                        }))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("may have happened the first time")
        .hasCauseInstanceOf(RouteRefused.class);
    assertThat(cluster.count("s2", "select count(*) from plain")).isEqualTo(1);
  }

  @Test
  void repeatsWritesThatAreDeclaredIdempotent() throws SQLException {
    proxy.cutOnNextResponse();
    int changed =
        shard
            .idempotent()
            .update("insert into orders values (?, 1, 1) on conflict do nothing", KEY);
    assertThat(changed).as("the second attempt found the row of the first").isEqualTo(0);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void repeatsATransactionWhoseCommitWasNotSent() throws SQLException {
    AtomicInteger runs = new AtomicInteger();
    shard.useTransaction(
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("insert into orders values (1, 1, 1)");
            if (runs.incrementAndGet() == 1) {
              proxy.cutOnNextResponse();
            }
            statement.executeUpdate("insert into orders values (1, 2, 1)");
          }
        });
    assertThat(runs).hasValue(2);
    assertThat(orders()).isEqualTo(2);
  }

  @Test
  void saysThatTheOutcomeOfATransactionIsUnknownOnceCommitWasSent() throws SQLException {
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(
            () ->
                shard.useTransaction(
                    connection -> {
                      runs.incrementAndGet();
                      try (Statement statement = connection.createStatement()) {
                        statement.executeUpdate("insert into orders values (1, 1, 1)");
                      }
                      proxy.cutOnNextResponse();
                    }))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("COMMIT");
    assertThat(runs).hasValue(1);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void repeatsReadsAfterAnAdministratorEndedTheSession() throws SQLException {
    AtomicInteger runs = new AtomicInteger();
    int seen =
        shard.inTransaction(
            connection -> {
              if (runs.incrementAndGet() == 1) {
                terminateSessions();
              }
              try (Statement statement = connection.createStatement()) {
                statement.execute("select 1");
              }
              return runs.get();
            });
    assertThat(seen).isEqualTo(2);
    terminateSessions();
    assertThat(shard.queryOne("select 42", row -> row.getInt(1))).contains(42);
  }

  @Test
  void endsAStatementAtItsDeadlineOnTheServerAndBehindAFrozenNetwork() {
    ShardRouter impatient =
        cluster.router(
            cluster
                .options()
                .withTimeouts(Timeouts.DEFAULTS.withStatement(Duration.ofMillis(200))));
    OneShard slow = impatient.keyspace("shop").on(KEY);
    assertThatThrownBy(() -> slow.query("select pg_sleep(5)", row -> 1))
        .isInstanceOf(DeadlineExceeded.class)
        .hasMessageContaining("statement timeout")
        .hasMessageContaining("raise Timeouts.withStatement, or the property deadline");
    slow.query("select 1", row -> row.getInt(1));
    proxy.freeze();
    assertThatThrownBy(() -> slow.query("select 1", row -> row.getInt(1)))
        .isInstanceOf(DeadlineExceeded.class);
    proxy.heal();
  }

  private static void terminateSessions() throws SQLException {
    cluster.execute(
        "s1",
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database()"
            + " and application_name like 'shardwright router%'");
  }

  private static long orders() throws SQLException {
    return cluster.count("s1", "select count(*) from orders");
  }
}
