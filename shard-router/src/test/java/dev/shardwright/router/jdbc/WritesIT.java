package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.atIndex;

import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writes of several rows: batches, generated keys, and what concerns several shards. */
class WritesIT {
  private static final String INSERT = "insert into orders (user_id, id, amount) values (?, ?, ?)";

  private static TestCluster cluster;
  private static ShardRouter router;

  private Connection connection;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(3);
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(
          shard,
          """
          create table rates (code text primary key, rate numeric);
          alter table rates owner to %1$s;
          alter table users owner to %1$s;
          """
              .formatted(cluster.app));
    }
    cluster.admin.registerReferenceTable(TableName.of("rates"));
    cluster.execute("s2", "create table jobs (id bigint primary key, note text)");
    cluster.execute("s2", "grant all on jobs to " + cluster.app);
    cluster.admin.createKeyspace(NewKeyspace.single("office", ShardId.of("s2")));
    cluster.admin.registerTable(
        "office",
        new ShardedTable(new TableName("public", "jobs"), Optional.empty(), Optional.empty()));
    router = cluster.router();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
    cluster.execute("s2", "delete from jobs");
    connection = router.dataSource().getConnection();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.active()).isZero());
  }

  @Test
  void overSeveralShardsHaveOneNow() throws SQLException {
    String insert =
        "insert into users (user_id, name)"
            + " values (%s, now()::text), (%s, statement_timestamp()::text)";
    long one = TestCluster.keyOn(router, "s1");
    long other = TestCluster.keyOn(router, "s2");
    try (Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(insert.formatted(one, other))).isEqualTo(2);
    }
    assertThat(
            router.scatter("select count(*), count(distinct name) from users", r -> r.getLong(2)))
        .containsExactly(1L);
  }

  @Test
  void ofABatchGoToTheirShardsAndAreCountedInTheOrderOfTheBatch() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      addOrders(statement, 1, 30);
      assertThat(statement.executeBatch()).hasSize(30).containsOnly(1);
      assertThat(statement.executeBatch()).isEmpty();
    }
    assertThat(orders()).isEqualTo(30);
    try (PreparedStatement statement =
        connection.prepareStatement("update orders set amount = ? where user_id = ?")) {
      for (long user = 29; user <= 32; user++) {
        statement.setInt(1, 7);
        statement.setLong(2, user);
        statement.addBatch();
      }
      assertThat(statement.executeLargeBatch()).containsExactly(1, 1, 0, 0);
    }
  }

  @Test
  void ofABatchAreOneTransactionOnEachShard() throws SQLException {
    List<Long> bad = TestCluster.keysOn(router, "s2", 2);
    List<Long> good = TestCluster.keysOn(router, "s1", 2);
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (long user : List.of(good.get(0), bad.get(0), good.get(1), bad.get(1), bad.get(1))) {
        addOrders(statement, user, user);
      }
      assertThatThrownBy(statement::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class,
              e -> {
                assertThat(e.getUpdateCounts())
                    .containsExactly(
                        1,
                        Statement.EXECUTE_FAILED,
                        1,
                        Statement.EXECUTE_FAILED,
                        Statement.EXECUTE_FAILED);
                assertThat(e.getSQLState()).isEqualTo("23505");
              })
          .hasMessageContaining("failed, without effect, on [s2]");
    }
    assertThat(orders()).as("those of s1, and none of s2").isEqualTo(2);
  }

  @Test
  void ofABatchInATransactionAreToldEntryByEntry() throws SQLException {
    long here = TestCluster.keyOn(router, "s1");
    long there = TestCluster.keyOn(router, "s2");
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (long user : List.of(here, there, here)) {
        addOrders(statement, user, user);
      }
      assertThatThrownBy(statement::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class,
              e -> {
                assertThat(e.getUpdateCounts()).hasSize(3).containsOnly(Statement.EXECUTE_FAILED);
                assertThat(e.getSQLState()).isEqualTo("23505");
              });
    }
    connection.rollback();
    connection.setAutoCommit(true);
  }

  @Test
  void ofABatchAreOneTransactionOnTheShardOfTablesWithoutKeys() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into jobs (id, note) values (?, 'x')")) {
      addJobs(statement, 1, 30);
      assertThat(statement.executeBatch()).hasSize(30).containsOnly(1);
      assertThat(cluster.count("s2", "select count(distinct xmin::text) from jobs")).isEqualTo(1);
      addJobs(statement, 31, 40);
      addJobs(statement, 1, 1);
      assertThatThrownBy(statement::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"));
      assertThat(cluster.count("s2", "select count(*) from jobs")).isEqualTo(30);
      connection.setAutoCommit(false);
      addJobs(statement, 41, 50);
      assertThat(statement.executeBatch()).hasSize(10).containsOnly(1);
      connection.rollback();
      assertThat(cluster.count("s2", "select count(*) from jobs")).isEqualTo(30);
    }
  }

  @Test
  void ofABatchAreOneTransactionOnEachShardAlsoTogetherWithTablesWithoutKeys() throws SQLException {
    long there = TestCluster.keyOn(router, "s2");
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("insert into users (user_id, name) values (%s, 'x')".formatted(there));
      statement.addBatch("insert into jobs (id, note) values (1, 'x')");
      statement.addBatch(
          "insert into users (user_id, name) values (%s, 'x')"
              .formatted(TestCluster.keyOn(router, "s1")));
      statement.addBatch("insert into jobs (id, note) values (2, 'x')");
      assertThat(statement.executeBatch()).containsExactly(1, 1, 1, 1);
    }
    assertThat(
            cluster.count(
                "s2",
                "select count(distinct x) from"
                    + " (select xmin::text from jobs union all select xmin::text from users) t(x)"))
        .isEqualTo(1);
    assertThat(cluster.count("s1", "select count(*) from users")).isEqualTo(1);
  }

  @Test
  void ofABatchAreOneTransactionOnEachShardAlsoBesideWhatAnyShardCanAnswer() throws SQLException {
    String insert = "insert into users (user_id, name) values (%s, 'x')";
    long one = TestCluster.keyOn(router, "s1");
    long other = TestCluster.keyOn(router, "s2");
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("select 1");
      statement.addBatch(insert.formatted(one));
      statement.addBatch(insert.formatted(other));
      statement.addBatch("select pg_catalog.upper('x')");
      statement.addBatch(insert.formatted(other));
      assertThatThrownBy(statement::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"));
      assertThat(cluster.count("s2", "select count(*) from users")).as("rolled back").isZero();
      cluster.execute("s1", "delete from users");
      statement.addBatch(insert.formatted(one));
      statement.addBatch("select 1");
      statement.addBatch("update users set name = 'y' where user_id = " + one);
      assertThat(statement.executeBatch()).contains(1, atIndex(0)).contains(1, atIndex(2));
    }
    assertThat(cluster.count("s1", "select count(*) from users where name = 'y'")).isEqualTo(1);
  }

  private static void addJobs(PreparedStatement statement, long first, long last)
      throws SQLException {
    for (long id = first; id <= last; id++) {
      statement.setLong(1, id);
      statement.addBatch();
    }
  }

  @Test
  void ofABatchGiveTheirKeysWhereThoseOfTheFirstShardFailed() throws SQLException {
    long bad = TestCluster.keyOn(router, "s2");
    long good = TestCluster.keyOn(router, "s1");
    cluster.execute("s2", "insert into orders values (%1$s, %1$s, 1)".formatted(bad));
    try (PreparedStatement statement =
        connection.prepareStatement(INSERT, new String[] {"user_id"})) {
      addOrders(statement, bad, bad);
      addOrders(statement, good, good);
      cluster.proxy("s2").delay(Duration.ofMillis(500)); // the other part begins before it fails
      assertThatThrownBy(statement::executeBatch).isInstanceOf(BatchUpdateException.class);
      assertThat(keys(statement)).containsExactly(good);
    } finally {
      cluster.proxy("s2").heal();
    }
  }

  @Test
  void ofABatchStayOnTheShardOfTheirTransaction() throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (long user : TestCluster.keysOn(router, "s1", 5)) {
        addOrders(statement, user, user);
      }
      assertThat(statement.executeBatch()).hasSize(5);
      assertThat(orders()).isZero();
      addOrders(statement, TestCluster.keyOn(router, "s2"), TestCluster.keyOn(router, "s2"));
      refused(statement::executeBatch, "SW108", "is on shard s1");
    }
    connection.rollback();
    assertThat(orders()).isZero();
  }

  @Test
  void ofABatchAreRefusedOnASecondShardOfTheirTransaction() throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      addOrders(statement, TestCluster.keyOn(router, "s1"), TestCluster.keyOn(router, "s1"));
      addOrders(statement, TestCluster.keyOn(router, "s2"), TestCluster.keyOn(router, "s2"));
      refused(statement::executeBatch, "SW108", "is on shard s1");
    }
    connection.rollback();
    assertThat(orders()).isZero();
  }

  @Test
  void ofABatchOfTextsAreCarriedOutToo() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("insert into users (user_id, name) values (1, 'one')");
      statement.addBatch("insert into users (user_id, name) values (2, 'two')");
      statement.addBatch("update users set name = 'eins' where user_id = 1");
      statement.addBatch("delete from users where user_id = 77");
      assertThat(statement.executeBatch()).containsExactly(1, 1, 1, 0);
    }
  }

  @Test
  void giveTheKeysThatTheyGenerate() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(INSERT, new String[] {"user_id", "id"})) {
      bindOrder(statement, 5);
      assertThat(statement.executeUpdate()).isEqualTo(1);
      assertThat(keys(statement)).containsExactly(5L);
      addOrders(statement, 11, 30);
      statement.executeBatch();
      assertThat(keys(statement))
          .containsExactlyElementsOf(
              java.util.stream.LongStream.rangeClosed(11, 30).boxed().toList());
    }
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "insert into users (user_id, name) values (9, 'x')", Statement.RETURN_GENERATED_KEYS);
      assertThat(keys(statement)).containsExactly(9L);
      statement.executeUpdate("delete from users where user_id = 9");
      assertThat(keys(statement)).isEmpty();
    }
  }

  @Test
  void overSeveralShardsGiveRowsThatOnlyMoveForward() throws SQLException {
    try (Statement statement =
            connection.createStatement(
                ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY);
        ResultSet rows =
            statement.executeQuery(
                "insert into users (user_id, name)"
                    + " values (1,'a'),(2,'b'),(3,'c'),(4,'d'),(5,'e'),(6,'f') returning name")) {
      assertThat(rows.getType()).isEqualTo(ResultSet.TYPE_FORWARD_ONLY);
      assertThat(rows.next()).isTrue();
      refused(rows::isLast, "0A000", "call next");
      for (ThrowingCallable move :
          List.<ThrowingCallable>of(
              rows::first,
              rows::last,
              rows::previous,
              rows::beforeFirst,
              rows::afterLast,
              () -> rows.absolute(2),
              () -> rows.relative(1))) {
        refused(move, "24000", "FORWARD_ONLY");
      }
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).as("where it was").isEqualTo("b");
    }
  }

  @Test
  void ofSeveralRowsInOneInsertAreDividedAndGiveTheirRowsBackInOrder() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              "insert into users (user_id, name) values"
                  + " (1,'a'),(2,'b'),(3,'c'),(4,'d'),(5,'e'),(6,'f') returning name")) {
        StringBuilder names = new StringBuilder();
        while (rows.next()) {
          names.append(rows.getString(1));
        }
        assertThat(names).hasToString("abcdef");
      }
      assertThat(statement.getWarnings().getMessage()).contains("one transaction on each");
      int inserted =
          statement.executeUpdate(
              "insert into users (user_id, name) values (5,'e'),(6,'f'),(7,'g'),(8,'h')"
                  + " on conflict do nothing");
      assertThat(inserted).isEqualTo(2);
    }
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      refused(
          () ->
              statement.executeUpdate(
                  "insert into users (user_id, name) values"
                      + " (11,'a'),(12,'b'),(13,'c'),(14,'d'),(15,'e')"),
          "SW105",
          "cannot be part of a transaction");
    }
  }

  @Test
  void overSeveralShardsGiveNoMoreRowsThanAskedFor() throws SQLException {
    String insert =
        "insert into users (user_id, name)"
            + " values (%1$s1,'a'),(%1$s2,'b'),(%1$s3,'c'),(%1$s4,'d'),(%1$s5,'e'),(%1$s6,'f')";
    try (Statement statement = connection.createStatement()) {
      statement.setMaxRows(2);
      List<String> names = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(insert.formatted(1) + " returning name")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
        assertThat(rows.isAfterLast()).isTrue();
      }
      assertThat(names).containsExactly("a", "b");
    }
    assertThat(router.scatter("select count(*) from users", rows -> rows.getLong(1)))
        .containsExactly(6L);
  }

  @Test
  void ofTheSchemaFillNoReferenceTableOtherwiseOnEachShard() throws SQLException {
    try (Connection allowing = PerShardWrites.through(router);
        Statement statement = allowing.createStatement()) {
      for (String change :
          List.of(
              "add column token uuid default gen_random_uuid()",
              "add at timestamptz not null default current_timestamp",
              "add n int default 0, add at timestamptz default (now())",
              "add at timestamptz default 'now'",
              "add no bigserial",
              "add no int generated by default as identity",
              "alter column rate type float8 using random() * rate")) {
        for (String table : List.of("rates", "only public.\"rates\"", "if exists RATES *")) {
          refused(
              () -> statement.execute("alter table " + table + " " + change),
              "SW104",
              "without a default");
        }
      }
      for (String change :
          List.of(
              "add n numeric(4,2) default 0::numeric(4,2), alter code set default now()",
              "alter rate type int using round(rate)::int",
              "add check (rate > 0)",
              "add qty int not null default 0 check (qty >= 0)",
              "add also text default 'EUR' references rates (code) deferrable",
              "add c text default 'x'::character varying(10)",
              "add s text default 'new' constraint known check (s in ('new', 'today'))")) {
        statement.execute("alter table rates " + change);
      }
      statement.execute("alter table users add at timestamptz default now()");
      statement.execute("alter table users drop at");
    }
  }

  @Test
  void withoutAKeyAreRefusedUnlessTheConnectionAllowsThem() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      addOrders(statement, 1, 30);
      statement.executeBatch();
    }
    String url =
        "jdbc:shardwright://%s/%s?user=%s&password=%s&multiShardWrites=per-shard"
            .formatted(
                ZooKeeperServer.shared().connectString(),
                cluster.name,
                cluster.app,
                TestCluster.APP_PASSWORD);
    String update = "update orders set amount = amount + 1 where id > 10";
    try (Statement statement = connection.createStatement();
        Connection allowing = DriverManager.getConnection(url);
        Statement allowed = allowing.createStatement()) {
      refused(() -> statement.executeUpdate(update), "SW105", "multiShardWrites=per-shard");
      assertThat(allowed.executeUpdate(update)).isEqualTo(20);
      List<Long> deleted = new ArrayList<>();
      try (ResultSet rows =
          allowed.executeQuery("delete from orders where id <= 10 returning id")) {
        while (rows.next()) {
          deleted.add(rows.getLong(1));
        }
      }
      assertThat(deleted).hasSize(10).doesNotHaveDuplicates();
      refused(
          () -> statement.execute("alter table users add column if not exists age int"),
          "SW105",
          "schema change");
      allowing.setAutoCommit(false);
      refused(() -> allowed.executeUpdate(update), "SW105", "cannot be part of a transaction");
    }
  }

  private static void addOrders(PreparedStatement statement, long first, long last)
      throws SQLException {
    for (long user = first; user <= last; user++) {
      bindOrder(statement, user);
      statement.addBatch();
    }
  }

  private static void bindOrder(PreparedStatement statement, long user) throws SQLException {
    statement.setLong(1, user);
    statement.setLong(2, user);
    statement.setInt(3, 1);
  }

  private static List<Long> keys(Statement statement) throws SQLException {
    List<Long> keys = new ArrayList<>();
    try (ResultSet rows = statement.getGeneratedKeys()) {
      while (rows.next()) {
        keys.add(rows.getLong("user_id"));
      }
    }
    return keys;
  }

  private static long orders() throws SQLException {
    long count = 0;
    for (String shard : List.of("s1", "s2", "s3")) {
      count += cluster.count(shard, "select count(*) from orders");
    }
    return count;
  }

  private static void refused(ThrowingCallable call, String state, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
        .hasMessageContaining(message);
  }
}
