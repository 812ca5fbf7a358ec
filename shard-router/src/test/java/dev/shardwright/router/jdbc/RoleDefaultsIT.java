package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.atIndex;

import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the role of the application says of its sessions, or its database does. */
@ExtendWith(LeakCheckExtension.class)
class RoleDefaultsIT {
  private static final List<String> SHARDS = List.of("s1", "s2");

  private static TestCluster cluster;

  /** A table of five rows in one schema, and of one row, the same on all shards, in the other. */
  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    for (String shard : SHARDS) {
      cluster.execute(
          shard,
          """
          create schema archive;
          create table rare (user_id bigint);
          insert into rare values (0);
          create table archive.rare (user_id bigint primary key);
          create table archive.past (user_id bigint primary key);
          grant usage on schema archive to %1$s;
          grant select, insert, delete on rare, archive.rare, archive.past to %1$s;
          """
              .formatted(cluster.app));
    }
    cluster.admin.registerReferenceTable(TableName.of("rare"));
    for (String table : List.of("rare", "past")) {
      cluster.admin.registerTable(
          "shop",
          new ShardedTable(
              new TableName("archive", table), Optional.of("user_id"), Optional.empty()));
    }
    ShardRouter router = cluster.router();
    try (Connection connection = router.dataSource().getConnection()) {
      for (long key = 1; key <= 5; key++) {
        execute(connection, "insert into archive.rare (user_id) values (" + key + ")");
      }
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @AfterEach
  void asItWas() throws SQLException {
    cluster.execute("s1", "alter role " + cluster.app + " reset all");
    for (String shard : SHARDS) {
      cluster.execute(shard, inDatabase(shard, "reset all"));
    }
  }

  @Test
  void decideWhichTablesAreMeant() throws SQLException {
    cluster.execute("s1", "alter role " + cluster.app + " set search_path = archive, public");
    ShardRouter router = cluster.router();
    String count = "select count(*) from rare";
    assertThat(router.scatter(count, row -> row.getLong(1))).containsExactly(5L);
    try (Connection connection = router.dataSource().getConnection()) {
      assertThat(connection.getSchema()).isEqualTo("archive");
      assertThat(number(connection, count)).isEqualTo(5);
      execute(connection, "set search_path = public");
      assertThat(number(connection, count)).isEqualTo(1);
      execute(connection, "reset search_path");
      assertThat(number(connection, count)).isEqualTo(5);
      connection.setAutoCommit(false);
      execute(connection, "set local search_path = public");
      assertThat(number(connection, count)).isEqualTo(1);
      execute(connection, "set local search_path = default");
      assertThat(number(connection, count)).isEqualTo(5);
      connection.rollback();
    }
  }

  /** A row of a reference table that is deleted on one shard only would be on the others still. */
  @Test
  void meanTheTablesOfTheMomentAtWhichABatchIsCarriedOut() throws SQLException {
    cluster.execute("s1", "alter role " + cluster.app + " set search_path = archive, public");
    ShardRouter router = cluster.router();
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement();
        PreparedStatement prepared =
            connection.prepareStatement("delete from rare where user_id = ?")) {
      prepared.setLong(1, 0);
      prepared.addBatch();
      connection.setSchema("public");
      refused(prepared::executeBatch, "SW105");
      assertThat(prepared.executeBatch()).as("the batch is over").isEmpty();
      connection.setSchema("archive");
      statement.addBatch("delete from rare where user_id = 0");
      connection.setSchema("public");
      refused(statement::executeBatch, "SW105");
      connection.setSchema("archive");
      statement.addBatch("set search_path to public");
      statement.addBatch("delete from rare where user_id = 0");
      refused(statement::executeBatch, "SW105");
      for (String shard : SHARDS) {
        assertThat(cluster.count(shard, "select count(*) from public.rare")).isEqualTo(1);
      }
    }
  }

