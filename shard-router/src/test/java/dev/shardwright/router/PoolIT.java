package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.AutoSave;

/** What a caller sees of the pools. */
@ExtendWith(LeakCheckExtension.class)
class PoolIT {
  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void saysHowThePoolWasWhenNoConnectionBecameFree() throws SQLException {
    OneShard shard = smallPool().shard("s1");
    try (Connection one = shard.connection();
        Connection two = shard.connection()) {
      assertThat(one).isNotEqualTo(two);
      assertThatThrownBy(() -> shard.update("never sent"))
          .isInstanceOf(ShardUnavailable.class)
          .hasMessageContaining("shard s1 at jdbc:postgresql:")
          .hasMessageContaining("total 2 of 2, active 2, idle 0, waiting 0")
          .hasMessageContaining("that nobody closed may hold them")
          .hasMessageContaining("raise RouterOptions.withPools, or for a URL the property profile")
          .hasMessageMatching("(?s).*within \\d{4} ms.*");
    }
    assertThat(shard.queryOne("select 1", row -> row.getInt(1))).contains(1);
  }

  @Test
  void givesAConnectionThatBecomesFreeToWhoeverWaits() throws Exception {
    ShardRouter router = withOneConnection();
    OneShard shard = router.shard("s1");
    CompletableFuture<Integer> waiting;
    try (Connection held = shard.connection()) {
      assertThat(held.isClosed()).isFalse();
      waiting =
          Background.supply(() -> shard.queryOne("select 1", row -> row.getInt(1)).orElseThrow());
      awaitWaiting(router);
      assertThat(waiting).isNotDone();
    }
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(1);
  }

