package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresServerIT {
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
  void refusesAWrongPassword() {
    assertThatThrownBy(
            () -> DriverManager.getConnection(server.url(), server.user(), "not the password"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
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

  private static String answer(String query) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
