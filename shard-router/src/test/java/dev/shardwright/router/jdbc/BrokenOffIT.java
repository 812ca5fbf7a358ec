package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Throwables;
import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.TestCluster;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What becomes of a connection when the driver breaks off in the middle of an answer: nobody may
 * read the rest of it as the answer to something else. There is one connection to each shard.
 */
@ExtendWith(LeakCheckExtension.class)
class BrokenOffIT {
  private static final int USERS = 20;
  private static final String USER = "select name from users where user_id = ?";

  private static TestCluster cluster;
  private static ShardRouter router;

  /** The driver's own log, which has a line for each row that it reads. */
  private static final Logger DRIVER = Logger.getLogger("org.postgresql.core.v3.QueryExecutorImpl");

  private static final BreaksOff BREAKS_OFF = new BreaksOff();

  private Connection connection;

  /** Overflows the stack at one of the lines to come. */
  private static final class BreaksOff extends Handler {
    private final AtomicInteger left = new AtomicInteger();
    private volatile String line = "";
    private volatile String parameter = "";

    void at(int row) {
      at(row, "DataRow", "");
    }

    void at(int time, String wanted, String with) {
      line = wanted;
      parameter = with;
      left.set(time);
    }

    @Override
    public void publish(LogRecord said) {
      if (said.getMessage().contains("<=BE " + line)
          && Arrays.toString(said.getParameters()).contains(parameter)
          && left.getAndDecrement() == 1) {
        throw new StackOverflowError("in the middle of an answer");
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** What a session does. */
  enum Doing {
    QUERY {
      @Override
      void in(Connection connection) throws SQLException {
        readNames(connection, "select name || n from users, generate_series(1, 9) n" + OF_ONE, 0);
      }
    },
    WRITE {
      @Override
      void in(Connection connection) throws SQLException {
        readNames(connection, "update users set name = name" + OF_ONE + " returning name", 0);
      }
    },
    BATCH {
      @Override
      void in(Connection connection) throws SQLException {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "update users set name = name where user_id = ?",
                Statement.RETURN_GENERATED_KEYS)) {
          for (long id = 1; id <= USERS; id++) {
            statement.setLong(1, id);
            statement.addBatch();
          }
          statement.executeBatch();
        }
      }
    },
    FIRST_IN_TRANSACTION {
      @Override
      void in(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        QUERY.in(connection);
      }
    },
    LATER_IN_TRANSACTION {
      @Override
      void in(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          statement.execute("update users set name = 'user changed'" + OF_ONE);
        }
        QUERY.in(connection);
      }
    },
    CURSOR_IN_TRANSACTION {
      @Override
      void in(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        readNames(connection, "select name || n from users, generate_series(1, 9) n" + OF_ONE, 2);
      }
    },
    OVER_SHARDS_IN_TRANSACTION {
      @Override
      void in(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          statement.execute("update users set name = 'user changed'" + OF_ONE);
        }
        GATHERED.in(connection);
      }
    },
    OVER_SHARDS {
      @Override
      void in(Connection connection) throws SQLException {
        readNames(connection, "select name from users order by user_id", 0);
      }
    },
    STREAMED {
      @Override
      void in(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        readNames(connection, "select name from users order by user_id", 2);
      }
    },
    GATHERED {
      @Override
      void in(Connection connection) throws SQLException {
        readNames(
            connection,
            "select a.name from users a join users b on a.user_id + 1 = b.user_id order by 1",
            0);
      }
    },
    ABOUT_THE_DATABASE {
      @Override
      void in(Connection connection) throws SQLException {
        try (ResultSet tables = connection.getMetaData().getTables(null, null, "%", null)) {
          assertThat(tables.next()).isTrue();
        }
      }
    },
    BY_KEY {
      @Override
      void in(Connection connection) {
        router
            .keyspace("shop")
            .on(1L)
            .query(
                "select name || n from users, generate_series(1, 9) n" + OF_ONE,
                row -> row.getString(1));
      }
    },
    CONNECTION_BY_KEY {
      @Override
      void in(Connection connection) throws SQLException {
        try (Connection lent = router.keyspace("shop").on(1L).connection()) {
          lent.setAutoCommit(false);
          readNames(lent, "select name || n from users, generate_series(1, 9) n" + OF_ONE, 2);
        }
      }
    },
    TRANSACTION_BY_KEY {
      @Override
      void in(Connection connection) {
        router
            .keyspace("shop")
            .on(1L)
            .inTransaction(
                lent -> {
                  QUERY.in(lent);
                  return true;
                });
      }
    };

    private static final String OF_ONE = " where user_id = 1";

    abstract void in(Connection connection) throws SQLException;

