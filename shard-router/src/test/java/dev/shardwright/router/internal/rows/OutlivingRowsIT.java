package dev.shardwright.router.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.DatabaseExtension;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheckExtension.class)
class OutlivingRowsIT {
  @RegisterExtension static final DatabaseExtension DATABASE = new DatabaseExtension();

  private static final String COUNT_TO = "select n from generate_series(1, ?) n";

  @BeforeAll
  static void createTypes() throws SQLException {
    try (Connection connection = DATABASE.database().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create type mood as enum ('glad', 'sad')");
      statement.execute("create type place as (x int, y int)");
    }
  }

  @Test
  void areReadWhileTheConnectionIsInOtherHands() throws SQLException {
    try (Connection connection = DATABASE.database().connect()) {
      ResultSet first = countTo(connection, 3);
      ResultSet second = countTo(connection, 5);
      assertThat(sum(second)).isEqualTo(15);
      assertThat(sum(first)).isEqualTo(6);
      first.close();
      second.close();
    }
  }

  @Test
  void keepTheirFormWhenTheDriverChangesToBinaryForTheirText() throws SQLException {
    try (Connection connection = DATABASE.database().connect()) {
      List<ResultSet> open = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        open.add(countTo(connection, 3));
      }
      for (ResultSet rows : open) {
        assertThat(sum(rows)).isEqualTo(6);
      }
    }
  }

  @Test
  void giveTheirQueryBackSoThatTheServerPreparesItOnce() throws SQLException {
    try (Connection connection = DATABASE.database().connect();
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < 20; i++) {
        countTo(connection, i).close();
      }
      try (ResultSet prepared =
          statement.executeQuery(
              "select generic_plans + custom_plans from pg_prepared_statements"
                  + " where statement like '%generate_series%'")) {
        assertThat(prepared.next()).isTrue();
        assertThat(prepared.getInt(1)).as("executions of the prepared statement").isEqualTo(16);
        assertThat(prepared.next()).as("prepared a second time").isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'sad'::mood",
        "row(1, 2)::place",
        "'1 day'::interval",
        "'::1'::inet",
        "'[1,2)'::int8range",
        "'a b'::tsvector",
        "'[1]'::jsonb",
        "'f47ac10b-58cc-4372-a567-0e02b2c3d479'::uuid"
      })
  void knowTheTypesOfTheirColumnsWithoutTheConnection(String value) throws SQLException {
    ResultSet rows = detached("select " + value);
    assertThat(rows.getObject(1)).isNotNull();
    assertThat(rows.getMetaData().getColumnClassName(1)).isNotNull();
  }

  @Test
  void knowTheTypesOfTheElementsOfTheirArraysLikewise() throws SQLException {
    ResultSet rows = detached("select array['glad', 'sad']::mood[]");
    assertThat((Object[]) rows.getArray(1).getArray()).containsExactly("glad", "sad");
    assertThat(rows.getArray(1).getBaseTypeName()).isEqualTo("mood");
    assertThat(rows.getMetaData().getColumnClassName(1)).isEqualTo("java.sql.Array");
  }

  /** One row of a connection that is closed. */
  private static ResultSet detached(String sql) throws SQLException {
    try (Connection connection = DATABASE.database().connect()) {
      PreparedStatement statement = OutlivingRows.prepare(connection, sql);
      ResultSet rows = statement.executeQuery();
      OutlivingRows.detach(statement, rows);
      rows.next();
      return rows;
    }
  }

  private static ResultSet countTo(Connection connection, int last) throws SQLException {
    PreparedStatement statement = OutlivingRows.prepare(connection, COUNT_TO);
    statement.setInt(1, last);
    ResultSet rows = statement.executeQuery();
    OutlivingRows.detach(statement, rows);
    return rows;
  }

  private static int sum(ResultSet rows) throws SQLException {
    int sum = 0;
    while (rows.next()) {
      sum += rows.getInt(1);
    }
    return sum;
  }
}
