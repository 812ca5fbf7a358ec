package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Queries without a key, as a service writes them. */
@ExtendWith(LeakCheckExtension.class)
class ScatterFacadeIT {
  private static final int USERS = 40;
  private static final List<String> SHARDS = List.of("s1", "s2", "s3");

  private static TestCluster cluster;
  private static ShardRouter router;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(SHARDS.size());
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
  void givesTheRowsOfAllShardsAsAList() {
    assertThat(router.scatter("select user_id from users order by user_id", row -> row.getLong(1)))
        .isEqualTo(LongStream.rangeClosed(1, USERS).boxed().toList());
    assertThat(
            router.scatter(
                "select user_id from users where user_id > ? order by user_id desc limit ?",
                row -> row.getLong("user_id"),
                10,
                3))
        .containsExactly(40L, 39L, 38L);
    assertThat(router.scatter("select count(*) from users", row -> row.getLong("count")))
        .containsExactly((long) USERS);
  }

  @Test
  void sendsAQueryThatIsAboutOneKeyToItsShardAlone() {
    assertThat(
            router.scatter("select name from users where user_id = ?", row -> row.getString(1), 7))
        .containsExactly("user 7");
    assertThat(router.scatter("select 1 + ?", row -> row.getInt(1), 2)).containsExactly(3);
  }

  @Test
  void carriesOutOnceWhatMayChangeSomethingHoweverManyRowsItGives() throws SQLException {
    int many = 10_500;
    for (String shard : SHARDS) {
      cluster.execute(
          shard,
          "create table paid (id bigint); create function pay(bigint) returns int language sql"
              + " security definer as 'insert into paid values ($1) returning 1'");
    }
    String sql =
        "select pay(user_id) from users, generate_series(1, " + many + ") where user_id = ?";
    assertThat(router.scatter(sql, row -> row.getInt(1), 7)).hasSize(many);
    assertThat(paid()).isEqualTo(many);
    int[] rows = new int[1];
    router.scatter(ScatterOptions.DEFAULTS).forEach(sql, row -> rows[0]++, 7);
    assertThat(rows[0]).isEqualTo(many);
    assertThat(paid()).isEqualTo(2L * many);
  }

  private static long paid() throws SQLException {
    long paid = 0;
    for (String shard : SHARDS) {
      paid += cluster.count(shard, "select count(*) from paid");
    }
    return paid;
  }

  @Test
  void handsRowsOverOneAtATime() {
    List<Long> seen = new ArrayList<>();
    router
        .scatter(ScatterOptions.DEFAULTS.withFetchSize(3))
        .forEach(
            "select user_id from users order by user_id",
            row -> {
              assertThat(row.getRow()).isEqualTo(seen.size() + 1);
              seen.add(row.getLong(1));
            });
    assertThat(seen).isEqualTo(LongStream.rangeClosed(1, USERS).boxed().toList());
  }

