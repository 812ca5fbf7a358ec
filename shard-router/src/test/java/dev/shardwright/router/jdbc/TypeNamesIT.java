package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What sessions with another search path leave behind in what the driver knows of types. */
@ExtendWith(LeakCheckExtension.class)
class TypeNamesIT {
  private static TestCluster cluster;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          """
          create type "Mood" as enum ('glad', 'sad');
          create schema elsewhere;
          create table feelings (user_id bigint primary key, mood "Mood", moods "Mood"[]);
          grant select on feelings to %1$s;
          grant usage on schema elsewhere to %1$s;
          """
              .formatted(cluster.app));
    }
    cluster.register("shop", "feelings");
    ShardRouter router = cluster.router();
    for (String shard : List.of("s1", "s2")) {
      long key = TestCluster.keyOn(router, shard);
      cluster.execute(shard, "insert into feelings values (" + key + ", 'glad', '{sad}')");
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** The connection to one shard learns them by the usual search path, the other by that one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      2 | select mood, moods from public.feelings
      2 | select mood, moods from public.feelings order by mood, moods
      4 | select f.mood, g.moods from public.feelings f join public.feelings g on f.mood = g.mood
      """)
  void areTheSameWhereverTheSearchPathWasWhenTheyWereLearnt(int expected, String sql)
      throws SQLException {
    ShardRouter router =
        cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
    assertThat(
            router
                .shard("s1")
                .query("select mood, moods from feelings", row -> typeNames(row.getMetaData())))
        .containsExactly("Mood, _Mood");
    assertThat(rows(router, "elsewhere", sql)).isEqualTo(expected);
    assertThat(rows(router, "public", sql)).isEqualTo(expected);
  }

  private static String typeNames(ResultSetMetaData columns) throws SQLException {
    return columns.getColumnTypeName(1) + ", " + columns.getColumnTypeName(2);
  }

  private static int rows(ShardRouter router, String schema, String sql) throws SQLException {
    try (Connection connection = router.dataSource().getConnection()) {
      connection.setSchema(schema);
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        int count = 0;
        while (rows.next()) {
          assertThat(rows.getString(1)).isEqualTo("glad");
          assertThat(rows.getString(2)).isEqualTo("{sad}");
          count++;
        }
        return count;
      }
    }
  }
}
