package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** Functions of users that have the name of a built-in one. */
class OverloadsIT {
  private static TestCluster cluster;

  private Connection connection;
  private Statement statement;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
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
          grant create on schema public to %1$s;
          """
              .formatted(cluster.app));
    }
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
