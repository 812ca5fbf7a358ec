package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.ZooKeeperServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that do not look like those of a function that could give anything on each shard. */
class HiddenCallsIT {
  private static TestCluster cluster;

  private Connection connection;
  private Statement statement;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    ShardRouter router = cluster.router();
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          """
          create function public.initcap(bigint) returns text volatile
            language sql as $$ select pg_backend_pid() || ' ' || $1 $$;
          create function public.sign(text) returns double precision immutable
            language sql as $$ select length($1)::double precision $$;
          create aggregate public.sum(text) (sfunc = pg_catalog.textcat, stype = text);
          create schema elsewhere;
          create function elsewhere.abs(text) returns int stable
            language sql as $$ select 1 $$;
          grant usage on schema elsewhere to %1$s;
          create function public.touched(users) returns bigint volatile
            language sql as $$ select pg_backend_pid()::bigint $$;
          create table tallies (user_id bigint primary key, count int);
          insert into tallies values (%2$s, 7);
          grant select, insert, update, delete on tallies to %1$s;
          create table tickets (user_id bigint primary key, "user" text);
          insert into tickets values (%2$s, 'ann'), (-%2$s, current_user);
          grant select on tickets to %1$s;
          grant create on schema public to %1$s;
          """
              .formatted(cluster.app, TestCluster.keyOn(router, shard)));
    }
    cluster.register("shop", "tallies");
    cluster.register("shop", "tickets");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    connection =
        DriverManager.getConnection(
            "jdbc:shardwright://%s/%s?user=%s&password=%s&multiShardWrites=per-shard"
                .formatted(
                    ZooKeeperServer.shared().connectString(),
                    cluster.name,
                    cluster.app,
                    TestCluster.APP_PASSWORD));
    statement = connection.createStatement();
    statement.execute("delete from users");
    statement.execute(
        "insert into users (user_id, name) values (1, 'ann'), (2, 'bo'), (3, 'cy'), (4, 'di')");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void areRefusedOverSeveralShardsWhereTheyMightBeMeant() throws SQLException {
    refused("select initcap(user_id) from users order by user_id", "public.initcap");
    refused("select initcap(name) from users order by user_id", "pg_catalog.initcap");
    refused("select sum(name) from users", "public.sum");
    refused("select sum(user_id) over () from users", "public.sum");
    refused("update users set name = initcap(user_id)", "public.initcap");
    assertThat(text("select pg_catalog.initcap(name) from users order by user_id"))
        .isEqualTo("Ann Bo Cy Di");
    assertThat(text("select pg_catalog.sum(user_id) from users")).isEqualTo("10");
    assertThat(text("select initcap(user_id) from users where user_id = 1")).endsWith(" 1");
  }

  @Test
  void mayBeMeantWhereTheyAreAsHarmless() throws SQLException {
    assertThat(text("select sign(name) from users order by user_id")).isEqualTo("3 2 2 2");
    assertThat(text("select sign(-user_id) from users where user_id < 3")).isEqualTo("-1 -1");
  }

  @Test
  void countInTheSchemasOfTheSearchPathOnly() throws SQLException {
    assertThat(text("select abs(-user_id) from users order by user_id")).isEqualTo("1 2 3 4");
    statement.execute("set search_path to public, elsewhere");
    refused("select abs(-user_id) from users order by user_id", "elsewhere.abs");
  }

  @Test
  void areSeenAtOnceWhenTheSchemaWasChangedHere() throws SQLException {
    assertThat(text("select reverse(name) from users where name < 'c' order by 1"))
        .isEqualTo("nna ob");
    statement.execute(
        "create function public.reverse(int) returns text volatile language sql as 'select"
            + " 1::text'");
    refused("select reverse(name) from users where name < 'c' order by 1", "public.reverse");
    statement.execute("drop function public.reverse(int)");
    assertThat(text("select reverse(name) from users where name < 'c' order by 1"))
        .isEqualTo("nna ob");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          select u.count from users u                                    | count()
          select users.touched from users                                | touched()
          select public.users.touched from public.users                  | touched()
          select (u).touched from users u                                | touched()
          select u.name from users u order by u.touched                  | touched()
          select q.count from (select user_id as n from users) q         | count()
          with q as (select user_id from users) select q.count from q    | count()
          with q(n) as (select count(*) from users) select q.count from q | count()
          select q.count from (select t.count + 1 from tallies t) q      | count()
          select g.max from generate_series(1, 3) g, users               | max()
          select q.count from (select u.* from users u join tallies t using (user_id)) q | count()
          select t.count from tallies t(id, n)                           | count()
          with c as (select * from tallies) select a.count from c a(id, n) | count()
          with users as (select u.count from users u) select * from users | count()
          update users set name = users.touched                          | touched()
          """)
  void areRefusedWhereTheyLookLikeColumns(String sql, String message) {
    refused(sql, message);
  }

  @Test
  void areNoneWhereThereAreSuchColumns() throws SQLException {
    assertThat(text("select t.count from tallies t")).isEqualTo("7 7");
    assertThat(text("select public.tallies.count from tallies")).isEqualTo("7 7");
    assertThat(text("select q.count from (select count(*) from users) q")).isEqualTo("4");
    assertThat(text("select q.count from (select * from tallies) q")).isEqualTo("7 7");
    assertThat(text("select q.count from (select user_id from users) as q(count) order by 1"))
        .isEqualTo("1 2 3 4");
    assertThat(text("with q as (select count(*) from users) select q.count + 1 from q"))
        .isEqualTo("5");
    assertThat(text("with q(count) as (select user_id from users) select max(q.count) from q"))
        .isEqualTo("4");
    assertThat(text("select count from generate_series(1, 2) count where count.count > 1"))
        .isEqualTo("2");
    assertThat(
            text(
                "with tallies as (select * from tallies where user_id > 0) select t.count from"
                    + " tallies t"))
        .isEqualTo("7 7");
    assertThat(
            text(
                "with tallies as (select t.user_id, t.count as n from tallies t) select n from"
                    + " tallies"))
        .isEqualTo("7 7");
    assertThat(
            text(
                "select t.count from tallies t union all select length(t.name) from users t"
                    + " order by 1"))
        .isEqualTo("2 2 2 3 7 7");
  }

  /** PostgreSQL takes the bare word for a call, so a condition keeps what stands before it. */
  @Test
  void areNotMadeOfColumns() throws SQLException {
    assertThat(
            text(
                "select u.name from users u join tickets t on t.user = u.name where t.user ="
                    + " 'ann'"))
        .isEqualTo("ann ann");
  }

  @Test
  void areNoneInWrites() throws SQLException {
    statement.execute("update tallies t set count = t.count where t.count > 5");
    statement.execute("update public.tallies set count = 7 where tallies.count > 5");
    assertThat(
            statement.executeUpdate(
                "insert into tallies as t (user_id, count) values (1, 1), (2, 1), (3, 1) on conflict"
                    + " (user_id) do update set count = t.count + 0 * excluded.count"))
        .isEqualTo(3);
    assertThat(text("delete from tallies t where t.count < 5 returning t.count")).matches("1( 1)*");
  }

  @Test
  void mayLookLikeColumnsOnOneShard() throws SQLException {
    assertThat(text("select u.touched > 0 from users u where user_id = 1")).isEqualTo("t");
    assertThat(text("select u.count from users u where user_id = 1")).isEqualTo("1");
  }

  @Test
  void areNoneAsSoonAsThereIsSuchAColumn() throws SQLException {
    refused("select t.touched from tallies t", "touched()");
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(shard, "alter table tallies add column touched int default 5");
    }
    await()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(text("select t.touched from tallies t")).isEqualTo("5 5"));
  }

  private void refused(String sql, String message) {
    ThrowingCallable call = () -> statement.execute(sql);
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW104"))
        .hasMessageContaining(message);
  }

  private String text(String sql) throws SQLException {
    StringBuilder text = new StringBuilder();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        text.append(text.isEmpty() ? "" : " ").append(rows.getString(1));
      }
    }
    return text.toString();
  }
}
