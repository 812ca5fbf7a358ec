package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JDBC for endpoints that are proxies: nothing may be left in a session, not even for a moment. */
class SharedSessionsIT {
  /** But for what the driver sets on every connection, and for what ends with a transaction. */
  private static final String SET_IN_SESSION =
      "select coalesce(string_agg(name, ' '), '') from pg_settings where source = 'session'"
          + " and name not in ('application_name', 'extra_float_digits')"
          + " and not starts_with(name, 'transaction_')";

  private static TestCluster cluster;
  private static ShardRouter router;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(1);
    router =
        cluster.router(
            cluster
                .options()
                .withPgBouncer(true)
                .withPools(PoolProfile.SERVER.withMaxConnections(1)));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set search_path to public",
        "set time zone 'Asia/Tokyo'",
        "set statement_timeout = '7s'",
        "set lock_timeout = 3000"
      })
  void refuseWhatWouldStayInThem(String sql) throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      refused(() -> statement.execute(sql));
      refused(() -> connection.setSchema("public"));
      assertThat(setInSession()).isEmpty();
      connection.setAutoCommit(false);
      refused(() -> statement.execute(sql));
      connection.rollback();
      statement.execute(sql.replace("set ", "set local "));
      assertThat(number(statement, "select count(*) from users where user_id = 1")).isZero();
      connection.commit();
      assertThat(setInSession()).isEmpty();
      connection.rollback();
      connection.setAutoCommit(true);
      statement.execute("reset all");
      statement.execute("discard all");
    }
  }

  @Test
  void keepNothingOfATransactionsModes() throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setNetworkTimeout(Runnable::run, 5_000);
      connection.setAutoCommit(false);
      assertThat(number(statement, "select count(*) from users where user_id = 1")).isZero();
      connection.commit();
    }
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(setInSession()).isEmpty();
      assertThat(connection.getTransactionIsolation())
          .isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
      assertThat(statement.executeUpdate("insert into users (user_id, name) values (1, 'x')"))
          .isEqualTo(1);
      assertThat(statement.executeUpdate("delete from users where user_id = 1")).isEqualTo(1);
    }
  }

  private static String setInSession() {
    return router.shard("s1").queryOne(SET_IN_SESSION, row -> row.getString(1)).orElseThrow();
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW106"))
        .hasMessageContaining("SET LOCAL");
  }
}