  @Test
  void refusesWhatIsNoQueryOverShards() {
    assertThatThrownBy(() -> router.scatter("delete from users", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("on(key)");
    assertThatThrownBy(() -> router.scatter("select * from nothing", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("nothing");
    assertThatThrownBy(() -> router.scatter("select name from users limit ?", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("1 parameters");
  }

  @Test
  void passesOnWhatPostgresqlSaysAboutAWrongQuery() {
    for (String wrong :
        List.of(
            "select distinct name from users order by user_id",
            "select avg(user_id), name from users")) {
      assertThatThrownBy(() -> router.scatter(wrong, row -> 1))
          .isInstanceOfSatisfying(
              StatementFailed.class,
              failed -> assertThat(failed.sqlState()).isIn("42P10", "42803"));
    }
  }

  @Test
  void countsAndPagesAtTheSameTime() {
    CountedPage<Long> page =
        router
            .scatter(ScatterOptions.DEFAULTS)
            .countAndPage(
                "select user_id from users where user_id > ? order by user_id",
                5,
                3,
                row -> row.getLong(1),
                10);
    assertThat(page).isEqualTo(new CountedPage<>(List.of(16L, 17L, 18L), 30));
  }

  @Test
  void pagesByKeysetFromTheFirstRowToTheLastWithoutLosingAny() {
    Scatter scatter = router.scatter(ScatterOptions.DEFAULTS);
    Keyset keyset = Keyset.first(7, "bucket desc", "user_id");
    String sql = "select user_id, user_id % 5 as bucket from users where user_id <= ?";
    List<Long> seen = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      Keyset wanted = next.map(keyset::after).orElse(keyset);
      KeysetPage<Long> page = scatter.page(wanted, sql, row -> row.getLong("user_id"), 38);
      assertThat(page.rows()).hasSizeLessThanOrEqualTo(7).isNotEmpty();
      seen.addAll(page.rows());
      next = page.next();
    } while (next.isPresent());
    assertThat(seen)
        .isEqualTo(
            LongStream.rangeClosed(1, 38)
                .boxed()
                .sorted(Comparator.<Long>comparingLong(id -> -(id % 5)).thenComparing(id -> id))
                .toList());
  }

  @Test
  void refusesACursorThatIsBrokenOrOfAnotherQuery() {
    Scatter scatter = router.scatter(ScatterOptions.DEFAULTS);
    Keyset keyset = Keyset.first(2, "user_id");
    String sql = "select user_id from users";
    String cursor = scatter.page(keyset, sql, row -> row.getLong(1)).next().orElseThrow();
    assertThat(scatter.page(keyset.after(cursor), sql, row -> row.getLong(1)).rows())
        .containsExactly(3L, 4L);
    for (String broken :
        List.of(
            "",
            "?",
            "AAAA",
            cursor.substring(0, cursor.length() / 2),
            cursor.toLowerCase(Locale.ROOT))) {
      assertThatThrownBy(() -> scatter.page(keyset.after(broken), sql, row -> row.getLong(1)))
          .isInstanceOf(RouteRefused.class)
          .hasMessageContaining("first page");
    }
    assertThatThrownBy(
            () -> scatter.page(keyset.after(cursor), sql + " where true", row -> row.getLong(1)))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("another query");
    assertThatThrownBy(
            () ->
                scatter.page(
                    Keyset.first(2, "none"),
                    "select user_id, null::int as none from users",
                    row -> row.getLong(1)))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("NULL");
  }

  @Test
  void explainsHowAQueryIsCarriedOut() {
    Explanation one = router.explain("select name from users where user_id = ?", 7);
    assertThat(one.level()).isEqualTo(Explanation.Level.ONE_SHARD);
    assertThat(one.shards()).containsExactly(router.route("shop", 7).shard());
    assertThat(one.statements()).containsExactly("select name from users where user_id = ?");
    assertThat(router.explain("select 1").level()).isEqualTo(Explanation.Level.ANY_SHARD);

    Explanation merge = router.explain("select user_id from users order by 1 desc limit ?", 3);
    assertThat(merge.level()).isEqualTo(Explanation.Level.MERGE);
    assertThat(merge.shards()).hasSize(3);
    assertThat(merge.toString())
        .contains("level: MERGE", "shards: s1, s2, s3")
        .contains("interleaved by column 1 desc nulls first, then 3 rows")
        .contains("at most 3 rows of each of 3 shards");
    assertThat(router.explain("select stddev(user_id) from users").level())
        .isEqualTo(Explanation.Level.COMBINE);
    assertThat(router.explain("select count(*) from users u join users v using (name)").level())
        .isEqualTo(Explanation.Level.GATHER);
  }

  @Test
  void givesTheAnswerOfTheShardsThatCanBeReached() {
    cluster.proxy("s2").cut();
    try {
      AvailableRows<Long> available =
          router
              .scatter(ScatterOptions.DEFAULTS)
              .queryAvailable("select user_id from users", row -> row.getLong(1));
      assertThat(available.isComplete()).isFalse();
      assertThat(available.missing()).containsOnlyKeys(ShardId.of("s2"));
      assertThat(available.rows())
          .isNotEmpty()
          .allMatch(id -> !router.route("shop", id).shard().value().equals("s2"));
    } finally {
      cluster.proxy("s2").heal();
    }
    await()
        .ignoreException(ShardUnavailable.class)
        .until(() -> router.scatter("select user_id from users", row -> 1).size() == USERS);
  }

  /** A new router knows of no shard yet how it orders text. */
  @Test
  void givesTheAnswerOfTheShardsThatCanBeReachedAlsoInOrderWhereOneIsSilent() {
    ShardRouter fresh = cluster.router();
    cluster.proxy("s1").freeze();
    try {
      AvailableRows<Long> available =
          fresh
              .scatter(ScatterOptions.DEFAULTS.withDeadline(Duration.ofSeconds(3)))
              .queryAvailable("select user_id from users order by user_id", row -> row.getLong(1));
      assertThat(available.missing()).containsOnlyKeys(ShardId.of("s1"));
      assertThat(available.rows()).isNotEmpty().isSorted();
    } finally {
      cluster.proxy("s1").heal();
    }
  }

  /** Whichever shard does the last query, or would tell the names of the columns. */
  @Test
  void givesTheAnswerOfTheShardsThatCanBeReachedAlsoWhereOneFinishesIt() {
    cluster.proxy("s1").cut();
    try {
      for (int i = 1; i <= SHARDS.size(); i++) {
        String combined = "select stddev(user_id) as a%s from users".formatted(i);
        String gathered = "select u.user_id from users u join users v on u.name = v.name";
        for (String sql : List.of(combined, gathered)) {
          AvailableRows<Long> available =
              router.scatter(ScatterOptions.DEFAULTS).queryAvailable(sql, row -> row.getLong(1));
          assertThat(available.missing()).containsOnlyKeys(ShardId.of("s1"));
          assertThat(available.rows()).isNotEmpty();
        }
      }
    } finally {
      cluster.proxy("s1").heal();
    }
    await()
        .ignoreException(ShardUnavailable.class)
        .until(() -> router.scatter("select user_id from users", row -> 1).size() == USERS);
  }

  /** Also where a shard is asked for something before the query is sent. */
  @Test
  void endsInTimeWhereNoShardTellsTheNamesOfTheColumns() throws Exception {
    List<Connection> locks = new ArrayList<>();
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String shard : SHARDS) {
        Connection lock = PostgresServer.shared().connect(cluster.database(shard));
        locks.add(lock);
        lock.setAutoCommit(false);
        try (Statement locking = lock.createStatement()) {
          locking.execute("lock table users in access exclusive mode");
        }
      }
      ScatterOptions brief = ScatterOptions.DEFAULTS.withDeadline(Duration.ofSeconds(1));
      CompletableFuture<Throwable> late =
          Background.supply(
              () ->
                  catchThrowable(
                      () ->
                          router
                              .scatter(brief)
                              .query(
                                  "select stddev(user_id) as late from users",
                                  row -> row.getDouble(1))));
      assertThat(late.get(20, TimeUnit.SECONDS)).isInstanceOf(DeadlineExceeded.class);
      await().atMost(Duration.ofSeconds(20)).until(() -> waiting("late") == 0);
      CompletableFuture<Throwable> cancelled =
          Background.supply(
              () ->
                  catchThrowable(
                      () ->
                          statement.executeQuery(
                              "select stddev(user_id) as cancelled from users")));
      await().until(() -> waiting("cancelled") > 0);
      statement.cancel();
      assertThat(cancelled.get(20, TimeUnit.SECONDS)).hasMessageContaining("user request");
      await().atMost(Duration.ofSeconds(20)).until(() -> waiting("cancelled") == 0);
    } finally {
      for (Connection lock : locks) {
        lock.close();
      }
    }
  }

  private static long waiting(String column) throws SQLException {
    long waiting = 0;
    for (String shard : SHARDS) {
      waiting +=
          cluster.count(
              shard,
              "select count(*) from pg_stat_activity"
                  + " where wait_event_type = 'Lock' and query like '%as "
                  + column
                  + "%'");
    }
    return waiting;
  }
}
