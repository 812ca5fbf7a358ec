package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Statements that commit by themselves, on three shards. */
@ExtendWith(LeakCheckExtension.class)
class AutocommitIT {
  private static TestCluster cluster;
  private static ShardRouter router;
  private static DataSource dataSource;

  private Connection connection;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router = cluster.router();
    dataSource = router.dataSource();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
    connection = dataSource.getConnection();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    assertThat(borrowed()).as("connections of shards that are still taken").isZero();
  }

  @Test
  void goToTheShardOfTheirKey() throws SQLException {
    for (long id = 1; id <= 20; id++) {
      insertUser(id, "user " + id);
    }
    for (long id = 1; id <= 20; id++) {
      assertThat(nameOf(id)).isEqualTo("user " + id);
      String owner = router.route("shop", id).shard().value();
      assertThat(cluster.count(owner, "select count(*) from users where user_id = " + id))
          .isEqualTo(1);
    }
  }

  @Test
  void haveTheIsolationLevelOfTheConnection() throws SQLException {
    insertUser(1, "user 1");
    String level = "current_setting('transaction_isolation')";
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select " + level + " from users where user_id = 1")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo("serializable");
    }
    String update = "update users set name = %s where user_id = ?".formatted(level);
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setLong(1, 1);
      assertThat(statement.executeUpdate()).isEqualTo(1);
      assertThat(nameOf(1)).isEqualTo("serializable");
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.addBatch();
      assertThat(statement.executeBatch()).containsExactly(1);
    }
    assertThat(nameOf(1)).isEqualTo("repeatable read");
    assertThat(linesBeside(1, /* fetchSize= */ 2)).as("come without a cursor").isEqualTo(9);
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    assertThat(nameOf(1)).isEqualTo("repeatable read");
  }

  private int linesBeside(long user, int fetchSize) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(fetchSize);
      try (ResultSet rows =
          statement.executeQuery(
              "select n from users, generate_series(1, 9) n where user_id = " + user)) {
        int lines = 0;
        while (rows.next()) {
          lines++;
        }
        return lines;
      }
    }
  }

  @Test
  void holdNoConnectionOfAShardWhileTheirRowsAreRead() throws SQLException {
    for (long id = 1; id <= 3; id++) {
      insertUser(id, "user " + id);
    }
    try (PreparedStatement statement =
        connection.prepareStatement("select name from users where user_id = ?")) {
      statement.setLong(1, 1);
      try (ResultSet rows = statement.executeQuery()) {
        assertThat(borrowed()).isZero();
        assertThat(rows.next()).isTrue();
        assertThat(nameOf(2)).isEqualTo("user 2");
        assertThat(rows.getString("name")).isEqualTo("user 1");
        assertThat(rows.getStatement()).isSameAs(statement);
        assertThat(rows.next()).isFalse();
      }
    }
  }

  @Test
  void askAllShardsWhereTheyNameNoKey() throws SQLException {
    for (long id = 1; id <= 30; id++) {
      insertUser(id, "user " + id);
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select user_id from users order by user_id desc limit 3")) {
      List<Long> ids = new ArrayList<>();
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
      assertThat(ids).containsExactly(30L, 29L, 28L);
      assertThat(rows.getStatement()).isSameAs(statement);
    }
  }

  @Test
  void giveNoMoreRowsThanAreWanted() throws SQLException {
    for (long id = 1; id <= 30; id++) {
      insertUser(id, "user " + id);
    }
    for (int fetchSize : new int[] {0, 2, Integer.MAX_VALUE}) {
      try (Statement statement = connection.createStatement()) {
        statement.setMaxRows(5);
        statement.setFetchSize(fetchSize);
        List<Long> ids = new ArrayList<>();
        try (ResultSet rows =
            statement.executeQuery("select user_id from users order by user_id")) {
          while (rows.next()) {
            ids.add(rows.getLong(1));
          }
          assertThat(rows.next()).isFalse();
        }
        assertThat(ids).containsExactly(1L, 2L, 3L, 4L, 5L);
        try (ResultSet rows =
            statement.executeQuery(
                "select name from users, generate_series(1, 9) where user_id = 1")) {
          int count = 0;
          while (rows.next()) {
            count++;
          }
          assertThat(count).as("of one shard").isEqualTo(5);
        }
      }
    }
  }

  @Test
  void fallToAnyShardWithoutTables() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select 1 + 1 as two")) {
      rows.next();
      assertThat(rows.getInt("two")).isEqualTo(2);
    }
  }

  @Test
  void areExplained() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet plan = statement.executeQuery("explain select * from users")) {
        assertThat(plan.next()).isTrue();
        assertThat(plan.getString("QUERY PLAN")).isEqualTo("level: MERGE");
      }
      try (ResultSet plan =
          statement.executeQuery("explain select * from users where user_id = 1")) {
        assertThat(plan.next()).isTrue();
        assertThat(plan.getString(1)).as("PostgreSQL's own").contains("(cost=");
      }
    }
  }

  @Test
  void failAsPostgresSays() throws SQLException {
    insertUser(1, "one");
    assertThatThrownBy(() -> insertUser(1, "again"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"))
        .hasMessageContaining("duplicate key");
    assertThatThrownBy(() -> connection.prepareStatement("select * from nowhere"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW102"));
  }

  /** It has committed before the driver looks at its rows. */
  @Test
  void sayThatTheyWereCarriedOutWhereTheirRowsCannotBeGiven() throws SQLException {
    String values = "insert into users (user_id, name) values (1, 'x')";
    String returning = " returning 'c'::refcursor";
    try (Statement statement = connection.createStatement()) {
      assertCarriedOut(() -> statement.execute(values + returning));
      assertCarriedOut(
          () -> statement.execute(values.replace("1", "2") + ", (3, 'x'), (4, 'x')" + returning));
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      assertThatThrownBy(() -> statement.execute(values.replace("1", "9") + returning))
          .as("in a transaction of its own, which is rolled back")
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("0A000"));
    }
    assertThat(router.scatter("select user_id from users order by 1", row -> row.getLong(1)))
        .containsExactly(1L, 2L, 3L, 4L);
  }

  /** A setting makes it go entry by entry. */
  @Test
  void sayOfABatchThatTheRestWasNotTried() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.addBatch(
          "insert into users (user_id, name) values (1, 'x') returning 'c'::refcursor");
      statement.addBatch("set lock_timeout to 1000");
      assertThatThrownBy(statement::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class,
              e -> {
                assertThat(e.getUpdateCounts())
                    .containsExactly(Statement.SUCCESS_NO_INFO, Statement.EXECUTE_FAILED);
                assertThat(e.getSQLState()).isEqualTo("SW206");
                assertThat(e.getNextException().getSQLState()).isEqualTo("SW206");
              });
    }
    assertThat(nameOf(1)).isEqualTo("x");
  }

  private static void assertCarriedOut(ThrowingCallable statement) {
    assertThatThrownBy(statement)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW205"))
        .hasMessageStartingWith("the statement was carried out and committed");
  }

  private void insertUser(long id, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into users (user_id, name) values (?, ?)")) {
      statement.setLong(1, id);
      statement.setString(2, name);
      assertThat(statement.executeUpdate()).isEqualTo(1);
    }
  }

  private String nameOf(long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select name from users where user_id = ?")) {
      statement.setLong(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        assertThat(rows.next()).isTrue();
        return rows.getString(1);
      }
    }
  }

  private static int borrowed() {
    return router.health().pools().stream().mapToInt(pool -> pool.active()).sum();
  }
}
