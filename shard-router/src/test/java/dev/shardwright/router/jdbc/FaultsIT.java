package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.Background;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a caller of JDBC hears when the network, a server or its own patience ends. */
class FaultsIT {
  private static TestCluster cluster;
  private static ShardRouter router;
  private static long key;

  private Connection connection;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(2);
    router = cluster.router();
    key = TestCluster.keyOn(router, "s1");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    cluster.execute("s1", "delete from users");
    connection = router.dataSource().getConnection();
  }

  @AfterEach
  void close() throws SQLException {
    cluster.proxy("s1").heal();
    connection.close();
    assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.active()).isZero());
  }

  @Test
  void doesNotKnowWhatBecameOfAWriteWhoseAnswerWasLost() throws SQLException {
    count();
    cluster.proxy("s1").cutOnNextResponse();
    fails(this::insert, "08007", "may or may not have happened");
    assertThat(cluster.count("s1", "select count(*) from users")).isEqualTo(1);
  }

  @Test
  void doesNotKnowWhatBecameOfATransactionWhoseCommitWasNotAnswered() throws SQLException {
    connection.setAutoCommit(false);
    insert();
    cluster.proxy("s1").cutOnNextResponse();
    fails(connection::commit, "08007", "COMMIT");
    assertThat(count()).isEqualTo(1);
  }

  /** As gates and guards do on a promoted server, until the leader has asserted what it knows. */
  @Test
  void waitsForTheLeaderOnceAServerWasPromoted() throws SQLException {
    cluster.execute(
        "s1",
        """
        create sequence refusals;
        grant usage on refusals to public;
        create function not_asserted() returns trigger language plpgsql as $$
          begin
            if nextval('refusals') <= 12 then
              raise 'the server was promoted' using errcode = 'SW003',
                detail = '{"timeline": 2, "assertedTimeline": 1}';
            end if;
            return new;
          end $$;
        create trigger not_asserted before insert on users for each row execute function not_asserted()
        """);
    insert();
    assertThat(count()).isEqualTo(1);
    assertThat(cluster.count("s1", "select last_value from refusals")).isEqualTo(13);
  }

  @Test
  void saysOfABatchThatItFailedWhateverTheReason() throws SQLException {
    cluster.proxy("s1").cut();
    try (PreparedStatement statement =
        connection.prepareStatement("insert into users (user_id, name) values (?, 'x')")) {
      statement.setLong(1, key);
      statement.addBatch();
      assertThatThrownBy(statement::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class,
              e -> {
                assertThat(e.getSQLState()).isEqualTo("SW201");
                assertThat(e.getUpdateCounts()).containsExactly(Statement.EXECUTE_FAILED);
                assertThat((Throwable) e.getNextException())
                    .isInstanceOf(SQLTransientConnectionException.class);
              });
    }
    cluster.proxy("s1").heal();
    Awaitility.await().ignoreExceptions().until(() -> count() == 0);
  }

  /** COMMIT takes a while on s1, and its answer is lost. */
  @Test
  void saysWhichEntriesOfABatchMayHaveHappened() throws Exception {
    cluster.execute(
        "s1",
        """
        create function slow() returns trigger language plpgsql
          as 'begin perform pg_sleep(60); return null; end';
        create constraint trigger slow after insert on orders deferrable initially deferred
          for each row execute function slow();
        """);
    try (PreparedStatement statement =
        connection.prepareStatement("insert into orders (user_id, id) values (?, ?)")) {
      for (long user : List.of(TestCluster.keyOn(router, "s2"), key)) {
        statement.setLong(1, user);
        statement.setInt(2, 1);
        statement.addBatch();
      }
      CompletableFuture<?> failed =
          Background.run(
              () ->
                  assertThatThrownBy(statement::executeBatch)
                      .isInstanceOfSatisfying(
                          BatchUpdateException.class,
                          e -> {
                            assertThat(e.getSQLState()).isEqualTo("08007");
                            assertThat(e.getUpdateCounts())
                                .containsExactly(1, Statement.EXECUTE_FAILED);
                          })
                      .hasMessageStartingWith("entries [1], counted from 0, may or may not"));
      String committing =
          " from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
      Awaitility.await().until(() -> cluster.count("s1", "select count(*)" + committing) == 1);
      cluster.proxy("s1").cut();
      failed.get(20, TimeUnit.SECONDS);
      cluster.execute("s1", "select pg_terminate_backend(pid, 5000)" + committing);
    } finally {
      cluster.proxy("s1").heal();
      cluster.execute(
          "s1", "drop trigger slow on orders; drop function slow(); delete from orders");
      cluster.execute("s2", "delete from orders");
    }
  }

  @Test
  void readsAgainAfterALostConnection() throws SQLException {
    insert();
    cluster.proxy("s1").cutOnNextResponse();
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void abortsATransactionThatLostItsConnection() throws SQLException {
    connection.setAutoCommit(false);
    Savepoint early = connection.setSavepoint();
    insert();
    Savepoint late = connection.setSavepoint("late");
    cluster.proxy("s1").cut();
    cluster.proxy("s1").heal();
    fails(this::count, "08006", "");
    fails(this::count, "25P02", "aborted");
    for (Savepoint gone : List.of(late, early)) {
      fails(() -> connection.rollback(gone), "25P02", "aborted");
      fails(() -> connection.releaseSavepoint(gone), "25P02", "aborted");
    }
    fails(this::count, "25P02", "aborted");
    connection.rollback();
    assertThat(count()).isZero();
  }

  @Test
  void saysThatATransactionWasRolledBackWhoseConnectionWasLostAsRowsWereRead() throws SQLException {
    cluster.execute(
        "s1", "insert into orders select %s, n, n from generate_series(1, 500) n".formatted(key));
    connection.setAutoCommit(false);
    insert();
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery("select id from orders where user_id = " + key);
      cluster.proxy("s1").cut();
      cluster.proxy("s1").heal();
      fails(
          () -> {
            while (rows.next()) {
              assertThat(rows.getLong(1)).isPositive();
            }
          },
          "08006",
          "");
    }
    fails(connection::commit, "25P02", "rolled back");
    assertThat(count()).isZero();
    cluster.execute("s1", "delete from orders");
  }

  @Test
  void keepsATransactionThatLostItsConnectionFromBeginningAnew() throws SQLException {
    connection.setAutoCommit(false);
    insert();
    cluster.proxy("s1").cut();
    cluster.proxy("s1").heal();
    fails(this::count, "08006", "");
    fails(() -> connection.setReadOnly(true), "25001", "in the middle of a transaction");
    fails(
        () -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE),
        "25001",
        "in the middle of a transaction");
    fails(this::count, "25P02", "aborted");
    fails(connection::commit, "25P02", "rolled back");
  }

  @Test
  void endsAStatementThatIsCancelledOrTakesTooLong() throws Exception {
    insert();
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_sleep(60) from users where user_id = ?")) {
      statement.setLong(1, key);
      CountDownLatch ended = new CountDownLatch(1);
      Thread canceller =
          new Thread(
              () ->
                  Awaitility.await()
                      .until(
                          () -> {
                            statement.cancel();
                            return ended.getCount() == 0;
                          }));
      canceller.start();
      try {
        fails(statement::executeQuery, "57014", "cancel");
      } finally {
        ended.countDown();
        canceller.join();
      }
      statement.setQueryTimeout(1);
      fails(statement::executeQuery, "57014", "cancel");
    }
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // without it, 33 seconds
  void waitsForTheNetworkNoLongerThanItWasTold() throws SQLException {
    count();
    connection.setNetworkTimeout(Runnable::run, 300);
    assertThat(connection.getNetworkTimeout()).isEqualTo(300);
    cluster.proxy("s1").freezeResponses();
    fails(this::insert, "08007", "may or may not have happened");
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // without it, 33 seconds
  void waitsForTheNetworkOnceAlsoWhereItCouldTryAgain() throws SQLException {
    count();
    connection.setNetworkTimeout(Runnable::run, 300);
    cluster.proxy("s1").freezeResponses();
    fails(this::count, "SW202", "(attempt 1, ");
    cluster.proxy("s1").heal();
    Awaitility.await().ignoreExceptions().until(() -> count() == 0);
    connection.setAutoCommit(false);
    cluster.proxy("s1").freezeResponses();
    fails(this::insert, "SW202", "(attempt 1, ");
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // without it, 33 seconds
  void waitsNoLongerForItWithinATransactionThatWasUnderWay() throws SQLException {
    connection.setAutoCommit(false);
    count();
    connection.setNetworkTimeout(Runnable::run, 300);
    cluster.proxy("s1").freezeResponses();
    fails(this::count, "08006", "");
  }

  /** What a transaction can do as its connection is lost. */
  private enum Next {
    STATEMENT,
    COMMIT,
    ROLLBACK
  }

  @ParameterizedTest
  @EnumSource
  void sendsNoWriteToWhereATransactionLostItsConnection(Next next) throws SQLException {
    ShardRouter fresh = cluster.router();
    try (Connection transaction = fresh.dataSource().getConnection();
        Connection other = fresh.dataSource().getConnection()) {
      transaction.setAutoCommit(false);
      count(transaction);
      count(other);
      cluster.proxy("s1").cut();
      cluster.proxy("s1").heal();
      switch (next) {
        case STATEMENT -> fails(() -> count(transaction), "08006", "");
        case COMMIT -> fails(transaction::commit, "08007", "COMMIT");
        case ROLLBACK -> transaction.rollback();
      }
      insert(other);
    }
    assertThat(count()).isEqualTo(1);
  }

  private void insert() throws SQLException {
    insert(connection);
  }

  private static void insert(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into users (user_id, name) values (?, 'x')")) {
      statement.setLong(1, key);
      statement.executeUpdate();
    }
  }

  private long count() throws SQLException {
    return count(connection);
  }

  private static long count(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select count(*) from users where user_id = ?")) {
      statement.setLong(1, key);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private static void fails(ThrowingCallable call, String state, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
        .hasMessageContaining(message);
  }
}
