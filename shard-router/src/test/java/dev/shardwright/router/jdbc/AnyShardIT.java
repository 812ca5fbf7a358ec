package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.router.Timeouts;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.ShardingKey;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements in which nothing says which of two shards is meant. */
@ExtendWith(LeakCheckExtension.class)
class AnyShardIT {
  private static TestCluster cluster;
  private static ShardRouter router;
  private static long key;

  private Connection connection;
  private Statement statement;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          """
          create sequence numbers;
          create sequence tickets;
          create table rates (code text primary key);
          insert into rates values ('a');
          create function count_orders() returns bigint stable
            language sql as 'select count(*) from orders';
          create function initcap(bigint) returns text volatile
            language sql as 'select count(*)::text from orders';
          grant usage on sequence numbers, tickets to %1$s;
          grant select, update on rates to %1$s;
          """
              .formatted(cluster.app));
    }
    cluster.admin.registerReferenceTable(TableName.of("rates"));
    router = cluster.router();
    key = TestCluster.keyOn(router, "s2");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    connection = router.dataSource().getConnection();
    statement = connection.createStatement();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.active()).isZero());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          select nextval('numbers')                                      | nextval()
          select pg_advisory_xact_lock(42)                               | pg_advisory_xact_lock()
          select pg_notify('channel', 'x')                               | pg_notify()
          select set_config('app.tenant', '7', true)                     | set_config()
          select count_orders()                                          | count_orders()
          select * from count_orders()                                   | count_orders()
          select code from rates where (select public.count_orders()) > 0 | public.count_orders()
          select sum(count_orders()) over () from rates                  | count_orders()
          explain analyze select initcap(5)                              | public.initcap
          select nextval('numbers') from orders where user_id = null group by rollup (id) | nextval()
          select initcap(5)                                              | public.initcap
          explain analyze select nextval('numbers')                      | nextval()
          select count(*), nextval('numbers') from orders where user_id = 1 and user_id = 2 | nextval()
          select count_orders() from rates where not exists (select 1 from orders where user_id = 1 and user_id = 2) | count_orders()
          select nextval('numbers') from rates left join orders on user_id = 1 and user_id = 2 | nextval()
          select * from rates for update                                 | FOR UPDATE
          select 1 where exists (select 1 from rates for share)          | FOR SHARE
          """)
  void areRefusedWhereItMatters(String sql, String named) throws SQLException {
    refused(sql, "SW104", named);
    connection.setAutoCommit(false);
    refused(sql, "SW104", named);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "select version(), current_schema(), current_schemas(true), current_database(), user",
        "select current_setting('server_version_num'), pg_typeof(1), now(), clock_timestamp()",
        "select gen_random_uuid(), random() from rates",
        "select lower(code), count(*) from rates group by code order by max(code)",
        "select n from generate_series(1, 3) n, pg_sleep(0)",
        "select code from rates where code = 'a'",
        "explain select version()",
        "select nextval('numbers'), count_orders() from orders where user_id = 1 and user_id = 2",
        "select count(*) from orders where user_id = 1 and user_id = 2",
        "select nextval('numbers') from orders where user_id = 1 and user_id = 2 group by id",
        "select nextval('numbers') from (select id from orders where user_id = 1 and user_id = 2)"
            + " o",
        "select nextval('numbers') from orders where user_id = null union all"
            + " select nextval('tickets') from users where user_id = null",
        "show timezone",
      })
  void goToAnyWhereItDoesNot(String sql) throws SQLException {
    assertThat(statement.execute(sql)).isTrue();
    connection.setAutoCommit(false);
    assertThat(statement.execute(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select version(), current_user, gen_random_uuid(), pg_typeof(1)",
        "select current_setting('server_version_num')",
        "select code, random() from rates",
        "select now(), current_user, random(), 'rates'::regclass from rates",
        "explain select * from rates",
        "show server_version",
      })
  void leaveATransactionFreeToGoToAnyShard(String sql) throws SQLException {
    connection.setAutoCommit(false);
    for (int i = 0; i < 4; i++) {
      for (String shard : List.of("s1", "s2")) {
        statement.execute(sql);
        statement.execute("select 1 from users where user_id = " + keyOn(shard));
        connection.rollback();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "delete from users where false",
        "delete from users u using orders o where u.user_id = o.user_id and u.user_id = null",
        "update users set name = 'nobody' where user_id = null",
        "update users set name = now()::text where user_id = 1 and user_id = 2 returning name",
        "select * from users where user_id = null for update",
        "select now() from users where user_id = null for update",
        "with gone as (delete from users where user_id = null returning 1)"
            + " select count(*), now() from gone",
      })
  void leaveATransactionFreeWhereTheyMeetNoRow(String sql) throws SQLException {
    connection.setAutoCommit(false);
    for (int i = 0; i < 4; i++) {
      for (String shard : List.of("s1", "s2")) {
        statement.execute(sql);
        insertsOn(shard);
      }
    }
  }

  @Test
  void leaveATransactionFreeWhereTheirParametersMeetNoRow() throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement any =
            connection.prepareStatement("delete from orders where user_id = any (?)");
        PreparedStatement one =
            connection.prepareStatement("update users set name = 'nobody' where user_id = ?")) {
      for (int i = 0; i < 4; i++) {
        for (String shard : List.of("s1", "s2")) {
          any.setArray(1, connection.createArrayOf("bigint", new Long[0]));
          assertThat(any.executeUpdate()).isZero();
          one.setNull(1, Types.BIGINT);
          assertThat(one.executeUpdate()).isZero();
          for (int entries = 0; entries < 2; entries++) {
            one.setNull(1, Types.BIGINT);
            one.addBatch();
          }
          assertThat(one.executeBatch()).containsExactly(0, 0);
          insertsOn(shard);
        }
      }
    }
  }

  /** Whether the transaction can still go to that shard. */
  private void insertsOn(String shard) throws SQLException {
    String insert =
        "insert into users (user_id, name) values (%d, 'somebody')".formatted(keyOn(shard));
    assertThat(statement.executeUpdate(insert)).isEqualTo(1);
    connection.rollback();
  }

  @Test
  void areOfTheirTransactionAllTheSame() throws SQLException {
    connection.setAutoCommit(false);
    statement.execute("set transaction read only");
    refused("delete from users where user_id = null", "25006", "read-only transaction");
    connection.rollback();
    refused("update users set name = (1 / 0)::text where user_id = null", "22012", "by zero");
    refused("delete from users where user_id = " + key, "25P02", "aborted");
    connection.rollback();
    statement.execute("update users set name = 'nobody' where user_id = null");
    bind();
    statement.execute("delete from users where user_id = null");
    assertThat(statement.getUpdateCount()).isZero();
  }

  private static long keyOn(String shard) {
    return TestCluster.keyOn(router, shard);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          select current_setting('transaction_isolation') | read uncommitted
          show transaction isolation level                | read uncommitted
          select current_setting('app.tenant')            | 7
          show app.tenant                                 | 7
          """)
  void tellWhatTheirTransactionHasSet(String sql, String value) throws SQLException {
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED);
    connection.setAutoCommit(false);
    if (value.equals("7")) {
      statement.execute("set local app.tenant = '7'");
    }
    try (ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select pg_advisory_lock(42)",
        "select pg_try_advisory_lock_shared(4, 2) from users where user_id = 1",
        "select pg_catalog.pg_advisory_unlock_all()",
        "select set_config('app.tenant', '7', false)",
        "update users set name = set_config('app.tenant', name, false) where user_id = 1",
        "select set_config('search_path', 'elsewhere', true)",
        "select set_config('standard_conforming_strings', 'off', true)",
        "select set_config(E'Search\\x5fpath', 'elsewhere', true)",
        "select set_config('search_' || 'path', 'elsewhere', true)",
      })
  void leaveNothingOnASession(String sql) throws SQLException {
    refused(sql, "SW106", "bound to a key");
    connection.setAutoCommit(false);
    bind();
    refused(sql, "SW106", "bound to a key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select currval('tickets') from users where user_id = 1",
        "select lastval() from users where user_id = 1",
        "select pg_catalog.lastval()",
        "insert into orders (user_id, id) values (1, currval('tickets'))",
        "explain analyze select lastval() from users where user_id = 1",
      })
  void doNotTellWhatSomebodyElseHasDrawn(String sql) throws SQLException {
    refused(sql, "SW106", "use RETURNING, or call it in the transaction that has drawn");
    statement.addBatch(sql);
    assertThatThrownBy(statement::executeBatch).hasMessageContaining("use RETURNING");
    connection.setAutoCommit(false);
    refused(sql, "SW106", "bound to a key");
  }

  @Test
  void tellWhatTheirTransactionHasDrawn() throws SQLException {
    connection.setAutoCommit(false);
    bind();
    statement.execute("select nextval('tickets')");
    long drawn = cluster.count("s2", "select last_value from tickets");
    for (String call : List.of("currval('tickets')", "lastval()")) {
      try (ResultSet rows = statement.executeQuery("select " + call)) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getLong(1)).isEqualTo(drawn);
      }
    }
    String insert = "insert into orders (user_id, id) values (%s, %s('tickets'))";
    statement.addBatch(insert.formatted(key, "nextval"));
    statement.addBatch(insert.formatted(key, "1000 + currval"));
    assertThat(statement.executeBatch()).containsExactly(1, 1);
    connection.rollback();
    connection.setAutoCommit(true);
    statement.addBatch(insert.formatted(key, "nextval"));
    statement.addBatch(insert.formatted(key, "1000 + currval"));
    assertThat(statement.executeBatch()).containsExactly(1, 1);
    statement.execute("delete from orders where user_id = " + key);
  }

  @Test
  void doNotTellInABatchWhatSomebodyElseHasDrawnBefore() throws SQLException {
    ShardRouter tight =
        cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
    String insert = "insert into orders (user_id, id) values (%s, %s)";
    try (Connection same = tight.dataSource().getConnection();
        Statement later = same.createStatement()) {
      later.execute(insert.formatted(key, "nextval('tickets')"));
      later.addBatch("update orders set amount = 1 where user_id = " + key);
      later.addBatch(insert.formatted(key, "1000 + currval('tickets')"));
      assertThatThrownBy(later::executeBatch)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"))
          .hasMessageContaining("not yet defined in this session");
    }
    statement.execute("delete from orders where user_id = " + key);
  }

  @Test
  void goToTheShardOfABoundTransaction() throws SQLException {
    connection.setAutoCommit(false);
    bind();
    long before = cluster.count("s2", "select last_value from numbers");
    statement.execute("select nextval('numbers'), pg_advisory_xact_lock(42), count_orders()");
    statement.execute("select set_config('app.tenant', '7', true)");
    statement.execute("select * from rates for update");
    assertThat(cluster.count("s2", "select count(*) from pg_locks where objid = 42")).isEqualTo(1);
    connection.commit();
    statement.execute("select nextval('numbers') from users where user_id = " + key);
    assertThat(cluster.count("s2", "select last_value from numbers")).isEqualTo(before);
    assertThat(cluster.count("s1", "select count(*) from numbers where is_called")).isZero();
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void waitForAllShardsTogetherNoLongerThanTheyMayTake() throws SQLException {
    ShardRouter tight =
        cluster.router(
            cluster
                .options()
                .withPools(PoolProfile.SERVER.withMaxConnections(1))
                .withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(25))));
    try (Connection one = taken(tight, "s1");
        Connection two = taken(tight, "s2");
        Connection waiting = tight.dataSource().getConnection();
        Statement any = waiting.createStatement()) {
      any.setQueryTimeout(1);
      long began = System.nanoTime();
      assertThatThrownBy(() -> any.execute("select 1"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW201"));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(12));
      one.rollback();
      two.rollback();
    }
  }

  /** Takes the only connection of a shard. */
  private static Connection taken(ShardRouter tight, String shard) throws SQLException {
    Connection taken = tight.dataSource().getConnection();
    taken.setAutoCommit(false);
    try (Statement first = taken.createStatement()) {
      first.execute("select 1 from users where user_id = " + TestCluster.keyOn(tight, shard));
    }
    return taken;
  }

  @Test
  void goWhereTheKeyIsSaid() throws SQLException {
    assertThat(router.keyspace("shop").on(key).queryOne("select count_orders()", r -> r.getLong(1)))
        .contains(0L);
    ShardingKey said =
        router.dataSource().createShardingKeyBuilder().subkey(key, JDBCType.BIGINT).build();
    try (Connection bound =
            router.dataSource().createConnectionBuilder().shardingKey(said).build();
        Statement any = bound.createStatement()) {
      any.execute("select pg_advisory_lock(42), set_config('app.tenant', '7', false)");
    }
  }

  @Test
  void mayCallAnythingWhereTheKeyIsOneThatNoRowHas() throws SQLException {
    try (ResultSet rows =
        statement.executeQuery("select initcap(user_id) from users where user_id = null")) {
      assertThat(rows.next()).isFalse();
    }
  }

  @Test
  void areRefusedByScatterToo() {
    assertThatThrownBy(() -> router.scatter("select count_orders()", row -> row.getLong(1)))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("count_orders()");
    assertThatThrownBy(
            () ->
                router.scatter(
                    "select lastval() from users where user_id = 1", row -> row.getLong(1)))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("lastval()");
    assertThatThrownBy(() -> router.explain("select count_orders()"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("count_orders()");
    assertThat(router.scatter("select upper('a')", row -> row.getString(1))).containsExactly("A");
  }

  @Test
  void goToTheOnlyShardThereIs() throws SQLException {
    try (TestCluster alone = TestCluster.withShards(1)) {
      alone.execute("s1", "create sequence numbers; grant usage on numbers to " + alone.app);
      try (Connection only = alone.router().dataSource().getConnection();
          Statement any = only.createStatement()) {
        assertThat(any.execute("select nextval('numbers')")).isTrue();
      }
    }
  }

  private void bind() throws SQLException {
    statement.execute("select 1 from users where user_id = " + key);
  }

  private void refused(String sql, String state, String named) {
    assertThatThrownBy(() -> statement.execute(sql))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
        .hasMessageContaining(named);
  }
}
