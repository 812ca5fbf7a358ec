package dev.shardwright.rebalance.internal.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.internal.codec.LoadCodec;
import dev.shardwright.internal.codec.LoadReport;
import dev.shardwright.internal.codec.LoadReport.RingLoad;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.VirtualNodeLoads;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.topology.Region;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReportedLoadsTest {
  private static final RingId SHOP = new RingId("shop", Region.ALL);
  private static final KeyRange UPPER = new KeyRange(0, Long.MAX_VALUE);

  @Test
  void addsUpWhatRoutersReportOfPeriodsOfAnyLength() {
    SortedMap<RingId, VirtualNodeLoads> loads =
        ReportedLoads.of(
            Map.of(
                1,
                report(Duration.ofSeconds(30), 100, 40),
                2,
                report(Duration.ofMinutes(2), 60, 20)));
    assertThat(loads).containsOnlyKeys(SHOP);
    assertThat(loads.get(SHOP))
        .isEqualTo(new VirtualNodeLoads(new TreeMap<>(Map.of(UPPER, 90L)), 230));
  }

  @Test
  void leavesOutAReportThatCannotBeRead() {
    byte[] newer = "{\"format\":99,\"minimumReader\":99}".getBytes(StandardCharsets.UTF_8);
    SortedMap<RingId, VirtualNodeLoads> loads =
        ReportedLoads.of(Map.of(1, newer, 2, report(Duration.ofMinutes(1), 60, 20)));
    assertThat(loads.get(SHOP))
        .isEqualTo(new VirtualNodeLoads(new TreeMap<>(Map.of(UPPER, 20L)), 60));
  }

  private static byte[] report(Duration period, long total, long upper) {
    RingLoad ring = new RingLoad("shop", Region.ALL, total, new TreeMap<>(Map.of(UPPER, upper)));
    return LoadCodec.encode(new LoadReport(period, List.of(ring)));
  }
}
