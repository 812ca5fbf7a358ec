package dev.shardwright.bench.scale;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.time.Duration;

/**
 * A range move as far as routers take part in it: it is held, they acknowledge, it changes hands.
 * Does what a mover does, without databases. Used by one thread.
 */
final class FanIn {
  private static final int NUMBER = 1;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TopologyStore store;
  private final MoveAcknowledgements acknowledgements;
  private RangeMove move;

  /** Puts a move of the first range of the first shard into the topology. */
  FanIn(ZooKeeperCluster cluster) {
    store = cluster.topologyStore();
    acknowledgements = cluster.acknowledgements();
    acknowledgements.prepare(NUMBER);
    Topology topology = store.read();
    ShardId source = topology.shards().firstKey();
    ShardId target = topology.shards().keySet().stream().skip(1).findFirst().orElseThrow();
    KeyRange range = LargeTopology.placement(topology).rangesOf(source).ranges().get(0);
    move =
        RangeMove.of(
            NUMBER, LargeTopology.KEYSPACE, Region.ALL, source, target, KeyRangeSet.of(range), 1);
    change(topology.withMove(move));
  }

  /** How long it took until each of them had acknowledged something. */
  record Nanos(long hold, long commit) {}

  /** To the other shard, or back. */
  Nanos changeHands(int routers) throws InterruptedException {
    awaitAll(routers);
    long began = System.nanoTime();
    move = move.hold();
    change(store.read().withMove(move));
    awaitAll(routers);
    long held = System.nanoTime();
    move = move.commit();
    change(store.read().withOwnerOf(move));
    awaitAll(routers);
    long committed = System.nanoTime();
    acknowledgements.forgetBefore(Subject.of(move));
    return new Nanos(held - began, committed - held);
  }

  private void change(Topology changed) {
    CompareAndSet outcome = store.compareAndSet(changed.next());
    if (!(outcome instanceof CompareAndSet.Applied)) {
      throw new IllegalStateException("nobody else changes this topology, but " + outcome);
    }
  }

  private void awaitAll(int routers) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int heard;
    while ((heard = acknowledgements.of(Subject.of(move)).size()) < routers) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "%d of %d routers acknowledged within %s".formatted(heard, routers, PATIENCE));
      }
      Thread.sleep(1);
    }
  }
}
