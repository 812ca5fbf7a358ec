package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Keys whose values the driver sends as something else than they look like. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class SentAsOtherTypesIT {
  private static FourAndOne databases;
  private static Connection cluster;
  private static Connection one;

  private interface Binding {
    void bind(PreparedStatement statement) throws SQLException;
  }

  /** A range begins at 02:00 of that day in Berlin, the zone of these tests. */
  @BeforeAll
  static void start() throws SQLException {
    databases = FourAndOne.withAllTables();
    cluster = databases.router(new SimpleMeterRegistry()).dataSource().getConnection();
    one = databases.connect("one");
    both("insert into events (at, seq) values ('2024-03-31 22:00:00+00', 901)");
    both("insert into events (at, seq) values ('2024-04-01 01:00:00+00', 902)");
    both("insert into accounts (email) values ('user901@example.org')");
  }

  @AfterAll
  static void stop() throws SQLException {
    cluster.close();
    one.close();
    databases.close();
  }

  @Test
  void ofATimeTheDayAlone() throws SQLException {
    assertFound(
        "select seq from events where at = ?",
        statement -> statement.setObject(1, Timestamp.valueOf("2024-04-01 12:00:00"), Types.DATE));
  }

  @Test
  void timesInAnArrayWithoutTheirZone() throws SQLException {
    both("set time zone 'UTC'");
    assertFound(
        "select seq from events where at = any (?)",
        statement ->
            statement.setArray(
                1,
                statement
                    .getConnection()
                    .createArrayOf(
                        "timestamptz",
                        new Timestamp[] {Timestamp.valueOf("2024-04-01 01:00:00")})));
    both("reset time zone");
  }

  @Test
  void textsInAnArrayThatLoseTheirBlanks() throws SQLException {
    assertFound(
        "select email from accounts where email = any (?)",
        statement ->
            statement.setArray(
                1,
                statement
                    .getConnection()
                    .createArrayOf("bpchar", new String[] {"user901@example.org   "})));
  }

  @Test
  void textsInAnArrayOfARowThatLoseTheirBlanks() throws SQLException {
    assertFound(
        "select email from accounts where email = any (?)",
        statement ->
            statement.setArray(
                1, given(statement.getConnection(), "array['user901@example.org']::char(40)[]")));
  }

  @Test
  void timesInAnArrayOfARowWithoutTheirZone() throws SQLException {
    both("set time zone 'UTC'");
    assertFound(
        "select seq from events where at = any (?)",
        statement ->
            statement.setArray(
                1, given(statement.getConnection(), "array[timestamp '2024-04-01 01:00:00']")));
    both("reset time zone");
  }

  /** An array that a query has given. */
  private static Array given(Connection connection, String array) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select " + array)) {
      rows.next();
      return rows.getArray(1);
    }
  }

  /** As a double it is equal to several keys, which are not equal to each other. */
  @Test
  void oneNumberThatIsTwoKeys() throws SQLException {
    for (long id = 1L << 53; id < (1L << 53) + 6; id++) {
      both("insert into people (id) values (" + id + ")");
      both("insert into orders (person_id, no) values (" + id + ", 1)");
    }
    String sql =
        "select count(*) from (values (?)) v (x) join people p on p.id = v.x"
            + " join orders o on o.person_id = v.x having count(*) = 9";
    assertFound(sql, statement -> statement.setDouble(1, (1L << 53) + 4));
    assertFound(
        sql.replace("(values (?)) v (x)", "unnest(?) v (x)"),
        statement ->
            statement.setArray(
                1,
                statement
                    .getConnection()
                    .createArrayOf("float8", new Double[] {(double) ((1L << 53) + 4)})));
  }

  private static void both(String sql) throws SQLException {
    for (Connection connection : new Connection[] {cluster, one}) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
  }

  private static void assertFound(String sql, Binding binding) throws SQLException {
    assertThat(found(one, sql, binding)).as("one PostgreSQL").isTrue();
    assertThat(found(cluster, sql, binding)).as("the cluster").isTrue();
  }

  private static boolean found(Connection connection, String sql, Binding binding)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      binding.bind(statement);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }
}
