package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session sets, which holds on whichever shard its statements run, and for nobody else. */
@ExtendWith(LeakCheckExtension.class)
class SessionIT {
  private static TestCluster cluster;
  private static ShardRouter router;

  private Connection connection;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(2);
    // One connection for each shard, so that the next borrower has the very same.
    router =
        cluster.router(
            cluster.options().withPools(cluster.options().pools().withMaxConnections(1)));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    connection = router.dataSource().getConnection();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          set search_path to pg_catalog, public | search_path       | pg_catalog, public
          set time zone 'Asia/Tokyo'            | timezone          | Asia/Tokyo
          set statement_timeout = '7s'          | statement_timeout | 7s
          set lock_timeout = 3000               | lock_timeout      | 3s
          """)
  void isKeptByTheSessionOnAllShardsAndByNoOther(String set, String name, String value)
      throws SQLException {
    String before = shown(connection, name, "s1");
    execute(set);
    assertThat(shown(connection, name, "s1")).isEqualTo(value);
    assertThat(shown(connection, name, "s2")).isEqualTo(value);
    assertThat(text(connection, "show " + name)).isEqualTo(value);
    try (Connection other = router.dataSource().getConnection()) {
      assertThat(shown(other, name, "s1")).isEqualTo(before);
    }
    execute("reset " + name);
    assertThat(shown(connection, name, "s1")).isEqualTo(before);
  }

  /** What a connection has prepared for one search path is of no use for another. */
  @Test
  void findsTheTablesOfItsPathHoweverOftenOthersAskedForTheirs() throws SQLException {
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          """
          create schema "Mo's ""o""wn";
          create table pets (user_id bigint primary key, name text);
          create table "Mo's ""o""wn".pets (user_id bigint primary key, name int);
          grant usage on schema "Mo's ""o""wn" to %1$s;
          grant select on pets, "Mo's ""o""wn".pets to %1$s;
          """
              .formatted(cluster.app));
    }
    for (String schema : List.of("public", "Mo's \"o\"wn")) {
      cluster.admin.registerTable(
          "shop", ShardedTable.of(new TableName(schema, "pets"), "user_id"));
    }
    await().until(() -> router.topology().epoch().equals(cluster.epoch()));
    long key = TestCluster.keyOn(router, "s1");
    cluster.execute(
        "s1",
        "insert into pets values (%1$s, 'x'); insert into \"Mo's \"\"o\"\"wn\".pets values (%1$s, 7)"
            .formatted(key));
    try (PreparedStatement statement =
        connection.prepareStatement("select name from pets where user_id = ?")) {
      statement.setLong(1, key);
      connection.setAutoCommit(false); // where the driver cannot try again
      for (int i = 0; i < 7; i++) {
        assertThat(text(statement)).isEqualTo("x");
        connection.commit();
      }
      for (int i = 0; i < 7; i++) {
        connection.setSchema("Mo's \"o\"wn");
        assertThat(text(statement)).isEqualTo("7");
        connection.commit();
        connection.setSchema(null);
        assertThat(text(statement)).isEqualTo("x");
        connection.commit();
      }
      for (String set : List.of("set local search_path to %s", "set schema %s")) {
        for (int i = 0; i < 7; i++) {
          execute(set.formatted("'Mo''s \"o\"wn'"));
          assertThat(text(statement)).as(set).isEqualTo("7");
          connection.rollback();
          assertThat(text(statement)).as(set).isEqualTo("x");
          execute(set.formatted("'Mo''s \"o\"wn'"));
          assertThat(text(statement)).as(set).isEqualTo("7");
          connection.rollback();
        }
      }
      for (String set : List.of("set local search_path to %s", "set schema %s")) {
        assertThat(text(statement)).isEqualTo("x");
        for (int round = 0; round < 2; round++) {
          Savepoint before = connection.setSavepoint();
          for (int i = 0; i < 7; i++) {
            execute(set.formatted("'Mo''s \"o\"wn'"));
            assertThat(text(statement)).as(set).isEqualTo("7");
          }
          connection.rollback(before);
          for (int i = 0; i < 7; i++) {
            assertThat(text(statement)).as(set).isEqualTo("x");
          }
        }
      }
      connection.rollback();
      execute("set search_path = ''");
      connection.commit();
      assertThat(text(connection, "show search_path")).isEqualTo("\"\"");
    }
  }

  /** The driver changes to binary form for what it has carried out often. */
  @ParameterizedTest
  @ValueSource(strings = {" where user_id = ?", " where user_id < ?", " where user_id < ? limit 1"})
  void givesMomentsTheirTextHoweverOftenAndLateTheyAreRead(String where) throws SQLException {
    long key = TestCluster.keyOn(router, "s1");
    cluster.execute("s1", "insert into users values (" + key + ", 'x') on conflict do nothing");
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select '2026-02-03 04:05:06+00'::timestamptz from users" + where)) {
      statement.setLong(1, where.contains("<") ? Long.MAX_VALUE : key);
      for (int i = 0; i < 7; i++) {
        assertThat(text(statement)).startsWith("2026-02-0");
      }
      execute("set time zone 'Asia/Tokyo'");
      for (int i = 0; i < 7; i++) {
        assertThat(text(statement)).as("time %s", i).isEqualTo("2026-02-03 13:05:06+09");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set time zone 'Asia/Tokyo'",
        "set local time zone 'Asia/Tokyo'",
        "select set_config('timezone', 'Asia/Tokyo', true) from users where user_id = %s",
      })
  void givesMomentsTheirTextAlsoWhenTheirTransactionIsOver(String set) throws SQLException {
    long key = TestCluster.keyOn(router, "s1");
    cluster.execute("s1", "insert into users values (" + key + ", 'x') on conflict do nothing");
    connection.setAutoCommit(false);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select '2026-02-04 04:05:06+00'::timestamptz from users where user_id = ?")) {
      statement.setLong(1, key);
      for (int i = 0; i < 7; i++) {
        assertThat(text(statement)).startsWith("2026-02-0");
      }
      connection.commit();
      for (int i = 0; i < 7; i++) {
        execute(set.formatted(key));
        try (ResultSet rows = statement.executeQuery()) {
          connection.commit();
          assertThat(rows.next()).isTrue();
          assertThat(rows.getString(1)).as("time %s", i).isEqualTo("2026-02-04 13:05:06+09");
        }
      }
    }
  }

  /** A server plans what it has prepared once, and not each time. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesWhatIsPreparedToTheServerAlsoInATimeZoneOfItsOwn(boolean autoCommit)
      throws SQLException {
    long key = TestCluster.keyOn(router, "s1");
    cluster.execute("s1", "insert into users values (" + key + ", 'x') on conflict do nothing");
    String text =
        "select name, '2026-02-05 04:05:06+00'::timestamptz as %s from users where user_id = ?"
            .formatted(autoCommit ? "alone" : "within");
    connection.setAutoCommit(autoCommit);
    execute("set time zone 'Asia/Tokyo'");
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      statement.setLong(1, key);
      for (int i = 0; i < 7; i++) {
        try (ResultSet rows = statement.executeQuery()) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getString(2)).isEqualTo("2026-02-05 13:05:06+09");
          assertThat(rows.getConcurrency()).isEqualTo(ResultSet.CONCUR_READ_ONLY);
          assertThatThrownBy(() -> rows.updateString(1, "y"))
              .isInstanceOfSatisfying(
                  SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("24000"));
        }
      }
    }
    connection.setAutoCommit(true);
    assertThat(
            router
                .keyspace("shop")
                .on(key)
                .queryOne(
                    "select count(*) from pg_prepared_statements where starts_with(statement, ?)",
                    row -> row.getInt(1),
                    text.substring(0, text.indexOf('?'))))
        .contains(1);
  }

  private static String text(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  @Test
  void isTakenBackByARollbackAndKeptByACommit() throws SQLException {
    long key = TestCluster.keyOn(router, "s1");
    String read = "select current_setting('timezone') from users where user_id = " + key;
    cluster.execute("s1", "insert into users values (" + key + ", 'x') on conflict do nothing");
    execute("set timezone to 'Asia/Tokyo'");
    connection.setAutoCommit(false);
    execute("set timezone to 'Europe/Rome'");
    assertThat(text(connection, read)).isEqualTo("Europe/Rome");
    execute("set timezone to 'Europe/Oslo'");
    assertThat(text(connection, read)).isEqualTo("Europe/Oslo");
    connection.rollback();
    assertThat(text(connection, read)).isEqualTo("Asia/Tokyo");
    execute("set timezone to 'Europe/Oslo'");
    connection.commit();
    connection.setAutoCommit(true);
    assertThat(text(connection, read)).isEqualTo("Europe/Oslo");
    execute("discard all");
    assertThat(text(connection, read)).isNotEqualTo("Europe/Oslo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"reset lock_timeout", "set lock_timeout to default", "reset all"})
  void isLeftToNobodyWhereARollbackBringsItBack(String reset) throws SQLException {
    String before = others("lock_timeout");
    execute("set lock_timeout = 3000");
    connection.setAutoCommit(false);
    assertThat(shown(connection, "lock_timeout", "s1")).isEqualTo("3s");
    execute(reset);
    assertThat(shown(connection, "lock_timeout", "s1")).isEqualTo(before);
    connection.rollback();
    assertThat(others("lock_timeout")).isEqualTo(before);
    assertThat(shown(connection, "lock_timeout", "s1")).isEqualTo("3s");
    execute("savepoint s");
    execute(reset);
    execute("rollback to s");
    connection.commit();
    assertThat(others("lock_timeout")).isEqualTo(before);
    assertThat(shown(connection, "lock_timeout", "s1")).isEqualTo("3s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reset statement_timeout",
        "reset all",
        "set statement_timeout to default",
        "set local statement_timeout to default"
      })
  void goesBackToTheTimeoutOfTheRouterAndToNoNone(String reset) throws SQLException {
    connection.setAutoCommit(false);
    assertThat(shown(connection, "statement_timeout", "s1")).isEqualTo("30s");
    execute("set local statement_timeout = '7s'");
    assertThat(shown(connection, "statement_timeout", "s1")).isEqualTo("7s");
    execute(reset);
    assertThat(shown(connection, "statement_timeout", "s1")).isEqualTo("30s");
    connection.commit();
    assertThat(others("statement_timeout")).isEqualTo("30s");
  }

  @Test
  void isSetInItsTurnWhereTheTransactionIsBoundLater() throws SQLException {
    String before = others("timezone");
    execute("set timezone to 'Asia/Tokyo'");
    connection.setAutoCommit(false);
    execute("set local timezone to 'Europe/Rome'");
    execute("set timezone to 'Europe/Oslo'");
    assertThat(shown(connection, "timezone", "s1")).isEqualTo("Europe/Oslo");
    connection.rollback();
    assertThat(shown(connection, "timezone", "s1")).isEqualTo("Asia/Tokyo");
    connection.rollback();
    execute("savepoint first");
    execute("set timezone to 'Europe/Rome'");
    execute("savepoint second");
    execute("reset timezone");
    assertThat(shown(connection, "timezone", "s1")).isEqualTo(before);
    execute("rollback to second");
    assertThat(shown(connection, "timezone", "s1")).isEqualTo("Europe/Rome");
    execute("rollback to first");
    assertThat(shown(connection, "timezone", "s1")).isEqualTo("Asia/Tokyo");
    connection.rollback();
    execute("savepoint first");
    execute("set timezone to 'Europe/Rome'");
    execute("savepoint second");
    execute("reset timezone");
    assertThat(shown(connection, "timezone", "s1")).isEqualTo(before);
    execute("rollback to second");
    connection.commit();
    assertThat(others("timezone")).isEqualTo(before);
    assertThat(shown(connection, "timezone", "s1")).isEqualTo("Europe/Rome");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set statement_timeout = 0",
        "set statement_timeout = '30001ms'",
        "set statement_timeout = '5 min'",
        "set local statement_timeout = 0",
        "set statement_timeout = 'soon'",
        "set lock_timeout = '1 fortnight'",
        "set lock_timeout = '25d'",
        "set timezone = 'Mars/Olympus'",
      })
  void refusesAValueThatCannotBe(String sql) throws SQLException {
    String name = sql.replaceFirst("set (?:local )?(\\w+).*", "$1");
    String before = others(name);
    connection.setAutoCommit(false);
    refused(sql, "22023");
    refused("select 1", "25P02");
    connection.rollback();
    assertThat(shown(connection, name, "s1")).isEqualTo(before);
    refused(sql, "22023");
    connection.rollback();
    execute("set statement_timeout = '30s'");
    execute("set lock_timeout = '24.5 d'");
  }

  @Test
  void saysHowToHaveMoreTimeThanTheDeadline() {
    assertThatThrownBy(() -> execute("set statement_timeout = '1min'"))
        .hasMessageContaining("the deadline of 30000 ms")
        .hasMessageContaining("raise the property deadline, or Timeouts.withStatement");
  }

  /** The value is refused by the shard, with each statement, and no connection suffers for it. */
  @Test
  void keepsTheConnectionThatRefusesWhatIsSet() throws SQLException {
    long key = TestCluster.keyOn(router, "s1");
    cluster.execute("s1", "insert into users values (" + key + ", 'x') on conflict do nothing");
    String backend = "select pg_backend_pid() from public.users where user_id = " + key;
    String before = text(connection, backend);
    connection.setSchema("not\0possible");
    assertThatThrownBy(() -> text(connection, backend)).isInstanceOf(SQLException.class);
    connection.setSchema(null);
    assertThat(text(connection, backend)).isEqualTo(before);
  }

  @Test
  void decidesWhichTablesAreMeant() throws SQLException {
    assertThat(text(connection, "select count(*) from users where user_id = -1")).isEqualTo("0");
    connection.setSchema("elsewhere");
    assertThat(connection.getSchema()).isEqualTo("elsewhere");
    assertThatThrownBy(() -> text(connection, "select count(*) from users where user_id = -1"))
        .hasMessageContaining("users is not registered");
    connection.setAutoCommit(false);
    execute("set local search_path to public");
    assertThat(text(connection, "select count(*) from users where user_id = -1")).isEqualTo("0");
    execute("set local search_path to elsewhere");
    assertThatThrownBy(() -> text(connection, "select count(*) from users where user_id = -1"))
        .hasMessageContaining("users is not registered");
    connection.rollback();
    execute("set local search_path to default");
    assertThat(connection.getSchema()).isEqualTo("public");
    assertThat(text(connection, "select count(*) from users where user_id = -1")).isEqualTo("0");
    connection.rollback();
    assertThatThrownBy(() -> text(connection, "select count(*) from users where user_id = -1"))
        .hasMessageContaining("users is not registered");
  }

  @Test
  void decidesWhichTablesAQueryOverAllShardsReads() throws SQLException {
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          "create schema app2; create table app2.visits (user_id bigint primary key, note int);"
              + " create table visits (user_id bigint primary key);"
              + " grant usage on schema app2 to %1$s;".formatted(cluster.app)
              + " grant select on app2.visits, visits to %1$s".formatted(cluster.app));
    }
    cluster.register("shop", "visits");
    cluster.admin.registerTable(
        "shop",
        new ShardedTable(
            new TableName("app2", "visits"), Optional.of("user_id"), Optional.empty()));
    await().until(() -> router.topology().epoch().equals(cluster.epoch()));
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard, "insert into app2.visits values (" + TestCluster.keyOn(router, shard) + ")");
    }
    String count = "select count(*) from visits";
    assertThat(text(connection, count)).isEqualTo("0");
    connection.setAutoCommit(false);
    execute("set local search_path to app2");
    try (PreparedStatement statement =
        connection.prepareStatement("select note, v.* from visits v where note = ?")) {
      assertThat(statement.getMetaData().getColumnCount()).isEqualTo(3);
      assertThat(statement.getParameterMetaData().getParameterTypeName(1)).isEqualTo("int4");
    }
    assertThat(text(connection, count)).isEqualTo("2");
    assertThat(text(connection, count + " where user_id = " + TestCluster.keyOn(router, "s1")))
        .isEqualTo("1");
    assertThat(text(connection, count)).isEqualTo("2");
    execute("set local search_path to \"$user\"");
    assertThat(text(connection, "select count(*) from public.visits")).isEqualTo("0");
    connection.commit();
    assertThat(text(connection, count)).isEqualTo("0");
  }

  @Test
  void keepsWhatATransactionWasToldBeforeItIsToldMore() throws SQLException {
    long key = TestCluster.keyOn(router, "s1");
    cluster.execute("s1", "insert into users values (" + key + ", 'x') on conflict do nothing");
    String path = "select current_setting('search_path') from users where user_id = " + key;
    connection.setAutoCommit(false);
    execute("set transaction isolation level serializable");
    execute("set local search_path to public, elsewhere");
    connection.setReadOnly(true);
    assertThat(text(connection, path)).isEqualTo("public, elsewhere");
    assertThat(text(connection, "show transaction_isolation")).isEqualTo("serializable");
    assertThat(text(connection, "show transaction_read_only")).isEqualTo("on");
    connection.rollback();
    execute("set local search_path to public, elsewhere");
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    assertThat(text(connection, path)).isEqualTo("public, elsewhere");
    assertThat(text(connection, "show transaction_isolation")).isEqualTo("repeatable read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "listen something",
        "set role postgres",
        "set work_mem = '1MB'",
        "create temp table t (id int)",
        "create table pg_temp.users (id int)",
        "set search_path to pg_temp, public",
        "declare c cursor with hold for select 1",
        "prepare p as select 1",
        "do $$ begin end $$",
        "set search_path to public, pg_catalog",
      })
  void refusesWhatHasAMeaningOnOneShardOnly(String sql) {
    assertThatThrownBy(() -> execute(sql))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW106"))
        .hasMessageContaining("bound to a key");
  }

  @Test
  void keepsWhatItIsToldToKeep() throws SQLException {
    connection.setClientInfo("ApplicationName", "tests");
    assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("tests");
    execute("set client_encoding to 'UTF8'");
    assertThat(connection.isValid(10)).isTrue();
    connection.close();
    assertThat(connection.isValid(1)).isFalse();
    assertThatThrownBy(connection::createStatement)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
  }

  private void refused(String sql, String state) {
    assertThatThrownBy(() -> execute(sql))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  /** As the next borrower of the one connection to s1 sees it. */
  private static String others(String name) throws SQLException {
    try (Connection other = router.dataSource().getConnection()) {
      return shown(other, name, "s1");
    }
  }

  /** As a statement on that shard sees it. */
  private static String shown(Connection connection, String name, String shard)
      throws SQLException {
    long key = TestCluster.keyOn(router, shard);
    cluster.execute(shard, "insert into users values (" + key + ", 'x') on conflict do nothing");
    return text(
        connection,
        "select current_setting('%s') from public.users where user_id = %s".formatted(name, key));
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
