package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is copied to a new shard with the rows of reference tables, and in which order. */
class ReferenceTableIT {
  private static final ShardId S1 = ShardId.of("s1");

  @Test
  void fillsTablesAfterThoseTheyReferTo() throws SQLException {
    String ddl =
        "create table public.c (id int primary key, parent int references c);"
            + " create table public.b (id int primary key, c int references c);"
            + " create table public.a (id int primary key, b int references b, c int references c)";
    String rows =
        "insert into c values (1, 3), (2, 1), (3, null); insert into b values (1, 2);"
            + " insert into a values (1, 1, 3)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1")) {
      cluster.asAdmin("s1", rows);
      register(cluster, "c", "b", "a");
      cluster.admin.addShard(cluster.database("s2", ""), TableDefinitions.TAKE_OVER);
      assertThat(cluster.query("s2", "select b + c from a")).containsExactly("4");
    }
  }

  /** Each of the two tables refers to the other. */
  @ParameterizedTest
  @ValueSource(strings = {"deferrable", "deferrable initially deferred"})
  void fillsACircleThatADeferrableKeyOpens(String deferrable) throws SQLException {
    try (TestCluster cluster = TestCluster.of(circle(deferrable), "s1")) {
      cluster.asAdmin("s1", ROWS_OF_CIRCLE);
      register(cluster, "a", "b");
      cluster.admin.addShard(cluster.database("s2", ""), TableDefinitions.TAKE_OVER);
      assertThat(cluster.query("s2", "select a.b || '/' || b.a from a, b")).containsExactly("1/1");
    }
  }

  @Test
  void refusesACircleByName() throws SQLException {
    try (TestCluster cluster = TestCluster.of(circle(""), "s1")) {
      cluster.asAdmin("s1", ROWS_OF_CIRCLE);
      register(cluster, "a", "b");
      Shard shard = cluster.database("s2", circle(""));
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("a_b_fkey of public.a, b_a_fkey of public.b")
          .hasMessageContaining(
              "alter table \"public\".\"a\" alter constraint \"a_b_fkey\" deferrable");
      assertThat(cluster.admin.topology().shards()).containsOnlyKeys(S1);

      for (String each : List.of("s1", "s2")) {
        cluster.asAdmin(each, "alter table public.a alter constraint a_b_fkey deferrable");
      }
      cluster.admin.addShard(shard);
      assertThat(cluster.query("s2", "select a.b || '/' || b.a from a, b")).containsExactly("1/1");
    }
  }

  private static final String ROWS_OF_CIRCLE =
      "insert into a values (1, null); insert into b values (1, 1); update a set b = 1";

  private static String circle(String deferrable) {
    return ("create table public.a (id int primary key, b int);"
            + " create table public.b (id int primary key, a int references a);"
            + " alter table a add foreign key (b) references b %s")
        .formatted(deferrable);
  }

  @Test
  void saysThatTheTableReferredToComesFirst() throws SQLException {
    String ddl =
        "create table public.a (id int primary key);"
            + " create table public.b (id int primary key, a int references a)";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.asAdmin("s1", "insert into a values (1); insert into b values (1, 1)");
      assertThatThrownBy(() -> cluster.admin.registerReferenceTable(TableName.of("b")))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("b_a_fkey")
          .hasMessageContaining("register the table that it refers to first");
      register(cluster, "a", "b");
      assertThat(cluster.query("s2", "select a from b")).containsExactly("1");
    }
  }

  /**
   * There are more rows than fit into the buffers between: when a row has arrived, the source is
   * still sending.
   */
  @Test
  void endsWhenTheSourceStopsInTheMiddle() throws SQLException {
    String ddl = "create table public.r (k int primary key, v text)";
    String cancelling =
        "create function public.f() returns trigger language plpgsql as $$ begin"
            + " if new.k = 1000 then perform pg_cancel_backend(pid) from pg_stat_activity"
            + " where query ilike 'copy%to stdout%'; end if; return new; end $$;"
            + " create trigger f before insert on r for each row execute function public.f()";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.asAdmin(
          "s1", "insert into r select x, repeat('x', 1000) from generate_series(1, 50000) x");
      cluster.asAdmin("s2", cancelling);
      assertTimeoutPreemptively(
          Duration.ofSeconds(60),
          () ->
              assertThatThrownBy(() -> register(cluster, "r"))
                  .isInstanceOf(ChangeFailed.class)
                  .hasMessageContaining("canceling statement due to user request"));
      cluster.asAdmin("s2", "drop function public.f() cascade");
      register(cluster, "r");
      assertThat(cluster.query("s2", "select count(*) from r")).containsExactly("50000");
    }
  }

  @Test
  void movesSequencesPastTheCopiedValues() throws SQLException {
    String ddl =
        "create schema \"Sch'ema\"; create sequence \"Sch'ema\".\"Own\";"
            + " create table public.r (k int primary key,"
            + " a bigint generated always as identity (increment 5 cache 3),"
            + " d int generated by default as identity (increment -1),"
            + " s serial, o int default nextval('\"Sch''ema\".\"Own\"'), unused bigserial);"
            + " create sequence public.named owned by public.r.k";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.asAdmin("s1", "insert into r (k, unused) select x, 0 from generate_series(1, 100) x");
      cluster.asAdmin("s1", "select setval('public.named', 7)");
      register(cluster, "r");
      Shard third = cluster.database("s3", ddl);
      cluster.asAdmin("s3", "create sequence public.additional owned by public.r.k");
      cluster.admin.addShard(third);
      for (String shard : List.of("s2", "s3")) {
        cluster.asAdmin(shard, "insert into r (k) values (0)");
        assertThat(
                cluster.query(
                    shard, "select concat_ws(' ', a, d, s, o, unused) from r where k = 0"))
            .containsExactly("511 -101 101 101 1");
        assertThat(cluster.query(shard, "select nextval('public.named')")).containsExactly("8");
      }
    }
  }

  @Test
  void movesNoSequenceBack() throws SQLException {
    String ddl =
        "create table public.r (k int primary key, up serial,"
            + " down int generated always as identity (increment -1))";
    try (TestCluster cluster = TestCluster.of(ddl, "s1")) {
      cluster.asAdmin("s1", "insert into r (k) values (1), (2)");
      register(cluster, "r");
      Shard shard = cluster.database("s2", ddl);
      cluster.asAdmin("s2", "insert into r (k) select generate_series(1, 9); delete from r");
      cluster.admin.addShard(shard);
      cluster.asAdmin("s2", "insert into r (k) values (0)");
      assertThat(cluster.query("s2", "select up || ' ' || down from r where k = 0"))
          .containsExactly("10 -10");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create view public.r as select 1 as id | only tables and partitioned tables",
        "create unlogged table public.r (id int primary key) | unlogged or temporary",
        "create table public.r (id int primary key);"
            + " create table public.c () inherits (public.r) | other tables inherit from it",
        "create table public.p (id int primary key) partition by range (id);"
            + " create table public.r partition of p default | register the partitioned table",
        "create table public.r (id int primary key) partition by range (id);"
            + " create unlogged table public.c partition of r default | its partition public.c is unlogged"
      })
  void refusesWhatIsNoTableOfItsOwn(String ddl, String reason) throws SQLException {
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      assertThatThrownBy(() -> register(cluster, "r"))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("table public.r cannot be registered as a reference table: ")
          .hasMessageContaining(reason);
      assertThat(cluster.admin.topology().referenceTables()).isEmpty();
    }
  }

  @Test
  void takesPartitionedTables() throws SQLException {
    String ddl =
        "create table public.r (id int primary key) partition by range (id);"
            + " create table public.c partition of r default";
    try (TestCluster cluster = TestCluster.of(ddl, "s1", "s2")) {
      cluster.asAdmin("s1", "insert into r values (1), (2)");
      register(cluster, "r");
      assertThat(cluster.query("s2", "select count(*) from r")).containsExactly("2");
    }
  }

  private static void register(TestCluster cluster, String... tables) {
    for (String table : tables) {
      cluster.admin.registerReferenceTable(TableName.of(table));
    }
  }
}
