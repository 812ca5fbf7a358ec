package dev.shardwright.bench.jmh;

import dev.shardwright.bench.scale.LargeTopology;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.rebalance.plan.Planner;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.topology.Topology;
import java.util.List;
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
  private static final long CONTENT_BYTES = 600_000_000_000L;

  /** What is made even. */
  @Param({"TOKENS", "BYTES"})
  public Goal goal = Goal.TOKENS;

  private Topology topology;
  private RingContent content;

  /** Lays the ring out, and puts about the same into each virtual node. */
  @Setup
  public void layOut() {
    topology = LargeTopology.of(SHARDS);
    content = LargeTopology.content(topology, CONTENT_BYTES);
  }

  /** The whole plan, with its reasons. */
  @Benchmark
  public RebalancePlan addAShard() {
    return new Planner(PlanOptions.DEFAULTS).plan(topology, List.of(content), Balance.by(goal));
  }
}
