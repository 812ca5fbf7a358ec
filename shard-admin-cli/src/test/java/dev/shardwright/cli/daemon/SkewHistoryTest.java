package dev.shardwright.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.cli.output.JsonRendering;
import dev.shardwright.cli.output.Part;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SkewHistoryTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final SkewHistory history = new SkewHistory();

  @Test
  void tellsTheNewestLast() {
    history.add(START, List.of(skew()));
    history.add(START.plusSeconds(60), List.of());
    assertThat(JsonRendering.oneLine(history.answer()))
        .isEqualTo(
            "{\"samples\":[{\"at\":\"2026-01-01T00:00:00Z\",\"rings\":"
                + "[{\"ring\":\"shop\",\"goal\":\"rows\",\"maxOverAverage\":1.5}]},"
                + "{\"at\":\"2026-01-01T00:01:00Z\",\"rings\":[]}]}");
  }

  @Test
  void forgetsTheOldestOfMoreThanADayOfMinutes() {
    for (int i = 0; i <= SkewHistory.MOST_SAMPLES; i++) {
      history.add(START.plusSeconds(60L * i), List.of(skew()));
    }
    assertThat(samples().rows()).hasSize(SkewHistory.MOST_SAMPLES);
    assertThat(samples().rows().get(0).get(0).json()).isEqualTo("2026-01-01T00:01:00Z");
  }

  @Test
  void keepsFewerSamplesOfVeryManyRings() {
    List<Skew> many = Collections.nCopies(SkewHistory.MOST_POINTS / 2, skew());
    for (int i = 0; i < 5; i++) {
      history.add(START.plusSeconds(i), many);
    }
    assertThat(samples().rows()).hasSize(2);
    history.add(START.plusSeconds(9), Collections.nCopies(SkewHistory.MOST_POINTS + 1, skew()));
    assertThat(samples().rows()).as("the newest is always kept").hasSize(1);
  }

  private Part.Table samples() {
    return (Part.Table) history.answer().parts().get(0);
  }

  private static Skew skew() {
    TreeMap<ShardId, Skew.Part> shards = new TreeMap<>();
    shards.put(ShardId.of("s1"), new Skew.Part(3, 2));
    shards.put(ShardId.of("s2"), new Skew.Part(1, 2));
    return new Skew(
        new RingId("shop", Region.ALL), Goal.ROWS, shards, 1, List.of(), List.of(), List.of());
  }
}
