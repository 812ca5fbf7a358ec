package dev.shardwright.router.internal.moves;

import dev.shardwright.ShardException;
import dev.shardwright.internal.codec.LoadCodec;
import dev.shardwright.internal.codec.LoadReport;
import dev.shardwright.internal.codec.LoadReport.RingLoad;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.zookeeper.RouterLoads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports from time to time how much work there was with which keys. Thread-safe. */
public final class LoadReporter implements AutoCloseable {
  public static final Duration PERIOD = Duration.ofSeconds(30);

  /** The most virtual nodes that are named, of all rings together. */
  private static final int MOST_NODES = 256;

  private static final Logger log = LoggerFactory.getLogger(LoadReporter.class);

  private final Consumer<byte[]> loads;
  private final Duration period;
  private final Background background;
  private final Map<RingId, SortedMap<KeyRange, Long>> counted = new HashMap<>();
  private Routing newest;
  private long began = System.nanoTime();
  private boolean saidSomething;

  private record RingId(String keyspace, Region region) {}

  private record Node(RingId ring, KeyRange range, long count) {}

  /**
   * @param loads takes a report; throws {@link ShardException} if it could not
   */
  public LoadReporter(Consumer<byte[]> loads, Duration period, Routing first, String cluster) {
    this.loads = loads;
    this.period = period;
    this.newest = first;
    this.background = new Background("shardwright-loads-" + cluster);
    background.runIn(period, this::report);
  }

  /** New work goes by this snapshot from now on. */
  public synchronized void switchedTo(Routing next) {
    take(newest);
    newest = next;
  }

  @Override
  public void close() {
    background.close();
  }

  private void report() {
    try {
      LoadReport report = taken();
      if (saidSomething || !report.rings().isEmpty()) {
        loads.accept(encoded(report));
        saidSomething = !report.rings().isEmpty();
      }
    } catch (ShardException e) {
      log.debug("the load could not be reported; the next report comes soon", e);
    } finally {
      background.runIn(period, this::report);
    }
  }

  private synchronized LoadReport taken() {
    take(newest);
    long now = System.nanoTime();
    LoadReport report = new LoadReport(Duration.ofNanos(now - began), rings(MOST_NODES));
    began = now;
    counted.clear();
    return report;
  }

  private void take(Routing routing) {
    routing.takeLoads(
        (keyspace, region, counts) ->
            counts.forEach(
                (range, count) ->
                    counted
                        .computeIfAbsent(new RingId(keyspace, region), any -> new TreeMap<>())
                        .merge(range, count, Long::sum)));
  }

  private List<RingLoad> rings(int most) {
    Map<RingId, SortedMap<KeyRange, Long>> busiest = new HashMap<>();
    counted.entrySet().stream()
        .flatMap(
            ring ->
                ring.getValue().entrySet().stream()
                    .map(node -> new Node(ring.getKey(), node.getKey(), node.getValue())))
        .sorted(Comparator.comparingLong(Node::count).reversed())
        .limit(most)
        .forEach(
            node ->
                busiest
                    .computeIfAbsent(node.ring(), any -> new TreeMap<>())
                    .put(node.range(), node.count()));
    List<RingLoad> rings = new ArrayList<>();
    counted.forEach(
        (ring, counts) ->
            rings.add(
                new RingLoad(
                    ring.keyspace(),
                    ring.region(),
                    counts.values().stream().mapToLong(Long::longValue).sum(),
                    busiest.getOrDefault(ring, new TreeMap<>()))));
    return rings;
  }

  /** Where there are too many rings for one report, only their totals count, and then not all. */
  private static byte[] encoded(LoadReport report) {
    byte[] bytes = LoadCodec.encode(report);
    if (bytes.length <= RouterLoads.MAX_BYTES) {
      return bytes;
    }
    List<RingLoad> totals =
        report.rings().stream()
            .sorted(Comparator.comparingLong(RingLoad::total).reversed())
            .limit(MOST_NODES / 4)
            .map(
                ring -> new RingLoad(ring.keyspace(), ring.region(), ring.total(), new TreeMap<>()))
            .toList();
    return LoadCodec.encode(new LoadReport(report.period(), totals));
  }
}
