package dev.shardwright.rebalance.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowRemovalIT {
  private static final KeyRangeSet RANGES =
      KeyRangeSet.of(new KeyRange(100, 4_999), new KeyRange(9_000, 9_000));

  @Test
  void deletesTheRowsOfTheRangesWithoutATraceInTheLogAndGoesOnElsewhere() throws Exception {
    try (TwoShards shards =
        TwoShards.withTable(RANGES, "create table t (k bigint primary key, v text)")) {
      shards.source().execute("insert into t select i, 'x' from generate_series(1, 9000) i");
      shards.source().execute("delete from shardwright.key_log_7_1");
      try (Connection from = shards.from()) {
        RowRemoval first = removal(shards, endAfterOneWindow());
        assertThatThrownBy(() -> first.run(from)).hasMessage("ended");
        assertThat(first.removed()).isPositive();
        RowRemoval second = removal(shards, Throttle.none());
        second.run(from);
        assertThat(second.removed()).isPositive();
        assertThat(first.removed() + second.removed()).isEqualTo(4_901);
      }
      assertThat(shards.moving(shards.source())).isEmpty();
      assertThat(TwoShards.query(shards.source(), "select count(*) from t"))
          .containsExactly("4099");
      assertThat(TwoShards.query(shards.source(), "select * from shardwright.key_log_7_1"))
          .isEmpty();
    }
  }

  /** The rows may have come back since, by another move. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "update shardwright.mover set token = 4 where migration = 7",
        "delete from shardwright.mover where migration = 7"
      })
  void deletesNothingMoreOnceASuccessorIsAtWorkOrHasFinished(String succession) throws Exception {
    try (TwoShards shards =
        TwoShards.withTable(RANGES, "create table t (k bigint primary key, v text)")) {
      shards.source().execute("insert into t select i, 'x' from generate_series(1, 9000) i");
      try (Connection from = shards.from()) {
        RowRemoval first =
            removal(
                shards,
                afterOneWindow(
                    () -> {
                      shards.source().execute(succession);
                      shards.source().execute("delete from t; insert into t values (100, 'back')");
                    }));
        assertThatThrownBy(() -> first.run(from))
            .isInstanceOfSatisfying(
                SQLException.class,
                e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.MOVER_SUPERSEDED));
        assertThat(first.removed()).isPositive();
      }
      assertThat(shards.moving(shards.source())).containsExactly("(100,back)");
    }
  }

  private static Throttle endAfterOneWindow() {
    return afterOneWindow(
        () -> {
          throw new SQLException("ended");
        });
  }

  private static Throttle afterOneWindow(Transaction.Task task) {
    AtomicInteger windows = new AtomicInteger();
    return new Throttle(
        Long.MAX_VALUE,
        List.of(
            () -> {
              if (windows.getAndIncrement() == 1) {
                task.run();
              }
              return Optional.empty();
            }),
        Duration.ZERO);
  }

  private static RowRemoval removal(TwoShards shards, Throttle throttle) throws Exception {
    return new RowRemoval(
        shards.order(),
        RANGES,
        TwoShards.MOVER,
        throttle,
        new CopyOptions(1, Duration.ofMillis(10), 1_000_000));
  }
}