    private static void readNames(Connection connection, String sql, int fetchSize)
        throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(fetchSize);
        try (ResultSet rows = statement.executeQuery(sql)) {
          while (rows.next()) {
            assertThat(rows.getString(1)).startsWith("user ");
          }
        }
      }
    }
  }

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    router = cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
    for (long id = 1; id <= USERS; id++) {
      router
          .keyspace("shop")
          .on(id)
          .update("insert into users (user_id, name) values (?, ?)", id, "user " + id);
    }
    DRIVER.addHandler(BREAKS_OFF);
    DRIVER.setUseParentHandlers(false);
    DRIVER.setLevel(Level.FINEST);
  }

  @AfterAll
  static void stop() {
    DRIVER.setLevel(null);
    DRIVER.setUseParentHandlers(true);
    DRIVER.removeHandler(BREAKS_OFF);
    cluster.close();
  }

  @BeforeEach
  void connect() throws SQLException {
    connection = router.dataSource().getConnection();
  }

  @AfterEach
  void close() throws SQLException {
    BREAKS_OFF.at(0);
    connection.close();
  }

  @ParameterizedTest
  @EnumSource
  void nobodyReadsTheRest(Doing doing) throws SQLException {
    doing.in(connection); // from here on catalogs and types are known
    end();
    for (int row = 1; row <= 3; row++) {
      boolean brokeOff = breaksOffAt(row, doing);
      assertThat(brokeOff || row > 1).as("broke off at row %s", row).isTrue();
      if (brokeOff && !connection.getAutoCommit()) {
        askWithin();
      }
      end();
      assertThat(names()).as("after row %s", row).isEqualTo(expected());
    }
  }

  @Test
  void norWhileTheConnectionIsGivenBack() throws SQLException {
    RuntimeException callers = new IllegalStateException("to be rolled back");
    BREAKS_OFF.at(1, "CommandStatus", "ROLLBACK");
    breaksOff(
        () ->
            router
                .keyspace("shop")
                .on(1L)
                .inTransaction(
                    lent -> {
                      Doing.QUERY.in(lent);
                      throw callers;
                    }));
    Connection lent = router.keyspace("shop").on(1L).connection();
    Doing.QUERY.in(lent);
    BREAKS_OFF.at(1);
    breaksOff(lent::close);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set lock_timeout = 3000");
      BREAKS_OFF.at(1, "CommandStatus", "RESET");
      breaksOff(() -> Doing.QUERY.in(connection));
    }
    assertThat(names()).isEqualTo(expected());
  }

  private static void breaksOff(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(StackOverflowError.class);
  }

  private boolean breaksOffAt(int row, Doing doing) throws SQLException {
    BREAKS_OFF.at(row);
    try {
      doing.in(connection);
      return false;
    } catch (SQLException | RuntimeException | StackOverflowError e) {
      assertThat(Throwables.getRootCause(e)).isInstanceOf(StackOverflowError.class);
      return true;
    } finally {
      BREAKS_OFF.at(0);
    }
  }

  /** The transaction goes on or does not; but no answer is the rest of another. */
  private void askWithin() {
    String name;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select name from users where user_id = 1")) {
      assertThat(row.next()).isTrue();
      name = row.getString(1);
    } catch (SQLException e) {
      assertThat(String.valueOf(e.getMessage())).doesNotContain("Multiple ResultSets");
      return;
    }
    assertThat(name).isIn("user 1", "user changed");
  }

  private void end() throws SQLException {
    if (!connection.getAutoCommit()) {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Of each user by key, by whatever connection is lent, and of all at once. */
  private List<String> names() throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(USER)) {
      for (long id = 1; id <= USERS; id++) {
        statement.setLong(1, id);
        try (ResultSet row = statement.executeQuery()) {
          assertThat(row.next()).isTrue();
          names.add(row.getString(1));
        }
      }
    }
    names.addAll(router.scatter("select name from users order by user_id", r -> r.getString(1)));
    return names;
  }

  private static List<String> expected() {
    List<String> names = new ArrayList<>();
    for (int times = 1; times <= 2; times++) {
      for (int id = 1; id <= USERS; id++) {
        names.add("user " + id);
      }
    }
    return names;
  }

  /** Leaves room for what goes on beside, and not for more. */
  private static List<byte[]> ballast() {
    List<byte[]> ballast = new ArrayList<>();
    try {
      while (true) {
        ballast.add(new byte[10_000_000]);
      }
    } catch (OutOfMemoryError e) {
      ballast.subList(0, 3).clear();
      return ballast;
    }
  }

  /** A write whose rows the driver has no room for has happened all the same. */
  @Test
  @Tag("slow")
  void rowsThatDoNotFitIntoMemory() throws SQLException {
    String tooLong = " returning repeat('x', 60000000)";
    String insert = "insert into orders (user_id, id, amount) values (1, %s, 1)" + tooLong;
    List<byte[]> ballast = ballast();
    try (Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute(insert.formatted(1)))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> assertThat(e.getSQLState()).isEqualTo(SqlFailures.CARRIED_OUT));
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> statement.execute(insert.formatted(2)))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53200"));
      end();
    }
    assertThatThrownBy(
            () ->
                router
                    .keyspace("shop")
                    .on(1L)
                    .updateReturning(insert.formatted(3), row -> row.getString(1)))
        .isInstanceOf(StatementFailed.class)
        .hasMessageContaining("was carried out");
    ballast.clear();
    assertThat(
            router
                .keyspace("shop")
                .on(1L)
                .query("select id from orders where user_id = 1 order by id", r -> r.getLong(1)))
        .containsExactly(1L, 3L);
  }
}
