package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.run.Backoff;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions that get in each other's way are done again until all have happened. */
@ExtendWith(LeakCheckExtension.class)
class ConflictIT {
  /** Meets a conflict after a part of it, but for the second time. */
  private static final String HALVES =
      """
      create or replace procedure halves() language plpgsql as $$
      begin
        update orders set amount = amount + 1 where id = 1;
        commit;
        if (select amount from orders where id = 1) = 1 then
          raise exception 'a conflict' using errcode = '40001';
        end if;
      end $$;
      """;

  private static TestCluster cluster;
  private static OneShard shard;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(1);
    shard = cluster.router().keyspace("shop").on(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void twoOrders() throws SQLException {
    cluster.execute("s1", "delete from orders; insert into orders values (1, 1, 0), (1, 2, 0)");
  }

  @Test
  void replaysACallbackAfterASerializationFailure() throws Exception {
    int runs =
        together(
            Isolation.REPEATABLE_READ,
            (connection, side, meet) -> {
              execute(connection, "select sum(amount) from orders");
              meet.await(10, TimeUnit.SECONDS);
              execute(connection, "update orders set amount = amount + 1 where id = 1");
            });
    assertThat(cluster.count("s1", "select amount from orders where id = 1")).isEqualTo(2);
    assertThat(runs).as("one of the two ran twice").isGreaterThanOrEqualTo(3);
  }

  @Test
  void replaysACallbackAfterADeadlock() throws Exception {
    int runs =
        together(
            Isolation.READ_COMMITTED,
            (connection, side, meet) -> {
              execute(connection, "update orders set amount = amount + 1 where id = " + side);
              meet.await(10, TimeUnit.SECONDS);
              execute(connection, "update orders set amount = amount + 1 where id = " + (3 - side));
            });
    assertThat(cluster.count("s1", "select sum(amount) from orders")).isEqualTo(4);
    assertThat(runs).as("one of the two ran twice").isGreaterThanOrEqualTo(3);
  }

  @Test
  void replaysACallbackWhoseFrameworkHidTheFailureInAnExceptionOfItsOwn() {
    AtomicInteger runs = new AtomicInteger();
    int result =
        shard.inTransaction(
            connection -> {
              if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException(new SQLException("could not serialize", "40001"));
              }
              return 7;
            });
    assertThat(result).isEqualTo(7);
  }

  @Test
  void givesUpAfterABoundedNumberOfAttemptsAndTellsOfAll() {
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(
            () ->
                shard.useTransaction(
                    connection -> {
                      throw new SQLException("conflict " + runs.incrementAndGet(), "40001");
                    }))
        .isInstanceOfSatisfying(
            StatementFailed.class,
            failure -> {
              assertThat(failure.sqlState()).isEqualTo("40001");
              assertThat(failure).hasMessageContaining("attempt 10");
              assertThat(failure.getSuppressed()).hasSize(9);
            });
    assertThat(runs).hasValue(Backoff.MAX_ATTEMPTS);
  }

  @Test
  void keepsWhatPostgresqlSaid() {
    assertThatThrownBy(() -> shard.update("insert into orders values (1, 1, 5)"))
        .isInstanceOfSatisfying(
            StatementFailed.class, failure -> assertThat(failure.sqlState()).isEqualTo("23505"))
        .hasMessageContaining("orders_pkey")
        .hasCauseInstanceOf(SQLException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "call halves()",
        "/* both */ CALL halves()",
        "do $$ begin call halves(); end $$",
        "update orders set amount = amount + 1 where id = 1; commit; do $$ begin"
            + " if (select amount from orders where id = 1) = 1 then"
            + " raise exception 'a conflict' using errcode = '40001'; end if; end $$"
      })
  void repeatsNothingThatMayHaveCommittedAPartOfItself(String sql) throws SQLException {
    cluster.execute("s1", HALVES);
    List<ThrowingCallable> ways =
        List.of(
            () -> shard.update(sql),
            () -> shard.updateReturning(sql, row -> 1),
            () -> shard.query(sql, row -> 1),
            () -> shard.queryOne(sql, row -> 1));
    for (ThrowingCallable way : ways) {
      cluster.execute("s1", "update orders set amount = 0");
      assertThatThrownBy(way)
          .isInstanceOf(UnknownOutcome.class)
          .hasMessageContaining("carried out in part")
          .hasCauseInstanceOf(SQLException.class);
      assertThat(cluster.count("s1", "select amount from orders where id = 1")).isEqualTo(1);
    }
  }

  /** That the second half was refused says nothing of the first. */
  @Test
  void tellsOfARefusalAfterAPartMayHaveCommitted() throws SQLException {
    cluster.execute("s1", HALVES.replace("halves", "refused").replace("40001", "23505"));
    assertThatThrownBy(() -> shard.update("call refused()"))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("carried out in part");
    assertThat(cluster.count("s1", "select amount from orders where id = 1")).isEqualTo(1);
  }

  @Test
  void repeatsIfItsCallerSaysSoWhatMayHaveCommittedAPartOfItself() throws SQLException {
    cluster.execute("s1", HALVES);
    shard.idempotent().update("call halves()");
    assertThat(cluster.count("s1", "select amount from orders where id = 1")).isEqualTo(2);
  }

  private interface Side {
    void run(Connection connection, int side, CyclicBarrier meet) throws Exception;
  }

  /** Runs two transactions at once, which meet half-way in their first runs; gives all runs. */
  private static int together(Isolation isolation, Side body) throws Exception {
    CyclicBarrier meet = new CyclicBarrier(2);
    AtomicInteger runs = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> one = threads.submit(() -> run(isolation, body, 1, meet, runs));
      Future<?> two = threads.submit(() -> run(isolation, body, 2, meet, runs));
      one.get(20, TimeUnit.SECONDS);
      two.get(20, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
    return runs.get();
  }

  private static void run(
      Isolation isolation, Side body, int side, CyclicBarrier meet, AtomicInteger runs) {
    AtomicInteger own = new AtomicInteger();
    CyclicBarrier nobody = new CyclicBarrier(1);
    shard.useTransaction(
        isolation,
        connection -> {
          runs.incrementAndGet();
          try {
            body.run(connection, side, own.incrementAndGet() == 1 ? meet : nobody);
          } catch (SQLException e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
