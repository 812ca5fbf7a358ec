package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PostgresServerIT {
  private static final int SILENCE_MILLIS = 300;
  private static final String TIMELINE = "select left(pg_walfile_name(pg_current_wal_lsn()), 8)";
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start(PostgresOptions.DEFAULTS.with("max_prepared_transactions", "5"));
  }

  @AfterAll
  static void close() {
    server.close();
  }

  @BeforeEach
  void makeTable() throws SQLException {
    server.execute("create table if not exists kept (id int primary key)");
    server.execute("truncate kept");
  }

  @Test
  void takesTheSettingsItWasGiven() throws SQLException {
    assertThat(answer("show max_prepared_transactions")).isEqualTo("5");
    assertThat(answer("show server_encoding")).isEqualTo("UTF8");
  }

  @Test
  @Tag("embedded")
  void keepsThePasswordInAsManyRoundsAsTheBuildAsksFor() throws SQLException {
    int iterations = Integer.getInteger("shardwright.test.scram.iterations", 4096);
    assertThat(answer("select rolpassword from pg_authid where rolname = current_user"))
        .startsWith("SCRAM-SHA-256$" + iterations + ":");
  }

  @Test
  void refusesAWrongPassword() {
    assertThatThrownBy(
            () -> DriverManager.getConnection(server.url(), server.user(), "not the password"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
  }

  @Test
  @Tag("embedded")
  void leavesNoDirectoryBehindIfItCannotBeMade() {
    PostgresOptions options = PostgresOptions.DEFAULTS.withSuperuser("pg_not_allowed", "secret");
    assertThatThrownBy(() -> PostgresServer.start(options))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("role names cannot begin with")
        .satisfies(e -> assertThat(dataDirectoryIn(e).getParent()).doesNotExist());
  }

  private static Path dataDirectoryIn(Throwable failure) {
    Matcher named = Pattern.compile("--pgdata=([^,]+),").matcher(String.valueOf(failure));
    assertThat(named.find()).isTrue();
    return Path.of(named.group(1));
  }

  @Test
  void letsARoleInWithItsPasswordOnly() throws SQLException {
    server.createRole("app", "it's \"secret\"");
    try (Connection connection =
        DriverManager.getConnection(server.url(), "app", "it's \"secret\"")) {
      assertThat(connection.isValid(5)).isTrue();
    }
    assertThatThrownBy(() -> DriverManager.getConnection(server.url(), "app", "secret"))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void servesCommittedDataOnTheSamePortAfterAKill() throws SQLException {
    int port = server.port();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("insert into kept select generate_series(1, 1000)");
      server.kill();
      assertThat(server.running()).isFalse();
      assertThatThrownBy(() -> statement.execute("select 1"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
    }
    assertThatThrownBy(server::connect).isInstanceOf(SQLException.class);
    server.restart();
    assertThat(server.port()).isEqualTo(port);
    assertThat(answer("select count(*) from kept")).isEqualTo("1000");
  }

  @Test
  void closesConnectionsInOrderWhenStopped() throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("insert into kept values (1)");
      server.stop();
      assertThatThrownBy(() -> statement.execute("select 1"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57P01"));
    }
    server.restart();
    assertThat(answer("select count(*) from kept")).isEqualTo("1");
  }

  @Test
  void answersNobodyWhileFrozenAndLosesNoConnection() throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      connection.setNetworkTimeout(Runnable::run, SILENCE_MILLIS);
      server.freeze();
      assertThat(server.running()).isTrue();
      assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class);
    }
    try (Connection connection = thawedAfterAsking()) {
      assertThat(connection.isValid(5)).isTrue();
    }
  }

  /** A connection that was asked for while the server was frozen, and made once it was not. */
  private static Connection thawedAfterAsking() {
    CompletableFuture<Connection> asked =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return server.connect();
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThatThrownBy(() -> asked.get(SILENCE_MILLIS, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    server.thaw();
    return asked.orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Test
  void canBeKilledWhileFrozen() throws SQLException {
    server.execute("insert into kept values (7)");
    server.freeze();
    server.kill();
    server.restart();
    assertThat(answer("select id from kept")).isEqualTo("7");
  }

  @Test
  void restartsWhileConnectionsAreOpen() throws SQLException {
    try (Connection connection = server.connect()) {
      server.restart();
      assertThat(connection.isValid(5)).isFalse();
    }
    assertThat(answer("select 1")).isEqualTo("1");
  }

  @Test
  void failsOverToAStandbyThatHasAllOnTheNextTimeline() throws SQLException {
    server.execute("insert into kept values (7)");
    String before = answer(TIMELINE);
    server.failOver();
    assertThat(answer("select id from kept")).isEqualTo("7");
    assertThat(answer(TIMELINE)).isGreaterThan(before);
    server.execute("insert into kept values (8)");
    server.restart();
    assertThat(answer("select count(*) from kept")).isEqualTo("2");
  }

  @Test
  @Tag("embedded")
  void losesWhatAStandbyLacksThatTakesItsPlace() throws SQLException {
    server.execute("insert into kept values (1)");
    try (PostgresStandby standby = server.standby()) {
      server.execute("insert into kept values (2)");
      standby.detach();
      server.execute("insert into kept values (3)");
      String before = answer(TIMELINE);
      server.failOverTo(standby);
      assertThat(answer("select string_agg(id::text, ' ' order by id) from kept")).isEqualTo("1 2");
      assertThat(answer(TIMELINE)).isGreaterThan(before);
    }
    server.execute("insert into kept values (4)");
    server.restart();
    assertThat(answer("select string_agg(id::text, ' ' order by id) from kept")).isEqualTo("1 2 4");
    assertThat(answer("select count(*) from pg_replication_slots")).isEqualTo("0");
  }

  @Test
  @Tag("embedded")
  void followsItsPrimaryUntilItIsDetached() throws SQLException {
    try (PostgresStandby standby = server.standby()) {
      try (PostgresStandby another = server.standby()) {
        another.detach();
      }
      server.execute("insert into kept values (1)");
      standby.detach();
      standby.detach();
      server.execute("insert into kept values (2)");
      try (Connection connection =
              DriverManager.getConnection(
                  standby.url("postgres"), server.user(), server.password());
          Statement statement = connection.createStatement();
          var rows = statement.executeQuery("select max(id), pg_is_in_recovery() from kept")) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(1);
        assertThat(rows.getBoolean(2)).isTrue();
      }
    }
    assertThat(answer("select max(id) from kept")).isEqualTo("2");
  }

  @Test
  @Tag("embedded")
  void takesNoStandbyOfAnotherServer() throws SQLException {
    try (PostgresServer another = PostgresServer.start();
        PostgresStandby standby = another.standby()) {
      assertThatThrownBy(() -> server.failOverTo(standby))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("port " + another.port());
      another.failOverTo(standby);
      assertThatThrownBy(() -> another.failOverTo(standby)).hasMessageContaining("is gone");
      assertThat(another.running()).isTrue();
    }
    assertThat(answer("select 1")).isEqualTo("1");
  }

  @Test
  void givesDatabasesThatShareNothing() throws SQLException {
    try (TestDatabase one = server.freshDatabase();
        TestDatabase another = server.freshDatabase()) {
      one.execute("create table t (id int)");
      another.execute("create table t (id int)");
      assertThat(one.url()).isNotEqualTo(another.url());
      try (Connection open = one.connect()) {
        server.dropDatabase(one.name());
        assertThat(open.isValid(5)).isFalse();
      }
    }
    assertThat(answer("select count(*) from pg_database where datname like 'test%'"))
        .isEqualTo("0");
  }

  @Test
  void hasTheSuperuserItWasAskedFor() throws SQLException {
    PostgresOptions options =
        PostgresOptions.DEFAULTS.withSuperuser("owner", "its password").withDurability();
    try (PostgresServer another = PostgresServer.start(options);
        Connection connection = another.connect();
        Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select current_setting('is_superuser'), current_setting('fsync')")) {
      rows.next();
      assertThat(rows.getString(1)).isEqualTo("on");
      assertThat(rows.getString(2)).isEqualTo("on");
      assertThatThrownBy(() -> DriverManager.getConnection(another.url(), "postgres", "postgres"))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void offersTlsUnderACertificateOfItsOwn() throws SQLException {
    try (PostgresServer secure = PostgresServer.start(PostgresOptions.DEFAULTS.withTls());
        PostgresServer stranger = PostgresServer.start(PostgresOptions.DEFAULTS.withTls())) {
      assertThat(usesTls(secure, secure.certificate())).isTrue();
      assertThatThrownBy(() -> usesTls(secure, stranger.certificate()))
          .isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(server::certificate).hasMessageContaining("withTls()");
  }

  private static boolean usesTls(PostgresServer secure, Path trusted) throws SQLException {
    String url = secure.url() + "?sslmode=verify-full&sslrootcert=" + trusted;
    try (Connection connection =
            DriverManager.getConnection(url, secure.user(), secure.password());
        Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery("select ssl from pg_stat_ssl where pid = pg_backend_pid()")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  @Test
  void showsItsLogWhenItCannotStart() {
    assertThatThrownBy(
            () -> PostgresServer.start(PostgresOptions.DEFAULTS.with("no_such_setting", "1")))
        .isInstanceOf(RuntimeException.class)
        .hasStackTraceContaining("no_such_setting");
  }

  @Test
  void refusesWorkOnceClosedAndMayBeClosedAgain() {
    PostgresServer another = PostgresServer.start();
    another.close();
    another.close();
    assertThat(another.running()).isFalse();
    assertThatThrownBy(another::restart)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  private static String answer(String query) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
