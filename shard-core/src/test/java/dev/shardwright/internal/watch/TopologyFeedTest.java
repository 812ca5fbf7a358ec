package dev.shardwright.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopologyFeedTest {
  private final TopologyFeed feed = new TopologyFeed(Runnable::run);
  private final List<Epoch> given = new ArrayList<>();

  @Test
  void givesAListenerEachTopologyOnce() {
    feed.subscribe(topology -> given.add(topology.epoch()));
    Topology first = Topology.INITIAL.next();
    feed.offer(first);
    feed.offer(first);
    feed.offer(first.next());
    feed.offer(first);
    assertThat(given).containsExactly(first.epoch(), first.next().epoch());
  }

  @Test
  void givesOnWhichAListenerFailedAgain() {
    feed.subscribe(
        topology -> {
          given.add(topology.epoch());
          if (given.size() == 1) {
            throw new IllegalStateException("once");
          }
        });
    Topology first = Topology.INITIAL.next();
    for (int i = 0; i < 3; i++) {
      feed.offer(first);
    }
    assertThat(given).containsExactly(first.epoch(), first.epoch());
  }
}
