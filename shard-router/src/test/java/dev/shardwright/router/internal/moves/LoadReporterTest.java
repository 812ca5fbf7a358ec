package dev.shardwright.router.internal.moves;

import static dev.shardwright.router.internal.moves.MovingTopology.AT_REST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.codec.LoadCodec;
import dev.shardwright.internal.codec.LoadReport;
import dev.shardwright.internal.codec.LoadReport.RingLoad;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.zookeeper.RouterLoads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LoadReporterTest {
  private static final int WORK = 16_000;
  private static final Target KEY = new Target.OfKey("shop", Region.ALL, 42L);

  private final List<byte[]> reports = new CopyOnWriteArrayList<>();

  @Test
  void reportsTheWorkOfAllSnapshotsOnceAndThenThatThereIsNoneAnyMore() {
    Routing first = MovingTopology.routing(AT_REST);
    Routing second = MovingTopology.routing(AT_REST.next());
    work(first);
    work(second);
    try (LoadReporter reporter =
        new LoadReporter(reports::add, Duration.ofSeconds(2), first, "test")) {
      reporter.switchedTo(second);
      await().until(() -> reports.size() == 2);
    }
    RingLoad load = LoadCodec.decode(reports.get(0), "/load").rings().get(0);
    assertThat(load.keyspace()).isEqualTo("shop");
    assertThat(load.total()).isBetween(WORK * 3L / 2, WORK * 5L / 2);
    assertThat(load.busiest()).containsOnlyKeys(KeyRange.ALL).containsValue(load.total());
    LoadReport last = LoadCodec.decode(reports.get(1), "/load");
    assertThat(last.rings()).isEmpty();
  }

  @Test
  void aReportOfManyVirtualNodesIsSmallEnough() {
    Routing routing = MovingTopology.routing(MovingTopology.ofManyVirtualNodes());
    for (long key = 0; key < 20 * WORK; key++) {
      new Target.OfKey("shop", Region.ALL, key).sample(routing);
    }
    LoadReporter reporter = new LoadReporter(reports::add, Duration.ofMillis(50), routing, "test");
    try {
      await().until(() -> !reports.isEmpty());
    } finally {
      reporter.close();
    }
    assertThat(reports.get(0)).hasSizeLessThan(RouterLoads.MAX_BYTES);
    assertThat(LoadCodec.decode(reports.get(0), "/load").rings().get(0).busiest()).hasSize(256);
  }

  private static void work(Routing routing) {
    for (int i = 0; i < WORK; i++) {
      KEY.sample(routing);
    }
  }
}
