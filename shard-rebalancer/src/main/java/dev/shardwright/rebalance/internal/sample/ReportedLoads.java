package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.LoadCodec;
import dev.shardwright.internal.codec.LoadReport;
import dev.shardwright.internal.codec.LoadReport.RingLoad;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.VirtualNodeLoads;
import dev.shardwright.ring.KeyRange;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all routers report of their load, added up by ring: statements a minute. */
final class ReportedLoads {
  private static final Logger LOG = LoggerFactory.getLogger(ReportedLoads.class);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private ReportedLoads() {}

  /**
   * The load of each ring that has any. A report that cannot be read, of a newer release perhaps,
   * is left out.
   *
   * @param reports by the numbers of the routers
   */
  static SortedMap<RingId, VirtualNodeLoads> of(Map<Integer, byte[]> reports) {
    SortedMap<RingId, VirtualNodeLoads> loads = new TreeMap<>();
    reports.forEach(
        (router, document) -> {
          try {
            add(LoadCodec.decode(document, "routers/" + router + "/load"), loads);
          } catch (TopologyUnavailable e) {
            LOG.warn(
                "The load that router {} reports cannot be read and does not count", router, e);
          }
        });
    return loads;
  }

  private static void add(LoadReport report, Map<RingId, VirtualNodeLoads> loads) {
    double factor = (double) MINUTE.toMillis() / Math.max(1, report.period().toMillis());
    for (RingLoad ring : report.rings()) {
      loads.merge(
          new RingId(ring.keyspace(), ring.region()),
          aMinute(ring, factor),
          VirtualNodeLoads::plus);
    }
  }

  private static VirtualNodeLoads aMinute(RingLoad ring, double factor) {
    SortedMap<KeyRange, Long> busiest = new TreeMap<>();
    long rest = ring.total();
    long total = 0;
    for (Map.Entry<KeyRange, Long> node : ring.busiest().entrySet()) {
      long load = Math.round(node.getValue() * factor);
      busiest.put(node.getKey(), load);
      rest -= node.getValue();
      total += load;
    }
    return new VirtualNodeLoads(busiest, total + Math.round(rest * factor));
  }
}
