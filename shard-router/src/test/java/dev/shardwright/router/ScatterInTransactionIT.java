package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.jdbc.PgConnection;

/** A query over several shards from within a transaction on one of them sees what that wrote. */
@ExtendWith(LeakCheckExtension.class)
class ScatterInTransactionIT {
  private static final String COUNT = "select count(*) from users";
  private static final String COMBINED = "select count(*) + 0 from users";
  private static final String GATHERED =
      "select count(*) from users u join users v on u.name = v.name";
  private static final String LISTED = "select user_id from users order by 1 desc limit 1";

  private static TestCluster cluster;
  private static ShardRouter router;
  private static long key;

  private Connection connection;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router = cluster.router();
    for (long id = 1; id <= 20; id++) {
      router.keyspace("shop").on(id).update("insert into users values (?, ?)", id, "user " + id);
    }
    key =
        TestCluster.keysOn(router, "s2", 40).stream()
            .filter(id -> id > 20)
            .findFirst()
            .orElseThrow();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void begin() throws SQLException {
    connection = router.shard("s2").connection();
    connection.setAutoCommit(false);
    execute("insert into users values (%s, 'mine')".formatted(key));
  }

  @AfterEach
  void rollBack() throws SQLException {
    connection.rollback();
    connection.close();
    assertThat(router.scatter(COUNT, row -> row.getLong(1))).containsExactly(20L);
  }

  @Test
  void atEveryLevel() throws SQLException {
    assertThat(ask(COUNT)).isEqualTo(21);
    assertThat(ask(COMBINED)).isEqualTo(21);
    assertThat(ask(LISTED)).isEqualTo(key);
    assertThat(ask(GATHERED)).isEqualTo(21);
  }

  @Test
  void againAndAgainWithoutLeavingCopiesInTheTransaction() throws SQLException {
    assertThat(ask(GATHERED)).isEqualTo(21);
    execute("delete from users where user_id = " + key);
    assertThat(ask(GATHERED)).isEqualTo(20);
    assertThat(ask(COUNT)).isEqualTo(20);
  }

  @Test
  void saysWhichShardWhereTheTransactionIsLost() throws SQLException {
    int backend = connection.unwrap(PgConnection.class).getBackendPID();
    cluster.execute("s2", "select pg_terminate_backend(%s, 5000)".formatted(backend));
    assertThatThrownBy(() -> ask(GATHERED))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageStartingWith("shard s2: ");
    connection.close();
    connection = router.shard("s2").connection();
    connection.setAutoCommit(false);
  }

  @Test
  void alsoAfterAQueryThatWasRefusedInTheMiddleOfCopying() throws SQLException {
    ScatterOptions few = ScatterOptions.DEFAULTS.withLimits(3, 1_000);
    assertThatThrownBy(() -> ask(GATHERED, few)).isInstanceOf(SqlRefused.class);
    assertThat(ask(GATHERED)).isEqualTo(21);
  }

  @Test
  void alsoIfItsOwnRowsWereStillBeingCopiedWhenItWasRefused() throws SQLException {
    execute("delete from users where user_id <> " + key);
    long all = ask(COUNT);
    // Each shard looks at its own users, and this one takes a moment for its only one.
    String slow =
        "select count(*) from users u join orders o on o.amount = u.user_id"
            + " where u.name <> 'mine' or length(md5(repeat(u.name, 100000000))) > 0";
    ScatterOptions few = ScatterOptions.DEFAULTS.withLimits(3, 1_000);
    assertThatThrownBy(() -> ask(slow, few)).isInstanceOf(SqlRefused.class);
    assertThat(ask(COUNT)).isEqualTo(all);
  }

  @Test
  void thatIsReadOnly() throws SQLException {
    execute("set transaction read only");
    assertThat(ask(COUNT)).isEqualTo(21);
    assertThatThrownBy(() -> ask(GATHERED))
        .as("what it wrote no other session sees")
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("before it becomes read only");
    connection.rollback();
    execute("set transaction read only");
    assertThat(ask(GATHERED)).isEqualTo(20);
  }

  @Test
  void whoseFailureIsThatOfTheStatementAndAbortsIt() throws SQLException {
    assertThatThrownBy(() -> ask("select sum(1 / (user_id - user_id)) from users"))
        .isInstanceOfSatisfying(
            StatementFailed.class, failed -> assertThat(failed.sqlState()).isEqualTo("22012"));
    connection.rollback();
    assertThat(ask(GATHERED)).isEqualTo(20);
  }

  /** Whoever rolls back then, and lends the session to another, must not be cancelled for it. */
  @Test
  void whoseOwnPartHasEndedWhenThatOfAnotherShardFails() throws SQLException {
    String hours =
        "(select count(*) from generate_series(1, 3000) a, generate_series(1, 3000) b,"
            + " generate_series(1, 3000) c)";
    String moment = "(select count(*) from generate_series(1, 200000)) / (user_id - user_id)";
    String query =
        "select case when name = 'mine' then %s else %s end from users".formatted(hours, moment);
    String atWork =
        "select count(*) from pg_stat_activity where state = 'active' and strpos(query, '3000) c') > 0"
            + " and datname = current_database() and pid <> pg_backend_pid()";
    for (int round = 0; round < 10; round++) {
      // The caller's own thread runs one of the parts, mostly another one.
      assertThatThrownBy(() -> ask(query)).isInstanceOf(StatementFailed.class);
      assertThat(cluster.count("s2", atWork)).isZero();
      connection.rollback();
      execute("insert into users values (%s, 'mine')".formatted(key));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long ask(String sql) throws SQLException {
    return ask(sql, ScatterOptions.DEFAULTS);
  }

  private long ask(String sql, ScatterOptions options) throws SQLException {
    var query =
        new ScatterQuery(
            new Analyzer().analyze(sql, SearchPath.DEFAULT, router.topology()),
            ParameterSource.of(),
            new TreeSet<>(router.topology().shards().keySet()),
            options,
            SessionState.NONE,
            Optional.of(new BoundShard(ShardId.of("s2"), connection.unwrap(PgConnection.class))));
    try (ScatterExecution execution = router.scatterEngine().prepare(query);
        ResultSet rows = execution.run(null)) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }
}
