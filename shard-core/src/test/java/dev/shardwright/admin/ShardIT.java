package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ShardIT {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");
  private static final String T = "create table public.t (k bigint primary key, v int)";

  @Test
  void setsUpAClusterOnce() throws SQLException {
    try (TestCluster cluster = new TestCluster()) {
      cluster.admin.init();
      assertThat(cluster.admin.topology().epoch().value()).isEqualTo(1);
      assertThatThrownBy(cluster.admin::init)
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("set up already, it is at epoch 1");
    }
  }

  @Test
  void addsAShardAgainWithoutAChange() throws SQLException {
    try (TestCluster cluster = TestCluster.of("")) {
      Shard shard = cluster.database("s1", T);
      AdminOutcome first = cluster.admin.addShard(shard);
      assertThat(cluster.admin.addShard(shard).epoch()).isEqualTo(first.epoch());
      assertThatThrownBy(() -> cluster.admin.addShard(shard.withWeight(7)))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("there is a shard s1 already, and it is another");
      assertThatThrownBy(() -> cluster.admin.addShard(Shard.of(S2, shard.primary())))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("is shard s1 already");
    }
  }

  /** Routers that were let in would find no rows, or those of an old backup, and no guards. */
  @Test
  void admitsNobodyToADatabaseThatIsNotTheKnownShardsAnyMore() throws SQLException {
    try (TestCluster cluster = TestCluster.of("", "s1")) {
      Shard shard = cluster.admin.topology().shard(S1).orElseThrow();
      cluster.asAdmin("s1", "drop schema shardwright cascade");
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("there is a shard s1 already")
          .hasMessageContaining("is not its database (it is no shard)")
          .hasMessageContaining("shard set-url")
          .hasMessageContaining("shard replace");
      assertThat(cluster.query("s1", "select to_regnamespace('shardwright')::text"))
          .containsOnlyNulls();
    }
  }

  @Test
  void refusesADatabaseOfAnotherCluster() throws SQLException {
    try (TestCluster cluster = TestCluster.of("", "s1");
        ClusterAdmin other =
            new ClusterAdmin(
                new InMemoryTopologyStore(),
                "other",
                TestCluster.CREDENTIALS,
                TestCluster.OPTIONS)) {
      other.init();
      Shard shard = Shard.of(S2, new Endpoint(cluster.url("s1"), "app"));
      assertThatThrownBy(() -> other.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("belongs to shard s1 of cluster test already")
          .hasMessageContaining("drop schema shardwright cascade");

      cluster.admin.removeShard(S1);
      other.addShard(shard);
      assertThat(cluster.query("s1", "select cluster || '/' || shard from shardwright.identity"))
          .containsExactly("other/s2");
    }
  }

  @Test
  void refusesASchemaThatItDidNotMake() throws SQLException {
    try (TestCluster cluster = TestCluster.of("")) {
      Shard shard = cluster.database("s1", "create schema shardwright");
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("rename it");
    }
  }

  @Test
  void namesEndpointAndUserButNoPasswordWhereItCannotLogIn() throws SQLException {
    try (TestCluster cluster = new TestCluster();
        ClusterAdmin wrong =
            new ClusterAdmin(
                cluster.store,
                "test",
                (shard, endpoint, role) ->
                    dev.shardwright.credentials.Credentials.of("admin", "not the secret"),
                TestCluster.OPTIONS)) {
      wrong.init();
      Shard shard = cluster.database("s1", "");
      assertThatThrownBy(() -> wrong.addShard(shard))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining(shard.primary().url())
          .hasMessageContaining("as admin")
          .hasMessageContaining("credentials provider")
          .hasMessageNotContaining("secret");
      assertThat(wrong.topology().shards()).isEmpty();
    }
  }

  @Test
  void saysWhichServerIsOutOfReach() throws SQLException {
    try (TestCluster cluster = TestCluster.of("")) {
      Shard shard = Shard.of(S1, new Endpoint("jdbc:postgresql://127.0.0.1:1/none", "app"));
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("shard s1 (jdbc:postgresql://127.0.0.1:1/none as admin)")
          .hasMessageContaining("is the server up");
    }
  }

  @Test
  void refusesTablesThatDifferLineByLine() throws SQLException {
    String model =
        "create table public.t (k bigint primary key, v int default 1, c text collate \"C\" not"
            + " null, check (v > 0)); create index t_v on public.t (v);"
            + " create table public.missing (k bigint primary key)";
    try (TestCluster cluster = TestCluster.of(model, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      cluster.admin.registerTable("ks", GuardIT.keyed("missing", "k"));
      Shard shard =
          cluster.database(
              "s2",
              "create table public.t (k bigint primary key, v bigint default 2, c text, extra int)");
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("public.missing is missing on shard s2")
          .hasMessageContaining(
              "column v: on shard s1: integer, default 1, position 2; on shard s2:")
          .hasMessageContaining("column c: on shard s1: text, not null, collation pg_catalog.\"C\"")
          .hasMessageContaining("column extra: on shard s1: missing; on shard s2: integer")
          .hasMessageContaining("constraint t_v_check: on shard s1: CHECK ((v > 0)); on shard s2:")
          .hasMessageContaining("index t_v: on shard s1: CREATE INDEX t_v ON public.t");
      assertThat(cluster.admin.topology().shards()).containsOnlyKeys(S1);
    }
  }

  @Test
  void takesTablesOverWithAllThatBelongsToThem() throws SQLException {
    String model =
        "create table public.parent (k bigint, id bigserial, primary key (k, id));"
            + " create schema sales; grant usage on schema sales to app;"
            + " create table sales.\"Order\" (k bigint, id bigint generated always as identity"
            + " (start 100 increment 5), parent bigint, n numeric(10, 2) default 1.5 not null,"
            + " c varchar(7) collate \"C\", g text generated always as (c || '!') stored,"
            + " primary key (k, id), unique (k, c), check (n > 0),"
            + " foreign key (k, parent) references public.parent);"
            + " create index order_n on sales.\"Order\" (n desc) where n > 1;"
            + " grant select, insert on sales.\"Order\" to app";
    try (TestCluster cluster = TestCluster.of(model, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      cluster.admin.registerTable("ks", GuardIT.keyed("sales.Order", "k"));
      cluster.admin.registerTable("ks", GuardIT.keyed("parent", "k"));

      cluster.admin.addShard(cluster.database("s2", ""), TableDefinitions.TAKE_OVER);

      GuardIT.assertRefused(cluster, "s2", "insert into parent (k) values (700)");
      cluster.admin.layOut("ks");
      cluster.asApp("s2", "insert into parent (k, id) values (700, 1)");
      cluster.asApp("s2", "insert into sales.\"Order\" (k, parent, c) values (700, 1, 'x')");
      assertThat(cluster.query("s2", "select id || g from sales.\"Order\""))
          .containsExactly("100x!");
      assertThatThrownBy(() -> cluster.asApp("s2", "delete from sales.\"Order\""))
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void refusesByNameWhatItCannotTakeOver() throws SQLException {
    String model =
        "create type public.mood as enum ('good', 'bad');"
            + " create table public.t (k bigint primary key, m public.mood);"
            + " create function public.f() returns trigger language plpgsql as"
            + " 'begin return new; end';"
            + " create trigger mine before insert on public.t for each row execute function"
            + " public.f(); alter table public.t enable row level security";
    try (TestCluster cluster = TestCluster.of(model, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      Shard shard = cluster.database("s2", "");
      assertThatThrownBy(() -> cluster.admin.addShard(shard, TableDefinitions.TAKE_OVER))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("table public.t cannot be taken over")
          .hasMessageContaining("row security")
          .hasMessageContaining("trigger mine")
          .hasMessageContaining("column m has type public.mood")
          .hasMessageContaining("pg_dump");
    }
  }

  @Test
  void takesPropertiesOverAndRefusesGrantsToOthers() throws SQLException {
    String model =
        "create table public.t (k bigint primary key, v text not null)"
            + " with (fillfactor = 70, toast.autovacuum_enabled = false);"
            + " create unique index \"T v\" on public.t (k, v);"
            + " alter table public.t replica identity using index \"T v\";"
            + " create table public.u (k bigint primary key); alter table public.u replica identity"
            + " full; create table public.w (k bigint primary key, v int not null);"
            + " create unique index w_v on public.w (k, v);"
            + " alter table public.w replica identity using index w_v; drop index public.w_v";
    try (TestCluster cluster = TestCluster.of(model, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      cluster.admin.registerTable("ks", GuardIT.keyed("u", "k"));
      cluster.admin.registerTable("ks", GuardIT.keyed("w", "k"));
      cluster.admin.addShard(cluster.database("s2", ""), TableDefinitions.TAKE_OVER);
      String properties =
          "select r.relreplident::text || coalesce(r.reloptions, '{}')::text ||"
              + " coalesce(t.reloptions, '{}')::text from pg_class r left join pg_class t"
              + " on t.oid = r.reltoastrelid where r.relname in ('t', 'u', 'w') order by r.relname";
      assertThat(cluster.query("s2", properties))
          .containsExactly("i{fillfactor=70}{autovacuum_enabled=false}", "f{}{}", "n{}{}");

      cluster.asAdmin("s1", "grant select on t to pg_monitor; grant update (v) on t to app");
      cluster.asAdmin("s1", "grant select on u to public");
      Shard third = cluster.database("s3", "");
      assertThatThrownBy(() -> cluster.admin.addShard(third, TableDefinitions.TAKE_OVER))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("column v has grants of its own, it has grants to pg_monitor;");
      cluster.asAdmin("s1", "revoke select on t from pg_monitor; revoke update (v) on t from app");
      assertThatThrownBy(() -> cluster.admin.addShard(third, TableDefinitions.TAKE_OVER))
          .hasMessageContaining("table public.u cannot be taken over: it has grants to public;");
      cluster.asAdmin("s1", "revoke select on u from public");
      cluster.admin.addShard(third, TableDefinitions.TAKE_OVER);
    }
  }

  @Test
  void refusesANewShardThatBringsRowsAlong() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      Shard shard = cluster.database("s2", T + "; insert into public.t values (3, 1), (4, 1)");
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("2 rows of public.t on shard s2, one with key '3'");
      cluster.asAdmin("s2", "delete from t");
      cluster.admin.addShard(shard);
      GuardIT.assertRefused(cluster, "s2", "insert into t values (3, 1)");
    }
  }

  @Test
  void copiesReferenceTablesToANewShard() throws SQLException {
    String ddl =
        "create table public.airports (id int primary key, name text, up text generated always as"
            + " (upper(name)) stored, pos point)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.asApp(
          "s2",
          "insert into airports (id, name, pos) select x, 'näme ' || x, point(x, 0.1) from"
              + " generate_series(1, 2000) x");
      cluster.admin.registerReferenceTable(TableName.of("airports"));
      cluster.admin.addShard(cluster.database("s3", ""), TableDefinitions.TAKE_OVER);

      String content = "select md5(string_agg(a::text, ',' order by id)) from airports a";
      assertThat(cluster.query("s1", content))
          .isEqualTo(cluster.query("s2", content))
          .isEqualTo(cluster.query("s3", content));
      assertThat(cluster.admin.topology().referenceTables())
          .containsExactly(TableName.of("airports"));
    }
  }

  @Test
  void refusesReferenceTablesThatDiffer() throws SQLException {
    String ddl = "create table public.r (id int primary key)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.asApp("s1", "insert into r values (1)");
      cluster.asApp("s2", "insert into r values (2)");
      assertThatThrownBy(() -> cluster.admin.registerReferenceTable(TableName.of("r")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("reference table public.r differs")
          .hasMessageContaining("1 rows on shard s1, 1 rows on shard s2");
      cluster.asApp("s2", "delete from r");
      cluster.admin.registerReferenceTable(TableName.of("r"));

      Shard shard = cluster.database("s3", ddl + "; insert into r values (9)");
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("rows of reference table public.r on shard s3 differ");
      assertThat(cluster.admin.topology().shards()).containsOnlyKeys(S1, S2);
    }
  }

  @Test
  void waitsForALockOnlySoLong() throws SQLException {
    String ddl = "create table public.r (id int primary key)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1");
        ClusterAdmin impatient = cluster.impatientAdmin();
        Connection writer = cluster.connect("s1", "app")) {
      cluster.admin.registerReferenceTable(TableName.of("r"));
      writer.setAutoCommit(false);
      writer.createStatement().execute("insert into r values (1)");
      Shard shard = cluster.database("s2", ddl);
      long before = System.nanoTime();
      assertThatThrownBy(() -> impatient.addShard(shard))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("no lock within 500 ms")
          .hasMessageContaining("copying reference tables");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
      writer.rollback();
    }
  }

  @Test
  void removesOnlyAShardThatOwnsNothing() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
      assertThatThrownBy(() -> cluster.admin.removeShard(S2))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("still owns tokens of [ks]")
          .hasMessageContaining("drain it");

      cluster.admin.drainShard(S2);
      cluster.admin.layOut("ks");
      cluster.admin.removeShard(S2);
      assertThat(cluster.admin.topology().shards()).containsOnlyKeys(S1);
      GuardIT.assertRefused(cluster, "s2", "insert into t values (1, 1)");
      assertThatThrownBy(() -> cluster.admin.removeShard(S2))
          .hasMessageContaining("there is no shard s2; the cluster has [s1]");

      cluster.admin.addShard(Shard.of(S2, new Endpoint(cluster.url("s2"), "app")));
      cluster.admin.layOut("ks");
      assertThat(
              cluster.admin.topology().keyspace("ks").orElseThrow().placement(Region.ALL).owners())
          .containsExactly(S1, S2);
    }
  }

  /** In its window, or in its clean-up. */
  @Test
  void keepsAShardThatGaveAllItHadUntilItsMigrationsAreCleanedUp() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      Topology moving = cluster.beginMove(3, "ks", "s2", "s1");
      assertThatThrownBy(() -> cluster.admin.removeShard(S2))
          .hasMessageContaining("still owns tokens of [ks]");
      RangeMove held = moving.move(3).orElseThrow().hold();
      cluster.store.compareAndSet(moving.next().withMove(held));
      cluster.store.compareAndSet(cluster.store.read().next().withOwnerOf(held.commit()));
      assertThatThrownBy(() -> cluster.admin.removeShard(S2))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("takes part in migrations [3] until they are cleaned up")
          .hasMessageContaining("shard-admin migration watch");
      cluster.store.compareAndSet(cluster.store.read().next().withoutMove(3));
      cluster.admin.removeShard(S2);
    }
  }

  @Test
  void keepsTheHomeOfASingleKeyspace() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      cluster.admin.createKeyspace(NewKeyspace.single("plain", S1));
      assertThatThrownBy(() -> cluster.admin.removeShard(S1))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("[plain]");
      cluster.admin.dropKeyspace("plain");
      cluster.admin.removeShard(S1);
    }
  }

  @Test
  void weighsAndDrains() throws SQLException {
    try (TestCluster cluster = TestCluster.of("", "s1")) {
      cluster.admin.setWeight(S1, 250);
      cluster.admin.drainShard(S1);
      AdminOutcome again = cluster.admin.drainShard(S1);
      Shard shard = cluster.admin.topology().shard(S1).orElseThrow();
      assertThat(shard.weight()).isEqualTo(250);
      assertThat(shard.state()).isEqualTo(ShardState.DRAINING);
      assertThat(again.epoch()).isEqualTo(cluster.admin.topology().epoch());
      assertThatThrownBy(() -> cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT)))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("no shard is active");
      cluster.admin.activateShard(S1);
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      assertThatThrownBy(() -> cluster.admin.setWeight(ShardId.of("nine"), 1))
          .hasMessageContaining("there is no shard nine; the cluster has [s1]");
      assertThatThrownBy(() -> cluster.admin.setWeight(S1, 0))
          .hasMessageContaining("weight 0 of shard s1");
    }
  }

  @Test
  void aSingleKeyspaceWithRegionsCannotBeMadeAndBlocksNoShard() throws SQLException {
    List<Region> regions = List.of(Region.of("default"));
    NewKeyspace single = NewKeyspace.single("plain", S1);
    assertThatThrownBy(() -> single.withRegions(regions))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("with strategy SINGLE all its tables are on one shard");
    try (TestCluster cluster = TestCluster.of("", "s1")) {
      Topology topology = cluster.admin.topology();
      Placement home = Placement.of(RangeRing.ownedBy(S1));
      cluster.store.compareAndSet(
          topology
              .next()
              .withKeyspace(
                  new KeyspaceTopology(
                      "plain",
                      Strategy.SINGLE,
                      Optional.empty(),
                      64,
                      new TreeSet<>(regions),
                      new TreeMap<>(),
                      new TreeMap<>(Map.of(regions.get(0), home)))));
      cluster.admin.addShard(cluster.database("s2", ""));
    }
  }

  @Test
  void movesThePrimaryOfAShardOnlyToItsOwnDatabase() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1", "s2")) {
      Shard other = cluster.database("s3", T);
      String url = cluster.url("s1") + "?tcpKeepAlive=true";
      assertThatThrownBy(() -> cluster.admin.setPrimary(S1, other.primary()))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("is not the database of shard s1 of cluster test (it is no shard)");
      assertThatThrownBy(() -> cluster.admin.setPrimary(S1, new Endpoint(cluster.url("s2"), "app")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("is shard s2 already");
      AdminOutcome moved = cluster.admin.setPrimary(S1, new Endpoint(url, "app"));
      assertThat(cluster.admin.topology().shard(S1).orElseThrow().primary().url()).isEqualTo(url);
      assertThat(cluster.admin.setPrimary(S1, new Endpoint(url, "app"))).isEqualTo(moved);
    }
  }

  @Test
  void givesAShardThatOwnsNothingAnEmptyDatabase() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      ShardId s2 = ShardId.of("s2");
      cluster.asAdmin("s1", "create table small (id bigint primary key)");
      cluster.asAdmin("s1", "insert into small values (7)");
      cluster.admin.createKeyspace(NewKeyspace.hash("ks", KeyType.BIGINT));
      cluster.admin.registerTable("ks", ShardedTable.of(TableName.of("t"), "k"));
      cluster.admin.registerReferenceTable(TableName.of("small"));
      cluster.admin.addShard(cluster.database("s2", ""), TableDefinitions.TAKE_OVER);
      Endpoint other = cluster.database("s3", T).primary();
      assertThatThrownBy(() -> replace(cluster, S1, other))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("shard s1 owns tokens of [ks]");
      assertThatThrownBy(() -> replace(cluster, s2, new Endpoint(cluster.url("s1"), "app")))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("is shard s1 already");
      cluster.asAdmin("s3", "insert into t values (5, 0)");
      assertThatThrownBy(() -> replace(cluster, s2, other))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("a new shard owns nothing yet, but there are");
      cluster.asAdmin("s3", "delete from t");
      replace(cluster, s2, other);
      assertThat(cluster.admin.topology().shard(s2).orElseThrow().primary()).isEqualTo(other);
      assertThat(cluster.query("s3", "select id from small")).containsExactly("7");
      assertThatThrownBy(() -> cluster.asApp("s3", "insert into t values (5, 0)"))
          .hasMessageContaining("s2");
      replace(cluster, s2, other);
      cluster.asAdmin("s3", "alter table t disable trigger user");
      cluster.asAdmin("s3", "insert into t values (5, 0)");
      assertThatThrownBy(() -> replace(cluster, s2, other))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("a new shard owns nothing yet, but there are");
    }
  }

  /** At the address of the lost one, where routers look for it all the time. */
  @Test
  void admitsNobodyToAnEmptyDatabaseBeforeItHasWhatItNeeds() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      ShardId s2 = ShardId.of("s2");
      cluster.asAdmin("s1", "create table small (id bigint primary key)");
      cluster.asAdmin("s1", "insert into small values (7)");
      cluster.admin.registerReferenceTable(TableName.of("small"));
      Shard there = cluster.database("s2", "");
      cluster.admin.addShard(there, TableDefinitions.TAKE_OVER);
      cluster.asAdmin("s2", "drop schema shardwright cascade; delete from small");
      cluster.asAdmin("s2", "insert into small values (8)");
      long before = cluster.admin.topology().epoch().value();
      assertThatThrownBy(() -> replace(cluster, s2, there.primary()))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("small on shard s2 differ");
      assertThatThrownBy(() -> enter(cluster, before)).hasMessageContaining("permission denied");
      cluster.asAdmin("s2", "delete from small");
      replace(cluster, s2, there.primary());
      assertThat(cluster.query("s2", "select id from small")).containsExactly("7");
      assertThatThrownBy(() -> enter(cluster, before - 1)).hasMessageContaining("admits epoch");
      enter(cluster, before);
    }
  }

  private static void enter(TestCluster cluster, long epoch) throws SQLException {
    cluster.asApp("s2", "select shardwright.enter(7, " + epoch + ")");
  }

  private static AdminOutcome replace(TestCluster cluster, ShardId shard, Endpoint primary) {
    return cluster.admin.replaceDatabase(shard, primary, TableDefinitions.TAKE_OVER);
  }

  @Test
  void changesReplicasAndAPromotedOneIsNoneAnyMore() throws SQLException {
    try (TestCluster cluster = TestCluster.of(T, "s1")) {
      Endpoint promoted = new Endpoint(cluster.url("s1") + "?tcpKeepAlive=true", "app");
      Endpoint other = new Endpoint("jdbc:postgresql://replica/x", "app");
      cluster.admin.setReplicas(S1, List.of(promoted, other));
      assertThat(cluster.admin.topology().shard(S1).orElseThrow().replicas())
          .containsExactly(promoted, other);
      Endpoint old = cluster.admin.topology().shard(S1).orElseThrow().primary();
      assertThatThrownBy(() -> cluster.admin.setReplicas(S1, List.of(other, old)))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("is the primary of shard s1");
      cluster.admin.setPrimary(S1, promoted);
      assertThat(cluster.admin.topology().shard(S1).orElseThrow().replicas())
          .containsExactly(other);
      AdminOutcome none = cluster.admin.setReplicas(S1, List.of());
      assertThat(cluster.admin.topology().shard(S1).orElseThrow().replicas()).isEmpty();
      assertThat(cluster.admin.setReplicas(S1, List.of())).isEqualTo(none);
    }
  }
}
