package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.shardwright.router.Background;
import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that another thread aborts, or closes, whatever it is doing. */
@ExtendWith(LeakCheckExtension.class)
class AbortIT {
  private static final String WAITING =
      "select count(*) from pg_stat_activity"
          + " where wait_event_type = 'Lock' and datname = current_database()";

  private static TestCluster cluster;
  private static ShardRouter router;
  private static long key;
  private static String update;

  private Connection connection;
  private Connection blocker;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    router = cluster.router();
    key = TestCluster.keyOn(router, "s1");
    update = "update users set name = 'y' where user_id = " + key;
    cluster.execute("s1", "insert into users values (" + key + ", 'x')");
    cluster.execute(
        "s1", "insert into orders select %s, id, 1 from generate_series(1, 35) id".formatted(key));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    cluster.execute("s1", "update users set name = 'x'");
    connection = router.dataSource().getConnection();
    blocker = PostgresServer.shared().connect(cluster.database("s1"));
    blocker.setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    cluster.proxy("s1").heal();
    blocker.close();
    connection.close();
    assertThat(active()).isZero();
  }

  @Test
  void whileTheFirstStatementOfATransactionWaits() throws SQLException {
    block();
    connection.setAutoCommit(false);
    endsSoon(running(update));
  }

  @Test
  void whileALaterStatementOfATransactionWaits() throws SQLException {
    block();
    connection.setAutoCommit(false);
    execute("update orders set amount = 2 where user_id = " + key);
    endsSoon(running(update));
    cluster.execute("s1", "update orders set amount = 3 where user_id = " + key);
  }

  @Test
  void whileAStatementInAutocommitModeWaits() throws SQLException {
    block();
    endsSoon(running(update));
  }

  @Test
  void whileItWaitsForAConnection() throws Exception {
    ShardRouter tight =
        cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
    try (Connection holder = tight.dataSource().getConnection();
        Statement held = holder.createStatement()) {
      holder.setAutoCommit(false);
      held.execute("update orders set amount = 4 where user_id = " + key);
      for (boolean autoCommit : List.of(true, false)) {
        Connection waiting = tight.dataSource().getConnection();
        waiting.setAutoCommit(autoCommit);
        assertEndsInLine(tight, waiting, statement -> waiting.abort(Runnable::run));
      }
      try (Connection waiting = tight.dataSource().getConnection()) {
        assertEndsInLine(tight, waiting, Statement::cancel);
        waiting.setAutoCommit(false);
        assertEndsInLine(tight, waiting, Statement::cancel);
        try (Statement later = waiting.createStatement()) {
          assertThatThrownBy(() -> later.execute(update)).hasMessageContaining("aborted");
        }
      }
      holder.rollback();
    }
    assertThat(cluster.count("s1", "select count(*) from users where name = 'y'")).isZero();
  }

  /** Ends what waits in line. */
  private interface Ending {
    void of(Statement statement) throws SQLException;
  }

  private static void assertEndsInLine(ShardRouter tight, Connection waiting, Ending ending)
      throws Exception {
    try (Statement statement = waiting.createStatement()) {
      CompletableFuture<Throwable> failure =
          Background.supply(() -> catchThrowable(() -> statement.execute(update)));
      Awaitility.await()
          .until(() -> tight.health().pools().stream().anyMatch(pool -> pool.waiting() > 0));
      ending.of(statement);
      assertThat(failure.get(20, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
    }
  }

  /** In autocommit mode, or after so many others in a transaction. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1})
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // without it, for ever
  void orClosesWhileAStatementRuns(int before) throws SQLException {
    block();
    connection.setAutoCommit(before < 0);
    for (int i = 0; i < before; i++) {
      execute("update orders set amount = 5 where user_id = " + key);
    }
    endsSoon(running(update), Connection::close);
    cluster.execute("s1", "update orders set amount = 6 where user_id = " + key);
  }

  @Test
  void whileAQueryOverSeveralShardsRuns() throws SQLException {
    block();
    endsSoon(running("select count(*) from users"));
  }

  @Test
  void whileItsCommitIsNotAnswered() throws SQLException {
    connection.setAutoCommit(false);
    execute(update);
    cluster.proxy("s1").freezeResponses();
    CompletableFuture<?> commit = Background.run(() -> tryTo(connection::commit));
    Awaitility.await()
        .until(() -> cluster.count("s1", "select count(*) from users where name = 'y'") == 1);
    connection.abort(Runnable::run);
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(commit::isDone);
    assertThatThrownBy(commit::join).hasStackTraceContaining("may or may not have happened");
  }

  @Test
  void whileItsRowsAreRead() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery("select id from orders order by id");
      assertThat(rows.next()).isTrue();
      connection.abort(Runnable::run);
      connection.close();
      assertThat(active()).isZero();
      assertThatThrownBy(rows::next).hasMessageContaining("is closed");
    }
  }

  /** More often than there are places for such queries. */
  @Test
  void andIsNotClosedWhileItsRowsAreRead() throws SQLException {
    for (int i = 0; i < 20; i++) {
      Connection left = router.dataSource().getConnection();
      Statement statement = left.createStatement();
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery("select id from orders order by id");
      assertThat(rows.next()).isTrue();
      left.abort(Runnable::run);
      assertThat(active()).isZero();
      assertThatThrownBy(() -> readToTheEnd(rows)).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void whileFurtherRowsAreFetched() throws SQLException {
    Statement statement = connection.createStatement();
    statement.setFetchSize(10);
    ResultSet rows = statement.executeQuery("select id from orders order by id");
    cluster.proxy("s1").freezeResponses();
    CompletableFuture<?> reading = Background.run(() -> tryTo(() -> readToTheEnd(rows)));
    endsSoon(reading);
  }

  private static void readToTheEnd(ResultSet rows) throws SQLException {
    while (rows.next()) {
      assertThat(rows.getInt(1)).isPositive();
    }
  }

  @Test
  void alsoWhereNobodyElseWillDoIt() throws SQLException {
    connection.setAutoCommit(false);
    execute(update);
    assertThatThrownBy(() -> connection.abort(null)).isInstanceOf(SQLException.class);
    execute(update);
    assertThat(active()).isEqualTo(1);
    connection.abort(
        task -> {
          throw new RejectedExecutionException("shut down");
        });
    assertThat(active()).isZero();
    assertThat(connection.isClosed()).isTrue();
  }

  /** Nobody else gets at the users of s1. */
  private void block() throws SQLException {
    try (Statement statement = blocker.createStatement()) {
      statement.execute("lock table users in access exclusive mode");
    }
  }

  private CompletableFuture<?> running(String sql) {
    CompletableFuture<?> running = Background.run(() -> tryTo(() -> execute(sql)));
    Awaitility.await().until(() -> waiting() == 1);
    return running;
  }

  private void endsSoon(CompletableFuture<?> running) throws SQLException {
    endsSoon(running, aborted -> aborted.abort(Runnable::run));
  }

  /** Ends a connection. */
  private interface End {
    void of(Connection ended) throws SQLException;
  }

  private void endsSoon(CompletableFuture<?> running, End end) throws SQLException {
    end.of(connection);
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(running::isDone);
    assertThatThrownBy(running::join).cause().hasCauseInstanceOf(SQLException.class);
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> active() == 0);
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> waiting() == 0);
    assertThat(connection.isClosed()).isTrue();
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long waiting() throws SQLException {
    return cluster.count("s1", WAITING);
  }

  private static int active() {
    return router.health().pools().stream().mapToInt(pool -> pool.active()).sum();
  }

  /** Work that may fail. */
  private interface Step {
    void run() throws SQLException;
  }

  private static void tryTo(Step step) {
    try {
      step.run();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
