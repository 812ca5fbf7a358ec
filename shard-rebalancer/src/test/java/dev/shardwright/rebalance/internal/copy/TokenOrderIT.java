package dev.shardwright.rebalance.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.table.WindowSearch;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.internal.verify.Verified;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tables with an index on the token, of which few rows move. */
@Tag("slow")
class TokenOrderIT {
  private static final int CUSTOMERS = 10_000;
  private static final int ORDERS = 4;
  private static final long ALL = CUSTOMERS * ORDERS;

  /** Twenty ranges, far apart, with one in fifty of all tokens. */
  private static final KeyRangeSet RANGES =
      KeyRangeSet.of(
          IntStream.range(0, 20)
              .mapToObj(i -> (i - 10) * (Long.MAX_VALUE / 10))
              .map(first -> new KeyRange(first, first + Long.MAX_VALUE / 500))
              .toList());

  private static final String TABLE =
      "create table t (k bigint, n int, v text, primary key (k, n))";
  private static final String INDEX = "create index on t (hashint8extended(k, 0), k, n)";

  private static TwoShards shards(String ddl) throws SQLException {
    TwoShards shards = TwoShards.of(Strategy.HASH, KeyType.BIGINT, RANGES, ddl, Map.of("t", "k"));
    shards
        .source()
        .execute(
            "insert into t select k, n, repeat('x', 100) from generate_series(1, %d) k, generate_series(1, %d) n; delete from shardwright.key_log_7_1; analyze t"
                .formatted(CUSTOMERS, ORDERS));
    return shards;
  }

  @Test
  void readsTheRowsThatMoveAndNotTheWholeTable() throws Exception {
    try (TwoShards shards = shards(TABLE + "; " + INDEX)) {
      assertThat(shards.order().byToken()).isTrue();
      List<String> rows = shards.moving(shards.source());
      // What a session has read is told when it ends.
      await().untilAsserted(() -> assertThat(read(shards.source())).isGreaterThan(ALL));
      shards.source().execute("select pg_stat_reset()");
      Verified verified = shards.move();
      assertThat(verified.same()).isTrue();
      assertThat(verified.rows()).isEqualTo(rows.size()).isPositive();
      remove(shards);
      // Samples of the table, taken to choose the order, read a third of it in all.
      await().until(() -> deleted(shards.source()) == rows.size());
      assertThat(read(shards.source())).isBetween(1_000L, ALL);
      assertThat(shards.moving(shards.target())).isEqualTo(rows);
      assertThat(shards.moving(shards.source())).isEmpty();
    }
  }

  @Test
  void readsInTheOrderOfThePrimaryKeyWhereNoIndexHasTheOther() throws Exception {
    for (String other : List.of("select", "create index on t (hashint8extended(k, 0))")) {
      try (TwoShards shards = shards(TABLE + "; " + other)) {
        assertThat(shards.order().byToken()).isFalse();
        assertThat(shards.move().same()).isTrue();
      }
    }
  }

  @Test
  void cutsTheRowsOfTheRangesIntoWindowsAndLeavesNoneOut() throws Exception {
    try (TwoShards shards = shards(TABLE + "; " + INDEX)) {
      String heavy = TwoShards.query(shards.source(), "select k from t where " + in(shards)).get(0);
      shards
          .source()
          .execute(
              "insert into t select %s, n, '' from generate_series(5, 200) n".formatted(heavy));
      List<String> found = new ArrayList<>();
      try (Connection from = shards.from()) {
        RowOrder order = RowOrder.byToken(shards.table());
        Optional<KeyWindow> left = Optional.of(KeyWindow.all(RANGES));
        while (left.isPresent()) {
          KeyWindow window = WindowSearch.first(from, order, left.get(), 7);
          List<String> rows =
              TwoShards.query(
                  from,
                  "select t::text from public.t where %s order by %s"
                      .formatted(order.inWindow(window), order.list()));
          assertThat(rows).hasSizeLessThanOrEqualTo(7);
          found.addAll(rows);
          left = left.get().without(window);
        }
      }
      assertThat(found)
          .doesNotHaveDuplicates()
          .containsExactlyInAnyOrderElementsOf(shards.moving(shards.source()));
    }
  }

  @Test
  void findsRowsThatAreOnTheTargetAlone() throws Exception {
    try (TwoShards shards = shards(TABLE + "; " + INDEX)) {
      shards.move();
      shards.source().execute("delete from t where " + in(shards));
      shards.source().execute("delete from shardwright.key_log_7_1");
      int rows = shards.moving(shards.target()).size();
      assertThat(shards.order().byToken()).isTrue();
      Verified verified = shards.verify(shards.drain());
      assertThat(verified.broughtAgain()).isEqualTo(rows);
      assertThat(shards.moving(shards.target())).isEmpty();
    }
  }

  /** The places of the lanes are in the order in which they began. */
  @Test
  void goesOnInTheSameOrderWhateverBecomesOfTheIndex() throws Exception {
    try (TwoShards shards =
        shards(TABLE + "; create index by_token on t (hashint8extended(k, 0), k, n)")) {
      CopyOptions small = new CopyOptions(2, Duration.ofMillis(1), 1_000);
      TableCopy first = shards.copy(shards.table(), small, endAfter(10));
      assertThatEnds(first);
      assertThat(first.progress().rows()).isPositive();
      assertThat(first.progress().complete()).isFalse();
      shards.source().execute("drop index by_token");
      TableCopy second = shards.copy(shards.table(), small);
      second.run();
      assertThat(second.progress().complete()).isTrue();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  private static void assertThatEnds(TableCopy copy) {
    assertThatThrownBy(copy::run).hasMessage("ended");
  }

  private static Throttle endAfter(int windows) {
    AtomicInteger passed = new AtomicInteger();
    return new Throttle(
        Long.MAX_VALUE,
        List.of(
            () -> {
              if (passed.getAndIncrement() >= windows) {
                throw new SQLException("ended");
              }
              return Optional.empty();
            }),
        Duration.ofNanos(1));
  }

  private static void remove(TwoShards shards) throws Exception {
    try (Connection from = shards.from()) {
      new RowRemoval(shards.order(), RANGES, TwoShards.MOVER, Throttle.none(), CopyOptions.DEFAULTS)
          .run(from);
    }
  }

  private static String in(TwoShards shards) throws SQLException {
    return shards.table().inRanges(RANGES);
  }

  private static long read(TestDatabase side) throws SQLException {
    return told(side, "seq_tup_read + coalesce(idx_tup_fetch, 0)");
  }

  private static long deleted(TestDatabase side) throws SQLException {
    return told(side, "n_tup_del");
  }

  private static long told(TestDatabase side, String counter) throws SQLException {
    return Long.parseLong(
        TwoShards.query(
                side, "select %s from pg_stat_user_tables where relname = 't'".formatted(counter))
            .get(0));
  }
}