  @Test
  void stopsWaitingWhenInterruptedAndKeepsTheFlag() throws Exception {
    ShardRouter router =
        cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(2)));
    OneShard shard = router.shard("s1");
    try (Connection one = shard.connection();
        Connection two = shard.connection()) {
      assertThat(one).isNotEqualTo(two);
      CompletableFuture<Boolean> flag = new CompletableFuture<>();
      Thread waiter =
          new Thread(
              () -> {
                try {
                  shard.update("never sent");
                  flag.completeExceptionally(new AssertionError("should not get a connection"));
                } catch (ShardUnavailable e) {
                  assertThat(e).hasMessageContaining("interrupted");
                  flag.complete(Thread.currentThread().isInterrupted());
                } catch (RuntimeException e) {
                  flag.completeExceptionally(e);
                }
              });
      waiter.start();
      awaitWaiting(router);
      waiter.interrupt();
      assertThat(flag.get(30, TimeUnit.SECONDS)).isTrue();
      waiter.join(30_000);
    }
  }

  @Test
  void namesEndpointAndUserOfAWrongPasswordAndNotThePassword() {
    try {
      cluster.appPassword("very-wrong-secret");
      ShardRouter router = cluster.router();
      assertThatThrownBy(() -> router.shard("s1").update("never sent"))
          .isInstanceOf(ShardUnavailable.class)
          .hasMessageContaining("jdbc:postgresql:")
          .hasMessageContaining("signing in as " + cluster.app)
          .hasMessageContaining("credentials provider")
          .satisfies(
              e -> {
                for (Throwable t = e; t != null; t = t.getCause()) {
                  assertThat(t.toString()).doesNotContain("very-wrong-secret");
                }
              });
      assertThat(router.health().toString()).doesNotContain("very-wrong-secret");
    } finally {
      cluster.appPassword(TestCluster.APP_PASSWORD);
    }
  }

  @Test
  void picksUpCredentialsThatChangedInTheProvider() throws SQLException {
    ShardRouter router = cluster.router();
    OneShard shard = router.shard("s1");
    int before = backend(shard);
    try {
      cluster.execute("s1", "alter role " + cluster.app + " password 'rotated'");
      assertThat(backend(shard)).as("open connections live on").isEqualTo(before);
      Connection held = shard.connection();
      assertThatThrownBy(() -> shard.update("never sent"))
          .isInstanceOf(ShardUnavailable.class)
          .hasMessageContaining("signing in as");
      cluster.appPassword("rotated");
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreException(ShardUnavailable.class)
          .untilAsserted(() -> assertThat(backend(shard)).isNotEqualTo(before));
      held.close();
      for (int i = 0; i < 3; i++) {
        assertThat(backend(shard))
            .as("connections of the old password retire")
            .isNotEqualTo(before);
      }
    } finally {
      cluster.execute(
          "s1", "alter role " + cluster.app + " password '" + TestCluster.APP_PASSWORD + "'");
      cluster.appPassword(TestCluster.APP_PASSWORD);
    }
  }

  @Test
  void leavesAStatementThatWaitedForItsConnectionTheRestOfTheTimeOnly() throws Exception {
    Timeouts timeouts = Timeouts.DEFAULTS.withStatement(Duration.ofSeconds(6));
    ShardRouter router =
        cluster.router(
            cluster
                .options()
                .withTimeouts(timeouts)
                .withPools(PoolProfile.SERVER.withMaxConnections(1)));
    OneShard shard = router.shard("s1");
    shard.query("select 1", row -> "");
    Future<?> other = Background.run(() -> shard.queryOne("select pg_sleep(3)", row -> ""));
    await().until(() -> router.health().pools().stream().anyMatch(pool -> pool.active() == 1));
    assertThatThrownBy(() -> shard.queryOne("select pg_sleep(60)", row -> ""))
        .isInstanceOf(DeadlineExceeded.class)
        .as("by the client: the server would have let it go on for the time that it waited")
        .hasMessageContaining("user request");
    other.get();
  }

  @Test
  void lendsNoConnectionWithWhatAnotherLeftBehind() throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    try (Connection connection = shard.connection();
        Statement statement = connection.createStatement()) {
      connection.setReadOnly(true);
      statement.execute("set timezone = 'Pacific/Auckland'");
      statement.execute("begin");
    }
    String timeZone = shard.queryOne("show timezone", row -> row.getString(1)).orElseThrow();
    assertThat(timeZone).isNotEqualTo("Pacific/Auckland");
    try (Connection connection = shard.connection()) {
      assertThat(connection.isReadOnly()).isFalse();
      assertThat(connection.getAutoCommit()).isTrue();
    }
    assertThatThrownBy(() -> shard.update("begin")).isInstanceOf(StatementFailed.class);
    assertThat(transactionTime(shard))
        .as("each statement is a transaction of its own")
        .isNotEqualTo(transactionTime(shard));
  }

  @Test
  void lendsNoConnectionThatCouldNotBeRolledBack() {
    OneShard shard = withOneConnection().shard("s1");
    int before = backend(shard);
    // The driver has ROLLBACK prepared from the first on, and then does not notice that it is gone.
    for (String sql : List.of("select 1", "do $$ begin execute 'deallocate all'; end $$")) {
      assertThat(backend(shard)).isEqualTo(before);
      assertThatThrownBy(
              () ->
                  shard.useTransaction(
                      connection -> {
                        try (Statement statement = connection.createStatement()) {
                          statement.execute(sql);
                        }
                        throw new IllegalArgumentException("not what was hoped for");
                      }))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(backend(shard)).isNotEqualTo(before);
  }

  @Test
  void lendsAConnectionWhoseStatementsLeadToNoOther() throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    int before = backend(shard);
    Connection connection = shard.connection();
    Statement statement = connection.createStatement();
    PreparedStatement prepared = connection.prepareStatement("select ?::int");
    prepared.setInt(1, 7);
    ResultSet rows = prepared.executeQuery();
    assertThat(rows.next()).isTrue();
    assertThat(rows.getInt(1)).isEqualTo(7);
    assertThat(rows.getStatement()).isSameAs(prepared);
    assertThat(prepared.unwrap(PGStatement.class)).isNotNull();
    DatabaseMetaData about = connection.getMetaData();
    try (ResultSet tables = about.getTables(null, null, "users", null)) {
      assertThat(tables.getStatement().getConnection()).isSameAs(connection);
    }
    for (Connection of :
        List.of(statement.getConnection(), prepared.getConnection(), about.getConnection())) {
      assertThat(of).isSameAs(connection);
    }
    statement.execute("set work_mem = '1MB'");
    statement.getConnection().close();
    assertThat(connection.isClosed()).isTrue();
    assertThat(backend(shard)).as("the session was looked at").isNotEqualTo(before);

    shard.useTransaction(
        within -> {
          try (Statement inside = within.createStatement()) {
            assertThatThrownBy(() -> inside.getConnection().commit())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("not for the body of a transaction");
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set work_mem = '1MB'",
        "set search_path = pg_catalog",
        "set statement_timeout = '29s'",
        "create temp table left_behind (id int)",
        "create function pg_temp.left_behind() returns int language sql as 'select 1'",
        "listen something",
        "select pg_advisory_lock(4711)",
        "prepare left_behind as select 1",
        "declare left_behind cursor with hold for select 1",
        "discard all",
        "reset all",
        "reset statement_timeout",
        "select pg_advisory_unlock_all()",
      })
  void closesASessionThatHasSomethingOfItsOwn(String sql) throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    int before = backend(shard);
    use(shard, sql);
    assertThat(backend(shard)).isNotEqualTo(before);
  }

  @Test
  void closesASessionOfWhichTheDriversConnectionWasAskedFor() throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    int before = backend(shard);
    try (Connection connection = shard.connection()) {
      connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
    }
    assertThat(backend(shard)).isEqualTo(before);
    try (Connection connection = shard.connection()) {
      assertThat(connection.getHoldability()).isEqualTo(ResultSet.CLOSE_CURSORS_AT_COMMIT);
      connection.unwrap(PGConnection.class).setAutosave(AutoSave.ALWAYS);
    }
    assertThat(backend(shard)).isNotEqualTo(before);
    try (Connection connection = shard.connection()) {
      assertThat(connection.unwrap(PGConnection.class).getAutosave()).isEqualTo(AutoSave.NEVER);
    }
  }

  /** Every call on such a connection waits for the end of the COPY, which nobody will bring. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void closesASessionInTheMiddleOfACopy() throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    String copy = "copy users from stdin";
    try (Connection connection = shard.connection()) {
      connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy);
    }
    assertThat(shard.queryOne("select 1", row -> row.getInt(1))).hasValue(1);
    assertThatThrownBy(
            () ->
                shard.useTransaction(
                    within -> {
                      within.unwrap(PGConnection.class).getCopyAPI().copyIn(copy);
                      throw new IllegalArgumentException("a row that cannot be read");
                    }))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(shard.queryOne("select 1", row -> row.getInt(1))).hasValue(1);
    int before = backend(shard);
    shard.useTransaction(within -> within.unwrap(PGConnection.class).setAutosave(AutoSave.ALWAYS));
    assertThat(backend(shard)).isNotEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "set statement_timeout = '30s'",
        "begin; create temp table gone (id int) on commit drop; commit",
        "begin; set work_mem = '1MB'; create temp table gone (id int)",
        "listen something; unlisten *",
        "begin isolation level serializable read only deferrable; commit",
      })
  void lendsASessionAgainThatIsAsItWas(String sql) throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    int before = backend(shard);
    use(shard, sql);
    assertThat(backend(shard)).isEqualTo(before);
  }

  /** No catalog shows them, so that nothing can tell that they were set. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "set app.tenant = '42'",
        "select set_config('app.tenant', '42', false)",
        "begin; set app.tenant = '42'; commit",
      })
  void leavesNoSettingOfTheApplicationsOwnToTheNext(String sql) throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    use(shard, sql);
    assertThat(
            shard.queryOne(
                "select coalesce(current_setting('app.tenant', true), '')",
                row -> row.getString(1)))
        .contains("");
    assertThat(shard.queryOne("show statement_timeout", row -> row.getString(1))).contains("30s");
  }

  @Test
  void hasThePlaceOfAConnectionThatWasAbortedForOthers() throws SQLException {
    OneShard shard = withOneConnection().shard("s1");
    Connection aborted = shard.connection();
    assertThatThrownBy(() -> aborted.abort(null)).isInstanceOf(SQLException.class);
    assertThat(aborted.isClosed()).isFalse();
    assertThat(aborted.isValid(5)).isTrue();
    aborted.abort(Runnable::run);
    assertThat(aborted.isClosed()).isTrue();
    assertThat(shard.queryOne("select 1", row -> row.getInt(1))).contains(1);
    aborted.abort(Runnable::run);
    aborted.close();
    Connection closed = shard.connection();
    closed.close();
    int next = backend(shard);
    closed.abort(Runnable::run);
    assertThat(backend(shard)).as("it is somebody else's").isEqualTo(next);
  }

  @Test
  void closesASessionThatBecameSomebodyElses() throws SQLException {
    cluster.execute("s1", "alter role " + cluster.app + " superuser");
    try {
      closesASessionThatHasSomethingOfItsOwn("set session authorization pg_monitor");
      closesASessionThatHasSomethingOfItsOwn("set role pg_monitor");
    } finally {
      cluster.execute("s1", "alter role " + cluster.app + " nosuperuser");
    }
  }

  private static void use(OneShard shard, String sql) throws SQLException {
    try (Connection connection = shard.connection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void introducesItselfAndSetsTheDeadlineOfStatementsOnceForEachConnection() {
    ShardRouter router = cluster.router();
    OneShard shard = router.shard("s1");
    assertThat(shard.queryOne("show statement_timeout", row -> row.getString(1))).contains("30s");
    assertThat(shard.queryOne("show application_name", row -> row.getString(1)))
        .contains("shardwright router " + router.health().router());
    assertThat(
            shard.queryOne(
                "select count(*) from pg_locks where locktype = 'advisory' and objid = ?"
                    + " and pid = pg_backend_pid() and mode = 'ShareLock' and granted",
                row -> row.getInt(1),
                router.health().router()))
        .contains(1);
  }

  @Test
  void holdsNothingInSessionsThatAProxyShares() {
    OneShard shard = cluster.router(cluster.options().withPgBouncer(true)).shard("s1");
    for (int i = 0; i < 10; i++) {
      shard.query("select 1", row -> row.getInt(1));
    }
    assertThat(shard.queryOne("select count(*) from pg_prepared_statements", row -> row.getInt(1)))
        .contains(0);
    assertThat(
            shard.queryOne(
                "select count(*) from pg_locks where locktype = 'advisory'"
                    + " and pid = pg_backend_pid()",
                row -> row.getInt(1)))
        .contains(0);
    assertThat(shard.queryOne("show statement_timeout", row -> row.getString(1))).contains("0");
  }

  private static String transactionTime(OneShard shard) {
    return shard.queryOne("select now()::text", row -> row.getString(1)).orElseThrow();
  }

  private static int backend(OneShard shard) {
    return shard.queryOne("select pg_backend_pid()", row -> row.getInt(1)).orElseThrow();
  }

  /** Whoever comes next gets the connection of the one before, if that is lent again. */
  private static ShardRouter withOneConnection() {
    return cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
  }

  private static void awaitWaiting(ShardRouter router) {
    await().until(() -> router.health().pools().stream().anyMatch(pool -> pool.waiting() == 1));
  }

  private static ShardRouter smallPool() {
    return cluster.router(
        cluster
            .options()
            .withPools(PoolProfile.SERVER.withMaxConnections(2))
            .withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(2))));
  }
}
