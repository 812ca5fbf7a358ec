package dev.shardwright.router;

import static dev.shardwright.router.HandmadeAnalysis.ascending;
import static dev.shardwright.router.HandmadeAnalysis.descending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.ColumnType;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.MergeGroups.Average;
import dev.shardwright.router.internal.sql.answer.MergeGroups.Fold;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The three levels of answers, each put together from rows of three shards. */
@ExtendWith(LeakCheckExtension.class)
class ScatterLevelsIT {
  private static final int USERS = 30;
  private static final TableName ORDERS = new TableName("public", "orders");
  private static final Cut FIRST_TWO =
      new Cut(Optional.of(new Cut.Amount.Literal(2)), Optional.empty(), false);

  private static TestCluster cluster;
  private static ShardRouter router;

  /**
   * Each user has orders 1 to 3, whose amount is the number of the user times that of the order.
   */
  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router = cluster.router();
    Keyspace shop = router.keyspace("shop");
    for (long id = 1; id <= USERS; id++) {
      shop.on(id).update("insert into users values (?, ?)", id, "user " + id);
      shop.on(id)
          .update(
              "insert into orders select ?, n, ? * n from generate_series(1, 3) n",
              id,
              Math.toIntExact(id));
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void foldsTheGroupsOfAllShards() throws SQLException {
    String part =
        "select id, count(*), sum(amount), min(amount), max(amount), bool_and(amount > 1),"
            + " bool_or(amount > 89), bit_or(amount), bit_and(amount), bit_xor(amount)"
            + " from orders group by id order by id";
    var folds =
        List.of(
            Fold.SAME,
            Fold.COUNT,
            Fold.SUM,
            Fold.MIN,
            Fold.MAX,
            Fold.BOOL_AND,
            Fold.BOOL_OR,
            Fold.BIT_OR,
            Fold.BIT_AND,
            Fold.BIT_XOR);
    var answer =
        new MergeGroups(
            SqlText.of(part), List.of(ascending(1)), folds, List.of(), List.of(), Cut.NONE);
    assertThat(rows(answer))
        .containsExactly(
            List.of("1", "30", "465", "1", "30", "f", "f", "31", "0", "31"),
            List.of("2", "30", "930", "2", "60", "t", "f", "62", "0", "62"),
            List.of("3", "30", "1395", "3", "90", "t", "t", "127", "0", "125"));
  }

  @Test
  void bringsGroupsIntoAnOrderOfTheirOwnBeforeTheCut() throws SQLException {
    var answer =
        new MergeGroups(
            SqlText.of("select id, sum(amount::numeric(10,2)) from orders group by id order by id"),
            List.of(ascending(1)),
            List.of(Fold.SAME, Fold.SUM),
            List.of(),
            List.of(descending(2)),
            FIRST_TWO);
    assertThat(rows(answer)).containsExactly(List.of("3", "1395.00"), List.of("2", "930.00"));
  }

  @Test
  void foldsOneGroupOfEverythingEvenWithoutRows() throws SQLException {
    var answer =
        new MergeGroups(
            SqlText.of("select count(*), sum(amount), max(id) from orders where amount < 0"),
            List.of(),
            List.of(Fold.COUNT, Fold.SUM, Fold.MAX),
            List.of(),
            List.of(),
            Cut.NONE);
    assertThat(rows(answer)).hasSize(1);
    assertThat(rows(answer).get(0)).containsExactly("0", null, null);
  }

  @Test
  void dividesSumsOfAllShardsByTheirCounts() throws SQLException {
    String value =
        "case id when 1 then amount when 2 then 1.50 when 3 then 'NaN' when 4 then '-Infinity' end";
    var answer =
        new MergeGroups(
            SqlText.of(
                "select avg(%1$s), sum(%1$s), count(%1$s), id from (select id, (%2$s)::numeric as v from orders) o group by id order by id"
                    .formatted("v", value)),
            List.of(ascending(4)),
            List.of(Fold.AVERAGE),
            List.of(new Average(1, 2, 3)),
            List.of(),
            Cut.NONE);
    assertThat(rows(answer))
        .containsExactly(
            List.of("15.5000000000000000"), List.of("1.5000000000000000"), List.of("NaN"));
  }

  @Test
  void takesTheNextAnswerWhereTheTypesDoNotAllowTheFirst() throws SQLException {
    var folding =
        new MergeGroups(
            SqlText.of("select sum(amount::float8) from orders"),
            List.of(),
            List.of(Fold.SUM),
            List.of(),
            List.of(),
            Cut.NONE);
    assertThat(rows(List.of(folding, averages()), "select avg(amount) from orders where id < 3"))
        .containsExactly(List.of("23.2500000000000000"));
  }

  @Test
  void letsPostgresqlFinishWhatTheShardsBegan() throws SQLException {
    assertThat(rows(List.of(averages()), "select avg(amount) from orders where id < 3"))
        .containsExactly(List.of("23.2500000000000000"));
  }

  @Test
  void copiesRowsToOneShardWithTheirPrimaryKeys() throws SQLException {
    assertThat(
            rows(
                gatherOrders(
                    "select o.user_id, o.amount from pg_temp.orders o group by o.user_id, o.id"
                        + " order by 2 desc, 1 limit 2")))
        .containsExactly(List.of("30", "90"), List.of("29", "87"));
    assertThat(
            rows(
                gatherOrders(
                    "select count(*), count(distinct amount) from pg_temp.orders where id > 1")))
        .containsExactly(List.of("60", "50"));
  }

  @Test
  void leavesNoCopiesBehind() throws SQLException {
    for (int i = 0; i < 6; i++) {
      assertThat(rows(gatherOrders("select count(*) from pg_temp.orders")))
          .containsExactly(List.of("90"));
    }
    for (String shard : List.of("s1", "s2", "s3")) {
      assertThat(
              cluster.count(
                  shard,
                  "select count(*) from pg_class where relname = 'orders' and relpersistence = 't'"))
          .isZero();
    }
  }

  @Test
  void refusesAnAnswerThatIsMoreThanMayBeHeld() {
    ScatterOptions few = ScatterOptions.DEFAULTS.withLimits(100, 1 << 20);
    var gather = gatherOrders("select 1 from pg_temp.orders, generate_series(1, 2)");
    var combine =
        new Combine(
            SqlText.of("select count(*) as c1 from orders"),
            (types, labels, names) ->
                Optional.of(
                    new SqlText(
                        "select 1 from unnest(?::text[]), generate_series(1, 50)",
                        List.of(new Binding.Partials(1)))));
    for (Answer answer : List.of(gather, combine)) {
      assertThatThrownBy(() -> rows(few, List.of(answer), "select 1"))
          .isInstanceOf(SqlRefused.class)
          .hasMessageContaining("held in memory, and has more than 100 rows");
    }
  }

  @Test
  void refusesToHoldOrCopyMoreThanTheLimitsAllow() {
    ScatterOptions few = ScatterOptions.DEFAULTS.withLimits(89, 1 << 20);
    ScatterOptions small = ScatterOptions.DEFAULTS.withLimits(1_000, 100);
    var gather = gatherOrders("select count(*) from pg_temp.orders");
    for (ScatterOptions options : List.of(few, small)) {
      assertThatThrownBy(() -> rows(options, List.of(gather), "select 1"))
          .isInstanceOfSatisfying(
              SqlRefused.class,
              refused -> {
                assertThat(refused.reason()).isEqualTo(SqlRefused.Reason.TOO_MANY_ROWS);
                assertThat(refused).hasMessageContaining("withLimits");
              });
    }
  }

  private static Combine averages() {
    return new Combine(
        SqlText.of("select sum(amount) as c1, count(amount) as c2 from orders where id < 3"),
        (types, labels, names) -> {
          assertThat(types).containsExactly(new ColumnType("int8", ""), new ColumnType("int8", ""));
          assertThat(names).containsExactly("avg");
          return Optional.of(
              new SqlText(
                  "select sum(c1::numeric) / sum(c2) as \"avg\" from unnest(?::text[], ?::text[])"
                      + " as u(s, n), lateral (select s::int8 c1, n::int8 c2) c",
                  List.of(new Binding.Partials(1), new Binding.Partials(2))));
        });
  }

  private static Gather gatherOrders(String last) {
    return new Gather(
        List.of(
            new Gather.Copy(
                ORDERS, Optional.of(new TreeSet<>(List.of("amount"))), Optional.empty())),
        SqlText.of(last));
  }

  private static List<List<@Nullable String>> rows(Answer answer) throws SQLException {
    return rows(List.of(answer), "select 1");
  }

  private static List<List<@Nullable String>> rows(List<Answer> answers, String sql)
      throws SQLException {
    return rows(ScatterOptions.DEFAULTS, answers, sql);
  }

  private static List<List<@Nullable String>> rows(
      ScatterOptions options, List<Answer> answers, String sql) throws SQLException {
    var query =
        new ScatterQuery(
            new HandmadeAnalysis(SqlText.of(sql), answers),
            ParameterSource.of(),
            new TreeSet<>(router.topology().shards().keySet()),
            options,
            SessionState.NONE,
            Optional.empty());
    List<List<@Nullable String>> found = new ArrayList<>();
    try (ScatterExecution execution = router.scatterEngine().prepare(query);
        ResultSet rows = execution.run(null)) {
      while (rows.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        found.add(row);
      }
    }
    return found;
  }
}
