package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Splitter;
import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transaction sets for itself, as queries over several shards see it. */
@ExtendWith(LeakCheckExtension.class)
class LocalSettingsIT {
  private static final String TIMES =
      "select string_agg(distinct '2026-01-01 12:00+00'::timestamptz::text, ' ') from orders";
  private static final String COUNT = "select count(*) from secrets";

  private static TestCluster cluster;
  private static ShardRouter router;

  private Connection connection;

  /** On each of two shards an order, and of each of two tenants a secret. */
  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          """
          create table secrets (user_id bigint, tenant text, primary key (user_id, tenant));
          alter table secrets enable row level security;
          create policy own on secrets using (tenant = current_setting('app.tenant', true));
          grant select on secrets to %s;
          """
              .formatted(cluster.app));
    }
    cluster.register("shop", "secrets");
    router = cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
    for (String shard : List.of("s1", "s2")) {
      long key = TestCluster.keyOn(router, shard);
      cluster.execute(shard, "insert into orders values (" + key + ", 1, 1)");
      cluster.execute(
          shard, "insert into secrets values (%1$s, 'one'), (%1$s, 'two')".formatted(key));
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    connection = router.dataSource().getConnection();
    connection.setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areTheSameOnAllShards(boolean bound) throws SQLException {
    if (bound) {
      bind();
    }
    execute("set time zone 'Europe/Rome'");
    execute("set local time zone 'Asia/Tokyo'");
    execute("set local app.tenant = 'one'");
    assertThat(text(TIMES)).isEqualTo("2026-01-01 21:00:00+09");
    assertThat(text(COUNT)).isEqualTo("2");
    execute("savepoint s");
    execute("set local time zone default");
    execute("set local app.tenant to 'nobody'");
    assertThat(text(TIMES)).isNotEqualTo("2026-01-01 21:00:00+09").doesNotContain("+09 ");
    assertThat(text(COUNT)).isEqualTo("0");
    execute("set local app.tenant to default");
    assertThat(text(COUNT)).isEqualTo("0");
    execute("rollback to s");
    assertThat(text(TIMES)).isEqualTo("2026-01-01 21:00:00+09");
    assertThat(text(COUNT)).isEqualTo("2");
    execute("set time zone 'Asia/Kolkata'");
    assertThat(text(TIMES)).isEqualTo("2026-01-01 17:30:00+05:30");
    connection.commit();
    assertThat(text(TIMES)).isEqualTo("2026-01-01 17:30:00+05:30");
    assertThat(text(COUNT)).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set local intervalstyle = 'iso_8601'",
        "set local extra_float_digits = -5",
        "select set_config('app.tenant', 'one', true)",
        "insert into orders values (%s, 2, length(set_config('app.tenant', 'one', true)))",
      })
  void areRefusedWhereTheyMayMatterAndOneShardHasThemOnly(String sql) throws SQLException {
    bind();
    execute("savepoint s");
    execute(sql.replace("into orders", "into orders (user_id, id, amount)").formatted(key()));
    assertThatThrownBy(() -> text(COUNT))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW104"))
        .hasMessageContaining(
            sql.contains("app.tenant") ? "app.tenant" : Splitter.on(' ').splitToList(sql).get(2));
    execute("rollback to s");
    assertThat(text(COUNT)).isEqualTo("0");
  }

  @Test
  void areLeftToTheirShardWhereTheyDoNotMatter() throws SQLException {
    bind();
    execute("set local work_mem = '8MB'");
    execute("set local lock_timeout = '1s'");
    execute("select set_config('enable_hashagg', 'off', true)");
    assertThat(text(COUNT)).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"standard_conforming_strings", "\"Standard_Conforming_Strings\""})
  void leaveTheStatementsAsTheyAreRead(String name) throws SQLException {
    assertThatThrownBy(() -> execute("set local " + name + " = off"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW106"));
    connection.rollback();
    execute("set local standard_conforming_strings = on");
    assertThat(text(COUNT)).isEqualTo("0");
  }

  private void bind() throws SQLException {
    execute("select 1 from orders where user_id = " + key());
  }

  private static long key() {
    return TestCluster.keyOn(router, "s1");
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String text(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