  @Test
  void areNotAskedForWhatABatchSetsForItself() throws SQLException {
    ShardRouter router = cluster.router();
    long key = TestCluster.keysOn(router, "s2", 6).get(5); // not one of those that are there
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.addBatch("begin");
      statement.addBatch("set local search_path to archive");
      statement.addBatch("insert into rare (user_id) values (" + key + ")");
      statement.addBatch("insert into past (user_id) values (" + key + ")");
      statement.addBatch("commit");
      assertThat(statement.executeBatch())
          .hasSize(5)
          .contains(1, atIndex(2))
          .contains(1, atIndex(3));
      for (String table : List.of("rare", "past")) {
        String count = "select count(*) from archive." + table + " where user_id = " + key;
        assertThat(cluster.count("s2", count)).isEqualTo(1);
        execute(connection, "delete from archive." + table + " where user_id = " + key);
      }
      statement.addBatch("set search_path to public");
      statement.addBatch("insert into past (user_id) values (" + key + ")");
      refused(statement::executeBatch, "SW102");
      statement.addBatch("set search_path to archive");
      statement.addBatch("insert into past (user_id) values (?)");
      refused(statement::executeBatch, "22023");
    }
  }

  @Test
  void mayBeReadOnlyWhereATransactionIsToldThatItIsNot() throws SQLException {
    cluster.execute("s1", "alter role " + cluster.app + " set default_transaction_read_only = on");
    ShardRouter router = cluster.router();
    long key = TestCluster.keyOn(router, "s1");
    String insert = "insert into archive.past (user_id) values (" + key + ")";
    String shown =
        "select current_setting('transaction_read_only') from users where user_id = " + key;
    cluster.execute("s1", "insert into users values (" + key + ", 'x')");
    try (Connection connection = router.dataSource().getConnection()) {
      connection.setReadOnly(false);
      execute(connection, "begin");
      refused(() -> execute(connection, insert), "25006");
      execute(connection, "rollback");
      execute(connection, "begin read write");
      execute(connection, insert);
      execute(connection, "rollback and chain");
      execute(connection, insert);
      execute(connection, "rollback");
      execute(connection, "begin");
      execute(connection, "set local lock_timeout = 1000");
      execute(connection, "set transaction read write");
      execute(connection, insert);
      execute(connection, "rollback");
      execute(connection, "begin");
      assertThat(text(connection, shown)).isEqualTo("on");
      execute(connection, "rollback");
      execute(connection, "set session characteristics as transaction read write");
      connection.setReadOnly(false);
      execute(connection, "begin");
      execute(connection, insert);
      execute(connection, "rollback");
      connection.setReadOnly(true);
      connection.setReadOnly(false);
      execute(connection, "begin");
      assertThat(text(connection, shown)).isEqualTo("on");
      execute(connection, "rollback");
    } finally {
      cluster.execute("s1", "delete from users");
    }
  }

  @Test
  void areReadAnewWhenTheyChange() throws SQLException {
    ShardRouter router =
        cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
    String count = "select count(*) from rare";
    assertThat(router.scatter(count, row -> row.getLong(1))).containsExactly(1L);
    cluster.execute("s1", "alter role " + cluster.app + " set search_path = archive, public");
    for (String shard : SHARDS) {
      cluster.endSessions(router, shard);
    }
    try (Connection before = router.dataSource().getConnection()) {
      for (String shard : SHARDS) {
        router.shard(shard).query("select 1", row -> row.getInt(1));
      }
      assertThatThrownBy(() -> number(before, count))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW106"))
          .hasMessageContaining("begin with the search_path [archive, public]")
          .hasMessageContaining("was read with [$user, public]");
    }
    try (Connection after = router.dataSource().getConnection()) {
      assertThat(number(after, count)).isEqualTo(5);
    }
  }

  @Test
  void areRefusedWhereShardsDiffer() throws SQLException {
    cluster.execute("s2", inDatabase("s2", "set search_path = archive, public"));
    ShardRouter router = cluster.router();
    try (Connection connection = router.dataSource().getConnection()) {
      String count = "select count(*) from users";
      assertThatThrownBy(() -> number(connection, count))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW106"))
          .hasMessageContaining("give the role the same on all shards");
      execute(connection, "set search_path = public");
      assertThat(number(connection, count)).isZero();
    }
  }

  @Test
  void sayWhetherATransactionKeepsItsSnapshot() throws SQLException {
    cluster.execute(
        "s1",
        "alter role " + cluster.app + " set default_transaction_isolation = 'repeatable read'");
    ShardRouter router = cluster.router();
    try (Connection connection = router.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      String began = "select transaction_timestamp()::text";
      assertThat(text(connection, began)).isEqualTo(text(connection, began));
      connection.rollback();
    }
  }

  @Test
  void mayNotHaveBackslashesInStrings() throws SQLException {
    cluster.execute("s1", "alter role " + cluster.app + " set standard_conforming_strings = off");
    ShardRouter router = cluster.router();
    assertThatThrownBy(() -> router.shard("s1").query("select 1", row -> row.getInt(1)))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageContaining("standard_conforming_strings is off")
        .hasMessageContaining("ALTER ROLE");
  }

  private static void refused(ThrowingCallable call, String state) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  private static String inDatabase(String shard, String what) {
    return "alter role %s in database %s %s".formatted(cluster.app, cluster.database(shard), what);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    return Long.parseLong(text(connection, sql));
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
