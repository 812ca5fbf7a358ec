package dev.shardwright.bench.jmh;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.rebalance.plan.Planner;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Planning what one more shard gets of 1,000 with 64 virtual nodes each. The bar: 2 s. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PlannerBenchmark {
  private static final int SHARDS = 1_000;
  private static final int VIRTUAL_NODES = 64;

  /** What is made even. */
  @Param({"TOKENS", "BYTES"})
  public Goal goal = Goal.TOKENS;

  private Topology topology;
  private RingContent content;

  /** Lays the ring out, and puts about the same into each virtual node. */
  @Setup
  public void layOut() {
    Map<ShardId, Integer> weights = new TreeMap<>();
    Map<ShardId, Shard> shards = new TreeMap<>();
    for (int i = 0; i <= SHARDS; i++) {
      ShardId id = ShardId.of("shard-" + i);
      shards.put(id, Shard.of(id, new Endpoint("jdbc:postgresql://" + id + "/app", "app")));
      if (i < SHARDS) {
        weights.put(id, 100);
      }
    }
    Placement placement = Placement.of(PlacementByTokens.layOut(weights, VIRTUAL_NODES));
    KeyspaceTopology keyspace =
        new KeyspaceTopology(
            "shop",
            Strategy.HASH,
            Optional.of(KeyType.BIGINT),
            VIRTUAL_NODES,
            new TreeSet<>(),
            new TreeMap<>(),
            new TreeMap<>(Map.of(Region.ALL, placement)));
    topology =
        new Topology(
            Topology.INITIAL.epoch(),
            new TreeMap<>(shards),
            new TreeMap<>(Map.of("shop", keyspace)),
            new TreeSet<>(),
            new TreeMap<>());
    Random random = new Random(1);
    List<Volume> volumes = new ArrayList<>();
    for (int i = 0; i < placement.ring().size(); i++) {
      long rows = 90_000L + random.nextInt(20_000);
      volumes.add(new Volume(rows, rows * 100, 0));
    }
    content =
        new RingContent(
            new RingId("shop", Region.ALL), placement, volumes, new TreeMap<>(), List.of());
  }

  /** The whole plan, with its reasons. */
  @Benchmark
  public RebalancePlan addAShard() {
    return new Planner(PlanOptions.DEFAULTS).plan(topology, List.of(content), Balance.by(goal));
  }
}
