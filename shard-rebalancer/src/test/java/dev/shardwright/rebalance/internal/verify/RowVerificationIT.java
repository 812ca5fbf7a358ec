package dev.shardwright.rebalance.internal.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.rebalance.internal.Intercepted;
import dev.shardwright.rebalance.internal.Intercepted.Query;
import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.RowsDiffer;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowVerificationIT {
  private static final KeyRangeSet HIGH = KeyRangeSet.of(new KeyRange(10, Long.MAX_VALUE));
  private static final String DDL = "create table t (k bigint primary key, v text)";

  @Test
  void bringsRowsOverThatNoWriteExplains() throws Exception {
    try (TwoShards shards = filled(100)) {
      shards.target().execute("update t set v = 'changed' where k = 20");
      shards.target().execute("delete from t where k = 30");
      shards.target().execute("insert into t values (1000, 'nowhere else'), (1, 'not moving')");
      Verified verified = shards.verify(shards.drain());
      assertThat(verified.rows()).isEqualTo(91);
      assertThat(verified.broughtAgain()).isEqualTo(3);
      assertThat(verified.same()).isTrue();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
      assertThat(TwoShards.query(shards.target(), "select v from t where k = 1"))
          .containsExactly("not moving");
    }
  }

  /** Each is in the way of the other, and the window of the first ends before the second. */
  @Test
  void bringsRowsThatHaveEachOthersUniqueValues() throws Exception {
    String ddl = "create table t (k bigint primary key, v text, u int unique)";
    try (TwoShards shards = TwoShards.withTable(HIGH, ddl)) {
      shards.source().execute("insert into t select i, 'v', i from generate_series(1, 50000) i");
      shards.source().execute("delete from shardwright.key_log_7_1");
      shards.copy().run();
      shards
          .target()
          .execute(
              "update t set u = -u where k in (20, 49000);"
                  + " update t set u = 49020 - k where k in (20, 49000)");
      assertThat(shards.verify(shards.drain()).same()).isTrue();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  @Test
  void leavesOutWhatTheLogNames() throws Exception {
    try (TwoShards shards = filled(100)) {
      shards.source().execute("update t set v = 'new' where k = 20; delete from t where k = 30");
      Verified verified = shards.verify(shards.drain());
      assertThat(verified.same()).isTrue();
      assertThat(verified.broughtAgain()).isZero();
      assertThat(TwoShards.query(shards.target(), "select v from t where k = 20"))
          .containsExactly("v");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "k bigint, a text collate \"C\", b text collate \"de-x-icu\", v text,"
            + " primary key (k, a, b)",
        "k bigint, a text collate public.any_case, b text, v text, primary key (k, a, b)"
      })
  void leavesOutWhatTheLogNamesWhateverTheOrderOfTexts(String columns) throws Exception {
    try (TwoShards shards =
        TwoShards.withTable(
            HIGH,
            "create collation any_case (provider = icu, locale = 'und-u-ks-level2',"
                + " deterministic = false); create table t (%s)".formatted(columns))) {
      shards.source().execute("insert into t values (20, 'a', 'b', 'v'), (21, 'a', 'b', 'v')");
      shards.move();
      shards.source().execute("update t set a = 'A', v = 'new' where k = 20");
      Verified verified = shards.verify(shards.drain());
      assertThat(verified.same()).isTrue();
      assertThat(verified.broughtAgain()).isZero();
    }
  }

  @Test
  void namesTheRowsThatStayDifferent() throws Exception {
    try (TwoShards shards = filled(100)) {
      // A rule of the target's own, which the digest of definitions would have seen.
      shards
          .target()
          .execute(
              """
              create function alter_row() returns trigger language plpgsql as
                $$ begin new.v := 'altered'; return new; end $$;
              create trigger aaa before insert on t for each row execute function alter_row();
              alter table t enable always trigger aaa;
              update t set v = 'different' where k = 50;
              """);
      assertThatThrownBy(() -> shards.verify(shards.drain()))
          .isInstanceOfSatisfying(
              RowsDiffer.class, e -> assertThat(e.keys()).isEqualTo(List.of(RowKey.of("50"))))
          .hasMessageContaining("(50)");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void comparesWindowByWindow(int lanes) throws Exception {
    try (TwoShards shards = filled(50_000)) {
      shards.target().execute("update t set v = 'changed' where k in (20, 9000, 50000)");
      Verified verified = shards.verify(shards.drain(), lanes);
      assertThat(verified.rows()).as("each row in one window").isEqualTo(49_991);
      assertThat(verified.broughtAgain()).isEqualTo(3);
      assertThat(verified.same()).isTrue();
    }
  }

  /** Each of them would take the statement beyond its time, however few of them move. */
  @Test
  void comparesFewRowsInTheMidstOfManyThatStayInSmallWindows() throws Exception {
    try (TwoShards shards = filled(12);
        Connection looking = shards.to()) {
      shards.target().execute("insert into t select i, 'v' from generate_series(-3000, 0) i");
      shards.target().execute("update t set v = 'changed' where k = 11");
      String moving = " and " + shards.table().inRanges(HIGH);
      AtomicInteger refused = new AtomicInteger();
      Query inTime =
          sql -> {
            if (sql.contains("hash_record") && sql.endsWith(moving)) {
              String where = sql.substring(sql.indexOf(" where "));
              String read =
                  "select count(*) from public.t"
                      + where.substring(0, where.length() - moving.length());
              if (Integer.parseInt(TwoShards.query(looking, read).get(0)) > 200) {
                refused.incrementAndGet();
                throw new SQLException("no time for so many", "57014");
              }
            }
          };
      KeyLogDrain drain = shards.drain();
      Verified verified =
          new RowVerification(
                  shards.order(),
                  HIGH,
                  shards::from,
                  () -> Intercepted.queries(shards.to(), inTime),
                  drain,
                  Throttle.none())
              .run(1, new ShortLogs(List.of(drain), Throttle.none()));
      assertThat(verified.rows()).isEqualTo(3);
      assertThat(verified.broughtAgain()).isEqualTo(1);
      assertThat(verified.same()).isTrue();
      assertThat(refused).hasPositiveValue();
    }
  }

  @Test
  void drainsALogThatHasBecomeLong() throws Exception {
    try (TwoShards shards = filled(12_000);
        Connection source = shards.from()) {
      shards.source().execute("update t set v = 'new'");
      KeyLogDrain drain = shards.drain();
      long written = drain.length(source);
      assertThat(written).isGreaterThan(ShortLogs.LONG);
      assertThat(shards.verify(drain).same()).isTrue();
      assertThat(drain.length(source)).isLessThan(written);
    }
  }

  /**
   * A look at both sides and at the log is no look at one moment if rows leave the log meanwhile.
   */
  @Test
  void takesNoWriteForADifferenceWhileTheLogIsDrained() throws Exception {
    try (TwoShards shards = filled(100);
        Workers others = new Workers("others", 2);
        Connection source = shards.from();
        Connection target = shards.to()) {
      KeyLogDrain drain = shards.drain();
      AtomicBoolean over = new AtomicBoolean();
      AtomicLong drained = new AtomicLong();
      Future<Boolean> writing =
          others.begin(
              () -> {
                for (long i = 0; !over.get(); i++) {
                  shards.source().execute("update t set v = '%d' where k = 20".formatted(i));
                }
                return true;
              });
      Future<Boolean> draining =
          others.begin(
              () -> {
                try (Connection from = shards.from();
                    Connection to = shards.to()) {
                  while (!over.get()) {
                    drained.addAndGet(drain.drain(from, to).applied());
                  }
                }
                return true;
              });
      try {
        for (int look = 0; look < 200 || drained.get() < 200; look++) {
          assertThat(drain.unexplained(source, target, Set.of(RowKey.of("20")))).isEmpty();
          assertThat(writing.isDone() || draining.isDone()).as("somebody has failed").isFalse();
        }
      } finally {
        over.set(true);
      }
      writing.get();
      draining.get();
    }
  }

  private static TwoShards filled(int rows) throws Exception {
    TwoShards shards = TwoShards.withTable(HIGH, DDL);
    shards.source().execute("insert into t select i, 'v' from generate_series(1, " + rows + ") i");
    shards.source().execute("delete from shardwright.key_log_7_1");
    shards.copy().run();
    return shards;
  }
}
