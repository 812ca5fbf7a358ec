package dev.shardwright.bench.jmh;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.RingDifference;
import dev.shardwright.ring.ShardId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Deciding what moves when one of 1,000 shards is added or removed. The bar: well under a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PlacementByTokensBenchmark {
  private static final int SHARDS = 1_000;
  private static final int VIRTUAL_NODES = 64;
  private static final ShardId MORE = ShardId.of("more");
  private static final ShardId LESS = ShardId.of("shard-500");

  private final Map<ShardId, Integer> grown = new TreeMap<>();
  private final Map<ShardId, Integer> shrunk = new TreeMap<>();
  private HashRing ring;

  /** Lays the ring out. */
  @Setup
  public void layOut() {
    Map<ShardId, Integer> weights = new TreeMap<>();
    for (int i = 0; i < SHARDS; i++) {
      weights.put(ShardId.of("shard-" + i), 100);
    }
    ring = PlacementByTokens.layOut(weights, VIRTUAL_NODES);
    grown.putAll(weights);
    grown.put(MORE, 100);
    shrunk.putAll(weights);
    shrunk.remove(LESS);
  }

  /** One more shard, and what moves to it. */
  @Benchmark
  public List<RangeTransfer> add() {
    return RingDifference.between(ring, PlacementByTokens.add(ring, MORE, grown, VIRTUAL_NODES));
  }

  /** One shard less, and where its tokens go. */
  @Benchmark
  public List<RangeTransfer> remove() {
    return RingDifference.between(
        ring, PlacementByTokens.remove(ring, LESS, shrunk, VIRTUAL_NODES));
  }
}
