package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Splitter;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

class GuardIT {
  private static final List<String> SHARDS = List.of("s1", "s2");

  @ParameterizedTest
  @CsvSource({
    "HASH, BIGINT, bigint, 1|-1|0|9223372036854775807|-9223372036854775808|42|43|44",
    "HASH, INTEGER, integer, 1|-1|0|2147483647|-2147483648|42|43|44",
    "HASH, SMALLINT, smallint, 1|-1|0|32767|-32768|42|43|44",
    "HASH, TEXT, text, a|f|äöü|日本語|''quoted''|back\\slash",
    "HASH, TEXT, varchar(20), a|b|c|d|e|f|g|h",
    "HASH, UUID, uuid, 00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff"
        + "|123e4567-e89b-12d3-a456-426614174000|8c9d0e1f-0000-4000-8000-000000000001",
    "RANGE, BIGINT, bigint, 1|-1|0|9223372036854775807|-9223372036854775808|499|500|501",
    "RANGE, INTEGER, integer, 1|-1|0|499|500|501|2147483647|-2147483648",
    "RANGE, TIMESTAMPTZ, timestamptz, 2020-01-01T00:00:00Z|2030-01-01T00:00:00Z|infinity|-infinity"
  })
  void agreesWithTheTopologyForEveryTypeOfKeyUnderAnySearchPath(
      Strategy strategy, KeyType type, String sqlType, String keys) throws SQLException {
    String ddl = "create table public.t (k %s primary key, v int)".formatted(sqlType);
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.admin.createKeyspace(
          strategy == Strategy.HASH
              ? NewKeyspace.hash("ks", type)
              : NewKeyspace.range(
                  "ks",
                  type,
                  List.of(type == KeyType.TIMESTAMPTZ ? "2025-01-01T00:00:00Z" : "500")));
      cluster.admin.registerTable("ks", keyed("t", "k"));
      TokenFunction tokens = TokenFunctions.of(strategy, Optional.of(type));
      assertAgrees(cluster, tokens, keys);
      for (String shard : SHARDS) {
        HostileNames.add(cluster, shard);
      }
      assertAgrees(cluster, tokens, keys);
    }
  }

  private static void assertAgrees(TestCluster cluster, TokenFunction tokens, String keys)
      throws SQLException {
    Placement placement =
        cluster.admin.topology().keyspace("ks").orElseThrow().placement(Region.ALL);
    for (String text : Splitter.on('|').split(keys)) {
      String key = text.replace("''", "'");
      ShardId owner = placement.ownerOf(tokens.tokenOf(tokens.parse(key)));
      for (String shard : SHARDS) {
        String insert = "insert into t values ('%s', 1)".formatted(key.replace("'", "''"));
        if (shard.equals(owner.value())) {
          cluster.asApp(shard, insert);
          cluster.asApp(shard, "update t set v = v + 1");
          assertThat(cluster.query(shard, "select v from t")).containsExactly("2");
          cluster.asApp(shard, "delete from t");
          assertThat(cluster.query(shard, "select v from t")).isEmpty();
        } else {
          assertRefused(cluster, shard, insert);
        }
      }
    }
  }

  @Test
  void saysWhatARouterNeedsToKnow() throws SQLException {
    try (TestCluster cluster = ranged()) {
      assertThatThrownBy(() -> cluster.asApp("s1", "insert into t values (700, 1)"))
          .hasMessageContaining("this row of public.t does not belong on shard s1")
          .hasMessageContaining("\"shard\": \"s1\"")
          .hasMessageContaining("\"keyspace\": \"ks\"")
          .hasMessageContaining("\"table\": \"public.t\"")
          .hasMessageContaining("\"token\": 700")
          .hasMessageContaining("\"epoch\": ")
          .hasMessageContaining("Read the topology again");
    }
  }

  @Test
  void refusesUpdatesThatCarryARowAwayAndWorkOnLeftOvers() throws SQLException {
    try (TestCluster cluster = ranged()) {
      cluster.asApp("s1", "insert into t values (1, 1)");
      assertRefused(cluster, "s1", "update t set k = 700 where k = 1");
      cluster.asApp("s1", "update t set k = 2 where k = 1");

      leaveOver(cluster, "s1", 700);
      assertRefused(cluster, "s1", "update t set v = 2 where k = 700");
      assertRefused(cluster, "s1", "delete from t where k = 700");
      assertRefused(cluster, "s1", "update t set k = 3 where k = 700");
      assertThat(cluster.query("s1", "select k from t order by k")).containsExactly("2", "700");
    }
  }

  @Test
  void coversCopyUpsertMergeAndReplication() throws SQLException {
    try (TestCluster cluster = ranged()) {
      assertRefused(cluster, "s1", "insert into t select x, 1 from generate_series(498, 501) x");
      assertRefused(
          cluster,
          "s1",
          "insert into t values (1, 1) on conflict (k) do update set v = 2;"
              + " insert into t values (1, 1) on conflict (k) do update set k = 700");
      assertRefused(
          cluster,
          "s1",
          "merge into t using (values (700)) s (k) on t.k = s.k"
              + " when not matched then insert values (s.k, 1)");
      assertThatThrownBy(
              () ->
                  cluster.query(
                      "s1",
                      "set session_replication_role = replica; insert into t values (700, 1)"))
          .hasMessageContaining("does not belong on shard s1");
      try (Connection app = cluster.connect("s1", "app")) {
        CopyManager copy = app.unwrap(PGConnection.class).getCopyAPI();
        assertThatThrownBy(() -> copy.copyIn("copy t from stdin", new StringReader("700\t1\n")))
            .hasMessageContaining("does not belong on shard s1");
      }
      assertThat(cluster.query("s1", "select count(*) from t")).containsExactly("0");
    }
  }

  @Test
  void leavesNullKeysToTheConstraint() throws SQLException {
    try (TestCluster cluster = ranged()) {
      assertThatThrownBy(() -> cluster.asApp("s1", "insert into t values (null, 1)"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23502"));
    }
  }

  @Test
  void coversPartitionsNowAndLater() throws SQLException {
    String ddl =
        "create table public.t (k bigint, d int, primary key (k, d)) partition by list (d);"
            + " create table public.t1 partition of t for values in (1)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      cluster.admin.registerTable("ks", keyed("t", "k"));
      cluster.asAdmin("s1", "create table public.t2 partition of t for values in (2)");
      cluster.asAdmin(
          "s1",
          "create table public.t3 (k bigint, d int, primary key (k, d));"
              + " alter table t attach partition t3 for values in (3)");
      cluster.asAdmin("s1", "grant all on t1, t2, t3 to app");

      for (String table : List.of("t", "t1")) {
        assertRefused(cluster, "s1", "insert into %s values (700, 1)".formatted(table));
      }
      assertRefused(cluster, "s1", "insert into t2 values (700, 2)");
      assertRefused(cluster, "s1", "insert into t3 values (700, 3)");
      cluster.asApp("s1", "insert into t values (1, 1), (2, 2)");
      assertRefused(cluster, "s1", "update t set k = 700, d = 2 where k = 1");
      cluster.asApp("s1", "update t set d = 2 where k = 1");
      assertThat(
              cluster.query(
                  "s1",
                  "select tgrelid::regclass || ' ' || tgenabled::text from pg_trigger"
                      + " where tgname like 'zz_shardwright%' order by 1"))
          .containsExactly("t A", "t1 A", "t2 A", "t3 A");
    }
  }

  @Test
  void copesWithAnyName() throws SQLException {
    String schema = "Sch\"ema $shardwright$";
    String table = "T'able\\ " + "x".repeat(50);
    String quotedTable = "\"Sch\"\"ema $shardwright$\".\"" + table + "\"";
    String ddl =
        "create schema \"Sch\"\"ema $shardwright$\"; create table %s (\"Key \"\"K\" bigint primary key)"
            .formatted(quotedTable);
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      cluster.admin.registerTable(
          "ks",
          new ShardedTable(new TableName(schema, table), Optional.of("Key \"K"), Optional.empty()));
      cluster.asAdmin("s1", "insert into %s values (1)".formatted(quotedTable));
      assertThatThrownBy(
              () -> cluster.asAdmin("s1", "insert into %s values (700)".formatted(quotedTable)))
          .hasMessageContaining(table);
    }
  }

  @Test
  void keepsRowsInTheirRegion() throws SQLException {
    String ddl = "create table public.t (k bigint, region text, primary key (k, region))";
    try (TestCluster cluster = TestCluster.of("")) {
      for (String shard : List.of("eu-1", "us-1", "other")) {
        Region region = shard.equals("other") ? Region.DEFAULT : Region.of(shard.substring(0, 2));
        cluster.admin.addShard(cluster.database(shard, ddl).withRegion(region));
      }
      cluster.admin.createKeyspace(
          NewKeyspace.hash("ks", KeyType.BIGINT)
              .withRegions(List.of(Region.of("eu"), Region.of("us"))));
      cluster.admin.registerTable(
          "ks", new ShardedTable(TableName.of("t"), Optional.of("k"), Optional.of("region")));

      cluster.asApp("eu-1", "insert into t values (1, 'eu')");
      cluster.asApp("us-1", "insert into t values (1, 'us')");
      assertRefused(cluster, "eu-1", "insert into t values (1, 'us')");
      HostileNames.add(cluster, "eu-1");
      assertRefused(cluster, "eu-1", "insert into t values (1, 'us')");
      assertRefused(cluster, "eu-1", "update t set region = 'us'");
      assertRefused(cluster, "us-1", "insert into t values (2, 'default')");
      assertRefused(cluster, "other", "insert into t values (2, 'default')");
    }
  }

  @Test
  void keepsTablesOfASingleKeyspaceAtHome() throws SQLException {
    String ddl = "create table public.t (id int, v text)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.single("ks", ShardId.of("s2")));
      cluster.admin.registerTable(
          "ks", new ShardedTable(TableName.of("t"), Optional.empty(), Optional.empty()));
      cluster.asApp("s2", "insert into t values (1, 'x'); update t set v = 'y'; delete from t");
      assertRefused(cluster, "s1", "insert into t values (1, 'x')");
    }
  }

  @Test
  void worksForARoleThatMayOnlyTouchTheTable() throws SQLException {
    try (TestCluster cluster = ranged()) {
      cluster.asAdmin("s1", "revoke usage on schema shardwright from app");
      cluster.asApp("s1", "insert into t values (1, 1)");
      assertRefused(cluster, "s1", "insert into t values (700, 1)");
    }
  }

  /** Keys below 500 are on s1, the others on s2. */
  static TestCluster ranged() throws SQLException {
    TestCluster cluster =
        TestCluster.of("create table public.t (k bigint primary key, v int)", "s1", "s2");
    cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
    cluster.admin.registerTable("ks", keyed("t", "k"));
    return cluster;
  }

  /** A row that the guard would have refused. */
  static void leaveOver(TestCluster cluster, String shard, long key) throws SQLException {
    cluster.asAdmin(
        shard,
        "alter table t disable trigger zz_shardwright_guard; insert into t values (%d, 1);"
                .formatted(key)
            + " alter table t enable always trigger zz_shardwright_guard");
  }

  static ShardedTable keyed(String table, String column) {
    return new ShardedTable(TableName.of(table), Optional.of(column), Optional.empty());
  }

  static void assertRefused(TestCluster cluster, String shard, String sql) {
    assertThatThrownBy(() -> cluster.asApp(shard, sql))
        .as(sql)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.ROW_NOT_HERE));
  }
}
