package dev.shardwright.router;

import static dev.shardwright.router.HandmadeAnalysis.ascending;
import static dev.shardwright.router.HandmadeAnalysis.descending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rows of three shards as one answer. */
@ExtendWith(LeakCheckExtension.class)
class ScatterIT {
  private static final Cut FIRST_TWO =
      new Cut(Optional.of(new Cut.Amount.Literal(2)), Optional.empty(), false);

  private static final int USERS = 40;

  private static TestCluster cluster;
  private static ShardRouter router;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(3);
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(
          shard,
          "create table places (user_id bigint primary key, city text collate \"de-x-icu\","
              + " nick text, age int); grant all on places to "
              + cluster.app);
    }
    cluster.register("shop", "places");
    router = cluster.router();
    Keyspace shop = router.keyspace("shop");
    for (long id = 1; id <= USERS; id++) {
      shop.on(id).update("insert into users values (?, ?)", id, "user " + id);
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void givesTheRowsOfAllShardsInTheirCommonOrder() throws SQLException {
    var ids = longs(HandmadeAnalysis.ordered("select user_id from users order by 1", ascending(1)));
    assertThat(ids).isEqualTo(LongStream.rangeClosed(1, USERS).boxed().toList());
    var back =
        longs(HandmadeAnalysis.ordered("select user_id from users order by 1 desc", descending(1)));
    assertThat(back).hasSize(USERS).startsWith((long) USERS, USERS - 1L);
    assertThat(longs(HandmadeAnalysis.rows("select user_id from users")))
        .containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void cutsAfterMergingByNumbersThatMayBeParameters() throws SQLException {
    var part =
        new SqlText(
            "select user_id from users order by 1 limit ?::bigint + ?::bigint",
            List.of(new Binding.Parameter(1), new Binding.Parameter(2)));
    var cut =
        new Cut(
            Optional.of(new Cut.Amount.Parameter(1, OptionalLong.empty())),
            Optional.of(new Cut.Amount.Parameter(2, OptionalLong.empty())),
            false);
    var analysis =
        HandmadeAnalysis.merging(new MergeRows(part, 0, List.of(ascending(1)), false, cut));
    assertThat(longs(analysis, 3, 10)).containsExactly(11L, 12L, 13L);
    assertThat(longs(analysis, 0, 10)).isEmpty();
    assertThatThrownBy(() -> longs(analysis, 3, -1))
        .isInstanceOf(StatementFailed.class)
        .hasMessageContaining("OFFSET must not be negative");
  }

  @Test
  void asksForNoCollationsOnceItKnowsThatNoKeyIsText() throws SQLException {
    MergeRows plain = firstTwo("select user_id + 1000 from users order by 1 limit 2");
    HandmadeAnalysis analysis =
        HandmadeAnalysis.merging(
            withCollations("select user_id from users order by 1 limit 2", plain));
    assertThat(longs(analysis)).containsExactly(1L, 2L);
    assertThat(longs(analysis))
        .as("the numbers tell which was asked")
        .containsExactly(1001L, 1002L);
  }

  @Test
  void asksForCollationsAgainWhereAKeyHasBecomeText() throws SQLException {
    MergeRows plain = firstTwo("select user_id::text from users order by 1 limit 2");
    HandmadeAnalysis analysis =
        HandmadeAnalysis.merging(
            withCollations("select user_id from users order by 1 limit 2", plain));
    for (int i = 0; i < 3; i++) {
      assertThat(longs(analysis)).containsExactly(1L, 2L);
    }
  }

  /** In an order of a language, for which the rows go through a last query. */
  @Test
  void namesTheColumnsBehindAStarAsTheyAreNow() throws SQLException {
    for (long id = 1; id <= 9; id++) {
      router
          .keyspace("shop")
          .on(id)
          .update("insert into places values (?, ?, 'nick', ?)", id, "city " + id, 20 + id);
    }
    List<String> queries =
        List.of(
            "select user_id as id, *, age + 1 as next from places order by city, user_id",
            "select *, row_number() over (order by user_id) as n from places order by city");
    for (String query : queries) {
      assertThat(rows(query).get(0)).containsEntry("age", "21").containsEntry("nick", "nick");
    }
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(
          shard,
          "alter table places drop column nick; alter table places add extra text default 'e';"
              + " alter table places add more text default 'm'");
    }
    assertThat(rows(queries.get(0)).get(0))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "id", "1", "user_id", "1", "city", "city 1", "age", "21", "extra", "e", "more", "m",
                "next", "22"));
    assertThat(rows(queries.get(1)).get(0))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "user_id", "1", "city", "city 1", "age", "21", "extra", "e", "more", "m", "n",
                "1"));
  }

  /** The values of each row by their columns' names. */
  private static List<Map<String, String>> rows(String sql) throws SQLException {
    List<Map<String, String>> found = new ArrayList<>();
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        Map<String, String> row = new TreeMap<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.put(rows.getMetaData().getColumnLabel(i), rows.getString(i));
        }
        found.add(row);
      }
    }
    return found;
  }

  private static MergeRows firstTwo(String sql) {
    return new MergeRows(SqlText.of(sql), 0, List.of(ascending(1)), false, FIRST_TWO);
  }

  private static MergeRows withCollations(String sql, MergeRows plain) {
    return new MergeRows(
        SqlText.of(sql), 0, List.of(ascending(1)), false, FIRST_TWO, Optional.of(plain));
  }

  static List<Long> longs(HandmadeAnalysis analysis, @Nullable Object... parameters)
      throws SQLException {
    List<Long> found = new ArrayList<>();
    try (ScatterExecution execution = execution(analysis, ScatterOptions.DEFAULTS, parameters);
        ResultSet rows = execution.run(null)) {
      while (rows.next()) {
        found.add(rows.getLong(1));
      }
    }
    return found;
  }

  static ScatterExecution execution(
      HandmadeAnalysis analysis, ScatterOptions options, @Nullable Object... parameters) {
    return router
        .scatterEngine()
        .prepare(
            new ScatterQuery(
                analysis,
                ParameterSource.of(parameters),
                new TreeSet<>(router.topology().shards().keySet()),
                options,
                SessionState.NONE,
                Optional.empty()));
  }
}
