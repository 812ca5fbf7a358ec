package dev.shardwright.rebalance.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
        RowRemoval first = removal(shards, Optional.empty());
        first.removeNext(from);
        assertThat(first.complete()).isFalse();
        assertThat(first.removed()).isPositive();
        RowRemoval second = removal(shards, first.position());
        second.run(from);
        assertThat(first.removed() + second.removed()).isEqualTo(4_901);
      }
      assertThat(shards.moving(shards.source())).isEmpty();
      assertThat(TwoShards.query(shards.source(), "select count(*) from t"))
          .containsExactly("4099");
      assertThat(TwoShards.query(shards.source(), "select * from shardwright.key_log_7_1"))
          .isEmpty();
    }
  }

  private static RowRemoval removal(TwoShards shards, Optional<RowKey> after) throws Exception {
    return new RowRemoval(
        shards.table(),
        RANGES,
        TwoShards.MOVER,
        Throttle.none(),
        new CopyOptions(1, Duration.ofMillis(10), 1_000_000),
        after);
  }
}
