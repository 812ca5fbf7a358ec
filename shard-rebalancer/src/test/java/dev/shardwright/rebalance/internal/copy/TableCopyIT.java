package dev.shardwright.rebalance.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.rebalance.internal.Intercepted;
import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.table.WindowSize;
import dev.shardwright.rebalance.internal.throttle.Signal;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.internal.verify.Verified;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class TableCopyIT {
  private static final KeyRangeSet HIGH = KeyRangeSet.of(new KeyRange(1_000, Long.MAX_VALUE));
  private static final String PLAIN =
      "create table t (k bigint primary key, u int unique, note text)";

  /** So small that a table of some thousand rows takes many. */
  private static final CopyOptions SMALL = new CopyOptions(2, Duration.ofMillis(1), 1_000);

  /** With which a first window has so many. */
  private static final long FOR_2_000_ROWS = 2_048_000;

  @ParameterizedTest
  @ValueSource(strings = {"select from generate_series(1, 0)", "insert into t values (1), (999)"})
  void copiesNothingWhereNothingIs(String fill) throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      shards.source().execute(fill);
      TableCopy copy = shards.copy();
      assertThat(copy.progress().complete()).isFalse();
      copy.run();
      assertThat(copy.progress().complete()).isTrue();
      assertThat(copy.progress().rows()).isZero();
      assertThat(shards.move()).isEqualTo(new Verified(0, 0, 0, List.of()));
    }
  }

  @Test
  void copiesTheRowsOfTheRangesInLanesAndSaysHowFarItIs() throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 20_000);
      TableCopy copy = shards.copy(shards.table(), SMALL);
      copy.begin();
      // How many of a hundred pages are sampled is a matter of chance.
      assertThat(copy.progress().estimatedRows()).isBetween(10_000L, 30_000L);
      assertThat(copy.progress().complete()).isFalse();
      copy.run();
      CopyProgress progress = copy.progress();
      assertThat(progress.rows()).isEqualTo(19_001);
      assertThat(progress.bytes()).isGreaterThan(19_001);
      assertThat(progress.estimatedRows()).isEqualTo(19_001);
      assertThat(
              TwoShards.query(
                  shards.target(),
                  "select rows > 5000 and complete from shardwright.copy_position where lane >= 0"))
          .containsExactly("t", "t");
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  @Test
  void oneThatIsCompleteExpectsNoMoreRows() throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 20_000);
      TableCopy copy = shards.copy();
      copy.begin();
      shards.source().execute("delete from t where k > 2000");
      copy.run();
      assertThat(copy.progress().rows()).isEqualTo(1_001);
      assertThat(copy.progress().estimatedRows()).isEqualTo(1_001);
    }
  }

  @Test
  void takesFewerRowsAtATimeWhereThereIsNoTimeForSoMany() throws Exception {
    try (TwoShards shards = TwoShards.withTable(KeyRangeSet.ALL, PLAIN)) {
      fill(shards, 100);
      TwoShards.refuseMoreAtOnce(shards.target(), 20);
      shards.copy().run();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
      assertThat(TwoShards.timesRefused(shards.target())).isPositive();
    }
  }

  @Test
  void goesOnAfterTheLastChunkWhicheverSessionEnds() throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 20_000);
      AtomicInteger kills = new AtomicInteger();
      Random random = new Random(1);
      Throttle throttle =
          throttle(
              () -> {
                if (kills.getAndIncrement() % 20 == 19 && kills.get() < 200) {
                  killMover(shards, random.nextBoolean());
                }
              });
      TableCopy copy = shards.copy(shards.table(), SMALL, throttle);
      long before = 0;
      int failures = 0;
      while (!copy.progress().complete()) {
        try {
          copy.run();
        } catch (SQLException e) {
          failures++;
        }
        assertThat(copy.progress().rows()).isGreaterThanOrEqualTo(before);
        before = copy.progress().rows();
      }
      assertThat(failures).isPositive();
      assertThat(copy.progress().rows()).isEqualTo(19_001);
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  /** Something that happens between chunks, while other lanes are within theirs. */
  private interface Event {
    void happen() throws SQLException;
  }

  private static Throttle throttle(Event event) {
    Signal signal =
        () -> {
          event.happen();
          return Optional.empty();
        };
    return new Throttle(Long.MAX_VALUE, List.of(signal), Duration.ofNanos(1));
  }

  /** One of the lanes' sessions, in whatever it is doing. */
  private static void killMover(TwoShards shards, boolean source) throws SQLException {
    TwoShards.query(
        source ? shards.source() : shards.target(),
        "select pg_terminate_backend(pid) from pg_stat_activity where datname ="
            + " current_database() and application_name = 'shardwright mover 7' limit 1");
  }

  @Test
  void agreesInTheEndWithWritersThatDeleteInsertMoveAndSwap() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("TableCopyIT seed: " + seed);
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 5_000);
      AtomicBoolean done = new AtomicBoolean();
      ExecutorService writers = Executors.newFixedThreadPool(3);
      List<Future<Integer>> working = new ArrayList<>();
      try {
        for (int i = 0; i < 3; i++) {
          Random random = new Random(seed + i);
          working.add(writers.submit(() -> write(shards, random, done)));
        }
        shards.copy(shards.table(), SMALL).run();
        KeyLogDrain drain = shards.drain();
        try (Connection from = shards.from();
            Connection to = shards.to()) {
          for (int i = 0; i < 20; i++) {
            drain.drain(from, to);
          }
          Verified during = shards.verify(drain);
          assertThat(during.differing()).isEmpty();
          assertThat(during.broughtAgain()).isZero();
          done.set(true);
          for (Future<Integer> work : working) {
            assertThat(work.get()).isPositive();
          }
          TwoShards.drainAll(drain, from, to);
          Verified after = shards.verify(drain);
          assertThat(after.same()).isTrue();
          assertThat(after.broughtAgain()).isZero();
        }
        assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
      } finally {
        done.set(true);
        writers.shutdown();
        writers.awaitTermination(1, TimeUnit.MINUTES);
      }
    }
  }

  private static int write(TwoShards shards, Random random, AtomicBoolean done)
      throws SQLException {
    int written = 0;
    try (Connection connection = shards.source().connect();
        Statement statement = connection.createStatement()) {
      while (!done.get()) {
        int one = 900 + random.nextInt(4_100);
        int other = 900 + random.nextInt(4_100);
        try {
          statement.execute(
              switch (random.nextInt(5)) {
                case 0 -> "delete from t where k = " + one;
                case 1 ->
                    "insert into t values (%d, null, 'again') on conflict do nothing"
                        .formatted(one);
                case 2 ->
                    "begin; delete from t where k = %1$d; insert into t values (%1$d, null, 'r');"
                            .formatted(one)
                        + " commit";
                case 3 ->
                    "update t set k = %d where k = %d and not exists (select from t where k = %1$d)"
                        .formatted(one, other);
                default -> swap(one, other);
              });
          written++;
        } catch (SQLException e) {
          statement.execute("rollback"); // writers met each other
        }
      }
    }
    return written;
  }

  private static String swap(int one, int other) {
    return """
        do $$
        declare a int; b int;
        begin
          perform from t where k in (%1$d, %2$d) order by k for update;
          select u into a from t where k = %1$d;
          select u into b from t where k = %2$d;
          if a is not null and b is not null and %1$d <> %2$d then
            update t set u = null where k = %1$d;
            update t set u = a where k = %2$d;
            update t set u = b where k = %1$d;
          end if;
        end $$
        """
        .formatted(one, other);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void copiesARowWhoseUniqueValueWasAnothersWhenThatOneWasCopied(boolean byToken) throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 8_000);
      MovingTable table = shards.table();
      KeyLogDrain drain = shards.drain();
      Lanes lanes = halfCopied(shards, new RowOrder(table, byToken), drain);
      // The value of a row that is copied goes to one that is not, and the other way round.
      shards.source().execute(swap(1_000, 8_000));
      finish(shards, table, drain, lanes);
      try (Connection from = shards.from();
          Connection to = shards.to()) {
        TwoShards.drainAll(drain, from, to);
      }
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  /** A delete that is drained before its row is copied would let the row rise again. */
  @ParameterizedTest
  @CsvSource({"false, 2100", "true, 3100"})
  void drainsOnAConflictOnlyWhatIsAboutRowsThatAreCopied(boolean byToken, int later)
      throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 8_000);
      MovingTable table = shards.table();
      KeyLogDrain drain = shards.drain();
      Lanes lanes = halfCopied(shards, new RowOrder(table, byToken), drain);
      // In the way of the second chunk.
      shards.source().execute(swap(1_000, later));
      shards.source().execute("delete from t where k in (1_001, 7_000)".replace("_", ""));
      finish(shards, table, drain, lanes);
      assertThat(
              TwoShards.query(
                  shards.source(),
                  "select string_agg(distinct k1::text, ',' order by k1::text)"
                      + " from shardwright.key_log_7_1"))
          .containsExactly(later + ",7000");
    }
  }

  /** What the other lane has copied meanwhile is in the way of what is drained. */
  @Test
  void drainsOnAConflictAlsoWhatIsAboutRowsThatAnotherLaneHasJustCopied() throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN);
        Connection from = shards.from();
        Connection to = shards.to()) {
      fill(shards, 8_000);
      MovingTable table = shards.table();
      KeyLogDrain drain = shards.drain();
      Optional<RowKey> middle = Optional.of(RowKey.of("4000"));
      Lanes lanes =
          Lanes.start(
              RowOrder.byKey(table),
              List.of(
                  new KeyWindow(HIGH, Optional.empty(), middle),
                  new KeyWindow(HIGH, middle, Optional.empty())));
      new CopyPositions(table, HIGH, TwoShards.MOVER).begin(to, lanes);
      lane(table, drain, lanes, 0).copyChunk(from, to);
      shards.source().execute(swap(1_000, 3_000));
      AtomicBoolean copying = new AtomicBoolean();
      AtomicBoolean draining = new AtomicBoolean();
      Connection raced =
          Intercepted.calls(
              from,
              method -> {
                copying.compareAndSet(false, method.equals("unwrap"));
                if (copying.get()
                    && method.equals("createStatement")
                    && !draining.getAndSet(true)) {
                  lane(table, drain, lanes, 1).copyChunk(from, to);
                  shards.source().execute(swap(1_500, 5_000));
                }
              });
      lane(table, drain, lanes, 0).copyChunk(raced, to);
      assertThat(draining).isTrue();
      for (int lane = 0; lane < 2; lane++) {
        while (!lanes.get(lane).complete()) {
          lane(table, drain, lanes, lane).copyChunk(from, to);
        }
      }
      TwoShards.drainAll(drain, from, to);
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  private static Lanes halfCopied(TwoShards shards, RowOrder order, KeyLogDrain drain)
      throws Exception {
    try (Connection from = shards.from();
        Connection to = shards.to()) {
      Lanes lanes = Lanes.start(order, List.of(KeyWindow.all(HIGH)));
      new CopyPositions(order.table(), HIGH, TwoShards.MOVER).begin(to, lanes);
      lane(order.table(), drain, lanes).copyChunk(from, to);
      assertThat(lanes.get(0).complete()).isFalse();
      assertThat(lanes.get(0).rows()).isPositive();
      return lanes;
    }
  }

  private static void finish(TwoShards shards, MovingTable table, KeyLogDrain drain, Lanes lanes)
      throws Exception {
    try (Connection from = shards.from();
        Connection to = shards.to()) {
      LaneCopy lane = lane(table, drain, lanes);
      while (!lanes.get(0).complete()) {
        lane.copyChunk(from, to);
      }
    }
  }

  private static LaneCopy lane(MovingTable table, KeyLogDrain drain, Lanes lanes) {
    return lane(table, drain, lanes, 0);
  }

  private static LaneCopy lane(MovingTable table, KeyLogDrain drain, Lanes lanes, int number) {
    return new LaneCopy(
        table,
        HIGH,
        TwoShards.MOVER,
        lanes,
        number,
        drain,
        new WindowSize(Duration.ofDays(1), FOR_2_000_ROWS));
  }

  @Test
  void namesTheValueThatARowOfTheOtherSideHasForGood() throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      shards.source().execute("insert into t values (1000, 5, '')");
      shards.target().execute("insert into t values (1, 5, 'of the target')");
      assertThatThrownBy(() -> shards.copy().run())
          .isInstanceOf(LastingConflict.class)
          .hasMessageContaining("Key (u)=(5) already exists");
      shards.target().execute("delete from t");
      shards.copy().run();
      assertThat(shards.moving(shards.target())).containsExactly("(1000,5,\"\")");
    }
  }

  /** So the checks before a move refuse such keys without the sharding key. */
  @Test
  void isNotKeptFromValuesOfOthersByADeferrableKey() throws Exception {
    String ddl = "create table t (k bigint primary key, u int unique deferrable)";
    try (TwoShards shards = TwoShards.withTable(HIGH, ddl)) {
      shards.source().execute("insert into t values (1000, 5)");
      shards.target().execute("insert into t values (1, 5)");
      shards.copy().run();
      assertThat(TwoShards.query(shards.target(), "select k from t where u = 5 order by k"))
          .containsExactly("1", "1000");
    }
  }

  @Test
  void endsWhereARowIsRefused() throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 8_000);
      shards.target().execute("alter table t add constraint low check (u < 7000)");
      assertThatThrownBy(() -> shards.copy().run())
          .isInstanceOf(RowsRefused.class)
          .hasMessageContaining("table public.t")
          .hasMessageContaining("check constraint \"low\"")
          .hasMessageNotContaining("row 7");
      shards.target().execute("alter table t drop constraint low");
      shards.copy().run();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  @Test
  void copiesPartitionedTablesAndDeferrableKeys() throws Exception {
    String ddl =
        """
        create table t (k bigint, at date, u int, v int, primary key (k, at) deferrable,
          unique (at, u) deferrable initially deferred) partition by range (at);
        create table t_old partition of t for values from (minvalue) to ('2024-01-01');
        create table t_new partition of t default partition by range (at);
        create table t_new_0 partition of t_new for values from ('2024-01-01') to ('2024-06-01');
        create table t_new_1 partition of t_new default;
        """;
    try (TwoShards shards = TwoShards.withTable(HIGH, ddl)) {
      shards
          .source()
          .execute(
              "insert into t select i, date '2023-01-01' + i % 700, i, 0 from"
                  + " generate_series(1, 10000) i");
      shards.copy(shards.table(), SMALL).run();
      shards.source().execute("update t set u = -u, at = at + 1 where k % 3 = 0");
      Verified verified = shards.move();
      assertThat(verified.rows()).isEqualTo(9_001);
      assertThat(verified.broughtAgain()).isZero();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  @Test
  void stopsWhenInterruptedAndGoesOnLater() throws Exception {
    try (TwoShards shards = TwoShards.withTable(HIGH, PLAIN)) {
      fill(shards, 20_000);
      Thread caller = Thread.currentThread();
      AtomicBoolean interrupted = new AtomicBoolean();
      Throttle throttle =
          throttle(
              () -> {
                if (!interrupted.getAndSet(true)) {
                  caller.interrupt();
                }
              });
      TableCopy copy = shards.copy(shards.table(), SMALL, throttle);
      assertThatThrownBy(copy::run).isInstanceOf(InterruptedException.class);
      assertThat(Thread.interrupted()).isFalse();
      copy.run();
      assertThat(copy.progress().rows()).isEqualTo(19_001);
    }
  }

  private static void fill(TwoShards shards, int rows) throws SQLException {
    shards
        .source()
        .execute(
            "insert into t select i, i, 'row ' || i from generate_series(1, %d) i".formatted(rows));
    shards.source().execute("delete from shardwright.key_log_7_1");
  }
}
