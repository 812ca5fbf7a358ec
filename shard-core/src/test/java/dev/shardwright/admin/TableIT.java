package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.KeyType;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableIT {
  private static final String T = "create table public.t (k bigint primary key, v int)";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create table t (k bigint, id int primary key) | primary key [id] does not contain the sharding key k",
        "create table t (k bigint) | it has no primary key",
        "create table t (k integer primary key) | column k has type integer, the sharding key of keyspace ks has type bigint",
        "create table t (x bigint primary key) | it has no column k; its columns are [x]",
        "create table t (k bigint generated always as (v + 1) stored, v bigint, primary key (k)) | column k is generated",
        "create unlogged table t (k bigint primary key) | unlogged or temporary",
        "create view t as select 1::bigint as k | only tables and partitioned tables",
        "create table u (k bigint primary key) partition by range (k); create table t partition of u default | register the partitioned table",
        "create table t (k bigint primary key); create table u () inherits (t) | other tables inherit from it",
        "create table t (k bigint primary key); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger zzz before insert on t for each row execute function f() | triggers zzz would fire after the ownership guard",
        "create table u (k bigint primary key) | table public.t does not exist on shard s1"
      })
  void refusesTablesThatCannotBeSharded(String ddl, String message) throws SQLException {
    try (TestCluster cluster = TestCluster.of(ddl, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      assertThatThrownBy(() -> cluster.admin.registerTable("ks", GuardIT.keyed("t", "k")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining(message);
    }
  }

  @Test
  void refusesTextThatIsEqualToOtherText() throws SQLException {
    String ddl =
        "create collation public.lax (provider = icu, locale = 'und-u-ks-level2',"
            + " deterministic = false); create table t (k text collate public.lax primary key)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.TEXT));
      assertThatThrownBy(() -> cluster.admin.registerTable("ks", GuardIT.keyed("t", "k")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("nondeterministic collation");
    }
  }

  @Test
  void refusesATableThatIsElsewhereAlready() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.createKeyspace(NewKeyspace.hash("other", KeyType.BIGINT));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      assertThatThrownBy(() -> cluster.admin.registerTable("other", GuardIT.keyed("t", "k")))
          .hasMessageContaining("registered in keyspace ks with key column k: unregister it first");
      assertThatThrownBy(() -> cluster.admin.registerReferenceTable(TableName.of("t")))
          .hasMessageContaining("registered in keyspace ks");
      assertThatThrownBy(() -> cluster.admin.registerTable("none", GuardIT.keyed("t", "k")))
          .hasMessageContaining("there is no keyspace none; the cluster has [ks, other]");
      assertThatThrownBy(() -> cluster.admin.dropKeyspace("ks"))
          .hasMessageContaining("has tables [public.t]: unregister them first");
    }
  }

  @Test
  void registersAnExistingTableWithItsRowsWhereTheyAreAtHome() throws SQLException {
    String ddl = T + "; insert into public.t select x, 1 from generate_series(1, 1000) x";
    try (TestCluster cluster = TestCluster.of(ddl, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      cluster.asApp("s1", "update t set v = v + 1");
    }
  }

  @Test
  void refusesRowsOnTheWrongShardAndLeavesNothingBehind() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2")) {
      cluster.asApp("s2", "insert into t values (1, 1), (700, 1), (2, 1)");
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      assertThatThrownBy(() -> cluster.admin.registerTable("ks", GuardIT.keyed("t", "k")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("2 rows of public.t on shard s2, one with key '1'")
          .hasMessageContaining("move them to the shards that own them");
      for (String shard : List.of("s1", "s2")) {
        assertThat(cluster.query(shard, "select table_name from shardwright.guard")).isEmpty();
      }
      assertThat(cluster.admin.topology().keyspace("ks").orElseThrow().tables()).isEmpty();
    }
  }

  @Test
  void keepsOutTheRowThatWouldSlipInBeforeTheGuard() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2");
        ClusterAdmin impatient = cluster.impatientAdmin();
        Connection writer = cluster.connect("s2", "app")) {
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      writer.setAutoCommit(false);
      writer.createStatement().execute("insert into t values (1, 1)");
      assertThatThrownBy(() -> impatient.registerTable("ks", GuardIT.keyed("t", "k")))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("no lock within 500 ms")
          .hasMessageContaining("guarding table public.t");
      writer.commit();
      assertThatThrownBy(() -> cluster.admin.registerTable("ks", GuardIT.keyed("t", "k")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("1 rows of public.t on shard s2");
    }
  }

  @Test
  void forgetsATableWhoseRegistrationBroke() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2");
        ClusterAdmin impatient = cluster.impatientAdmin();
        Connection writer = cluster.connect("s2", "app")) {
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      writer.setAutoCommit(false);
      writer.createStatement().execute("insert into t values (1, 1)");
      assertThatThrownBy(() -> impatient.registerTable("ks", GuardIT.keyed("t", "k")))
          .isInstanceOf(ChangeFailed.class);
      writer.commit();
      String guards = "select table_name from shardwright.guard";
      assertThat(cluster.query("s1", guards)).containsExactly("t");
      cluster.admin.unregisterTable(TableName.of("t"));
      assertThat(cluster.query("s1", guards)).isEmpty();
      cluster.asApp("s1", "insert into t values (700, 1)");
    }
  }

  @Test
  void refusesToChangeTheTablesOfAKeyspaceWhileItsRangesMove() throws SQLException {
    String two = T + "; create table public.u (k bigint primary key)";
    try (TestCluster cluster = TestCluster.of(two, "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      cluster.admin.createKeyspace(NewKeyspace.range("other", KeyType.BIGINT, List.of("500")));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      cluster.asApp("s1", "insert into u values (7)");
      Topology moving = cluster.beginMove(3, "ks", "s1", "s2");

      String refusal =
          "ranges of keyspace ks move, and its tables with them: wait for migrations [3]";
      assertThatThrownBy(() -> cluster.admin.registerTable("ks", GuardIT.keyed("u", "k")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining(refusal);
      assertThatThrownBy(() -> cluster.admin.unregisterTable(TableName.of("t")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining(refusal);
      assertThat(cluster.admin.topology()).isEqualTo(moving);
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      cluster.admin.registerTable("other", GuardIT.keyed("u", "k"));
      cluster.admin.unregisterTable(TableName.of("u"));

      cluster.store.compareAndSet(cluster.admin.topology().next().withoutMove(3));
      cluster.admin.registerTable("ks", GuardIT.keyed("u", "k"));
      cluster.admin.unregisterTable(TableName.of("t"));
    }
  }

  @Test
  void registersOnceAndForgetsWithoutTrace() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      AdminOutcome first = cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      AdminOutcome again = cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      assertThat(again.epoch()).isEqualTo(first.epoch());
      assertThat(again.advice()).containsExactly("table public.t was registered already");

      cluster.admin.unregisterTable(TableName.of("t"));
      cluster.admin.unregisterTable(TableName.of("t"));
      assertThat(cluster.query("s1", "select tgname from pg_trigger where not tgisinternal"))
          .isEmpty();
      assertThat(cluster.query("s1", "select proname from pg_proc where proname like 'guard_%'"))
          .isEmpty();
      cluster.admin.dropKeyspace("ks");
      assertThat(cluster.admin.topology().keyspaces()).isEmpty();
    }
  }

  @Test
  void advisesIndexesUntilTheyAreThere() throws SQLException {
    String ddl = "create table public.t (k bigint, id int unique, primary key (k, id))";
    try (TestCluster cluster = TestCluster.of(ddl, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      List<String> advice = cluster.admin.registerTable("ks", GuardIT.keyed("t", "k")).advice();
      assertThat(advice).hasSize(2);
      assertThat(advice.get(0)).contains("unique index public.t_id_key").contains("not across");
      cluster.admin.unregisterTable(TableName.of("t"));

      String index = advice.get(1).substring(advice.get(1).indexOf("create index"));
      cluster.asAdmin("s1", index);
      assertThat(cluster.admin.registerTable("ks", GuardIT.keyed("t", "k")).advice()).hasSize(1);
    }
  }

  @Test
  void advisesTheIndexThatMovesUse() throws SQLException {
    String ddl =
        """
        create table public.t (k bigint, id int, primary key (k, id));
        create index on public.t (hashint8extended(k, 0));
        create table public.p (k bigint, n int, primary key (n, k)) partition by range (n);
        create table public.p_1 partition of public.p for values from (minvalue) to (5);
        create table public.p_2 partition of public.p default;
        """;
    try (TestCluster cluster = TestCluster.of(ddl, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      assertThat(cluster.admin.registerTable("ks", GuardIT.keyed("t", "k")).advice())
          .singleElement()
          .asString()
          .endsWith(
              "create index concurrently on public.t ((pg_catalog.hashint8extended(\"k\", 0)), \"k\", \"id\")");
      List<String> advice = cluster.admin.registerTable("ks", GuardIT.keyed("p", "k")).advice();
      assertThat(advice).hasSize(1);
      cluster.admin.unregisterTable(TableName.of("p"));

      String indexes = advice.get(0).substring(advice.get(0).indexOf("create index"));
      for (String index : indexes.split("; ", -1)) {
        cluster.asAdmin("s1", index);
      }
      assertThat(cluster.admin.registerTable("ks", GuardIT.keyed("p", "k")).advice()).isEmpty();
    }
  }

  @Test
  void needsARegionColumnWhereThereAreRegions() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      assertThatThrownBy(
              () ->
                  cluster.admin.registerTable(
                      "ks",
                      new ShardedTable(TableName.of("t"), Optional.of("k"), Optional.of("v"))))
          .hasMessageContaining("a region column belongs to tables of keyspaces with regions");
    }
  }
}
