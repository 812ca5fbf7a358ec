package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections that the pieces of work of one operation share. */
class ShardDatabasesIT {
  private static final String PID = "select pg_backend_pid()::text";
  private static final String SESSIONS =
      "select count(*) from pg_stat_activity"
          + " where datname = current_database() and application_name = 'shardwright-admin'";
  private static final String SETTING = "select current_setting('search_path')";

  private final TestCluster cluster = new TestCluster();
  private final ShardDatabases databases =
      new ShardDatabases(TestCluster.CREDENTIALS, TestCluster.OPTIONS);
  private Shard shard;

  @BeforeEach
  void addDatabase() throws SQLException {
    shard = cluster.database("s1", "");
  }

  @AfterEach
  void close() throws SQLException {
    cluster.close();
  }

  @Test
  void oneConnectionServesAnOperationAndEndsWithIt() throws SQLException {
    String first =
        databases.sharing(
            () -> {
              String pid = ask(PID);
              assertThat(ask(PID)).isEqualTo(pid);
              assertThat(databases.<String>sharing(() -> ask(PID))).isEqualTo(pid);
              assertThat(ask(PID)).as("after an operation within").isEqualTo(pid);
              return pid;
            });
    assertThat(ask(PID)).isNotEqualTo(first);
    await().until(() -> cluster.query("s1", SESSIONS).equals(List.of("0")));
  }

  @Test
  void workFindsTheConnectionAsNew() {
    databases.sharing(
        () -> {
          String pid =
              databases.on(
                  shard,
                  "leaving things",
                  connection -> {
                    query(connection, "select pg_advisory_lock(1)::text");
                    query(connection, "select set_config('search_path', 'public', false)");
                    return query(connection, PID);
                  });
          assertThat(ask(PID)).isEqualTo(pid);
          assertThat(ask(SETTING)).isEqualTo("pg_catalog");
          assertThat(ask("select current_setting('application_name')"))
              .isEqualTo("shardwright-admin");
          return assertThat(ask("select count(*)::text from pg_locks where locktype = 'advisory'"))
              .isEqualTo("0");
        });
  }

  @Test
  void workWithinWorkHasAConnectionOfItsOwn() {
    databases.sharing(
        () -> {
          ask(PID);
          return databases.on(
              shard,
              "asking",
              connection -> assertThat(ask(PID)).isNotEqualTo(query(connection, PID)));
        });
  }

  @Test
  void failedWorkLeavesNothing() {
    databases.sharing(
        () -> {
          String pid = ask(PID);
          assertThatThrownBy(() -> ask("select 1 / 0")).isInstanceOf(ChangeFailed.class);
          return assertThat(ask(PID)).isNotEqualTo(pid);
        });
  }

  @Test
  void aTransactionThatWasLeftOpenEndsWithTheWork() {
    databases.sharing(
        () -> {
          databases.run(
              shard,
              "leaving a transaction open",
              connection -> {
                connection.setAutoCommit(false);
                query(connection, "select pg_advisory_xact_lock(1)::text");
              });
          await().until(() -> cluster.query("s1", SESSIONS).equals(List.of("0")));
          return true;
        });
  }

  @Test
  void aConnectionThatWasLostMeanwhileIsOpenedAgain() throws SQLException {
    databases.sharing(
        () -> {
          String pid = ask(PID);
          end(pid);
          return assertThat(ask(PID)).isNotEqualTo(pid);
        });
  }

  /** Whatever a database, or a role, says of them: what an operation does must not depend on it. */
  @ParameterizedTest
  @CsvSource({
    "idle_in_transaction_session_timeout, 1s, 0",
    "idle_session_timeout, 10min, 0",
    "transaction_timeout, 1s, 0",
    "synchronous_commit, off, on",
    "intervalstyle, iso_8601, postgres",
    "datestyle, German, 'ISO, MDY'",
    "bytea_output, escape, hex",
    "lc_monetary, C.UTF-8, C",
    "default_transaction_isolation, serializable, read committed",
    "default_transaction_read_only, on, off"
  })
  void settingsThatChangeValuesOrEndASessionThatHoldsALockAreItsOwn(
      String setting, String theirs, String ours) throws SQLException {
    String current = "select current_setting('%s', true)".formatted(setting);
    if (cluster.query("s1", current).contains(null)) {
      return; // the server is too old to have it
    }
    String role = "alter role admin in database " + ask("select current_database()");
    TestCluster.server().execute("%s set %s = '%s'".formatted(role, setting, theirs));
    try {
      assertThat(ask(current)).isEqualTo(ours);
    } finally {
      TestCluster.server().execute(role + " reset all");
    }
  }

  /** The driver would let the URL win. */
  @Test
  void timesInTheUrlOfTheShardAreWithoutEffect() {
    shard =
        Shard.of(
            shard.id(),
            new Endpoint(shard.primary().url() + "?socketTimeout=1&connectTimeout=0", "app"));
    assertThat(ask("select 'done' from pg_sleep(2)")).isEqualTo("done");
  }

  private void end(String pid) {
    try {
      cluster.asAdmin("s1", "select pg_terminate_backend(%s, 5000)".formatted(pid));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String ask(String sql) {
    return databases.on(shard, "asking", connection -> query(connection, sql));
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
