package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.KeyType;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.ShardingKey;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of several regions through JDBC, by connections with the property region and without. */
class RegionsIT {
  private static final List<String> SHARDS = List.of("e1", "e2", "u1");

  private static TestCluster cluster;
  private static DataSource plain;
  private static DataSource european;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.empty();
    Region eu = Region.of("eu");
    Region us = Region.of("us");
    cluster.addShard("e1", eu);
    cluster.addShard("e2", eu);
    cluster.addShard("u1", us);
    for (String shard : SHARDS) {
      cluster.execute(
          shard,
          """
          create table guests (region text, id bigint, name text, primary key (region, id));
          grant all on guests to %s
          """
              .formatted(cluster.app));
    }
    cluster.admin.createKeyspace(
        NewKeyspace.hash("hotel", KeyType.BIGINT).withRegions(List.of(eu, us)));
    cluster.admin.registerTable(
        "hotel",
        new ShardedTable(TableName.of("guests"), Optional.of("id"), Optional.of("region")));
    plain = source("");
    european = source("&region=eu");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void fill() throws SQLException {
    for (String shard : SHARDS) {
      cluster.execute(shard, "delete from guests");
    }
    execute(
        european,
        "insert into guests (region, id, name) values ('us', 1, 'Ann'), ('eu', 1, 'Anne'), ('eu',"
            + " 2, 'Jo'), ('us', 3, 'Sam')");
  }

  @Test
  void areWhereTheirRowsSay() throws SQLException {
    assertThat(cluster.count("u1", "select count(*) from guests where region = 'us'")).isEqualTo(2);
    assertThat(cluster.count("u1", "select count(*) from guests")).isEqualTo(2);
    execute(european, "insert into guests (region, id, name) values ('us', 4, 'Kim')");
    execute(plain, "insert into guests (region, id, name) values ('eu', 5, 'Uwe')");
    assertThat(cluster.count("u1", "select count(*) from guests")).isEqualTo(3);
    refused(() -> execute(european, "insert into guests (id) values (6)"), "SW103", "region");
  }

  @Test
  void areAllFoundUnlessTheStatementNamesOne() throws SQLException {
    for (DataSource source : List.of(plain, european)) {
      assertThat(text(source, "select count(*) from guests")).isEqualTo("4");
      assertThat(text(source, "select count(*) from guests where id = 1")).isEqualTo("2");
      assertThat(text(source, "select name from guests where id = 3")).isEqualTo("Sam");
      assertThat(text(source, "select name from guests where region = 'us' and id = 1"))
          .isEqualTo("Ann");
      assertThat(text(source, "select count(*) from guests where region = 'eu'")).isEqualTo("2");
    }
    execute(european, "update guests set name = 'Sammy' where region = 'us' and id = 3");
    assertThat(text(plain, "select name from guests where id = 3")).isEqualTo("Sammy");
    refused(
        () -> execute(european, "update guests set name = 'x' where id = 1"),
        "SW105",
        "multiShardWrites");
    assertThat(text(plain, "explain select * from guests where region = 'us'"))
        .doesNotContain("e1", "e2");
  }

  @Test
  void areToldApartByConnectionsThatAreBoundToAKey() throws SQLException {
    String us = cluster.database("u1");
    assertThat(bound(european, null)).isNotEqualTo(us);
    assertThat(bound(european, "us")).isEqualTo(us);
    assertThat(bound(plain, "us")).isEqualTo(us);
    assertThat(bound(plain, "eu")).isEqualTo(bound(european, null));
    refused(() -> bound(plain, null), "SW203", "region");
    refused(() -> bound(plain, "asia"), "SW203", "asia");
  }

  /** The database that a connection for key 1 goes to. */
  private static String bound(DataSource source, @Nullable String region) throws SQLException {
    var builder =
        source
            .createConnectionBuilder()
            .shardingKey(source.createShardingKeyBuilder().subkey(1L, JDBCType.BIGINT).build());
    if (region != null) {
      ShardingKey superKey =
          source.createShardingKeyBuilder().subkey(region, JDBCType.VARCHAR).build();
      builder.superShardingKey(superKey);
    }
    try (Connection connection = builder.build();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select current_database()")) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static DataSource source(String properties) throws SQLException {
    return new ShardwrightDataSource(
        "jdbc:shardwright://%s/%s?user=%s&password=%s%s"
            .formatted(
                ZooKeeperServer.shared().connectString(),
                cluster.name,
                cluster.app,
                TestCluster.APP_PASSWORD,
                properties));
  }

  private static void execute(DataSource source, String sql) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows' first column. */
  private static String text(DataSource source, String sql) throws SQLException {
    StringBuilder text = new StringBuilder();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        text.append(rows.getString(1));
      }
    }
    return text.toString();
  }

  private static void refused(ThrowingCallable call, String state, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
        .hasMessageContaining(message);
  }
}
