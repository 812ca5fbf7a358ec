package dev.shardwright.bench.scale;

import dev.shardwright.bench.Figures;
import dev.shardwright.bench.Numbers;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.rebalance.plan.Planner;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.testkit.ZooKeeperEnsemble;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;

/**
 * What 1,000 shards, 10 TB and a thousand routers cost the parts that every router and every move
 * share. A ZooKeeper of three nodes, and the sessions of the routers, are real, and all in this
 * JVM; shards and rows are only described.
 *
 * <p>Arguments: the most routers (default 1,000), shards (default 1,000).
 */
public final class Scale {
  private static final String CLUSTER = "large";
  private static final long CONTENT_BYTES = 10_000_000_000_000L;
  private static final int FEW_SHARDS = 2;
  private static final int ROUNDS = 9;
  private static final int SESSION_MILLIS = 6_000;

  private final ZooKeeperEnsemble ensemble;
  private final PrintStream out;

  private Scale(ZooKeeperEnsemble ensemble, PrintStream out) {
    this.ensemble = ensemble;
    this.out = out;
  }

  /** Runs everything and prints its tables. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 1_000, 1_000);
    int routers = Math.toIntExact(numbers[0]);
    int shards = Math.toIntExact(numbers[1]);
    run(routers, shards, System.out);
  }

  static void run(int routers, int shards, PrintStream out) throws Exception {
    try (ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.start()) {
      Scale scale = new Scale(ensemble, out);
      scale.documents(shards);
      scale.plans(shards);
      out.printf(
          "%nUntil every router has acknowledged: median and maximum of %d changes of hands%n"
              + "| shards | routers | hold, ms | change of hands, ms |%n|---|---|---|---|%n",
          ROUNDS);
      int hundredth = Math.max(1, routers / 100);
      int tenth = Math.max(1, routers / 10);
      scale.acknowledgements("few", FEW_SHARDS, hundredth, tenth, routers);
      // Here all routers read in one JVM what each would read in its own: more of them measure
      // that.
      scale.acknowledgements("many", shards, hundredth, tenth);
    }
  }

  private void documents(int shards) throws Exception {
    store(CLUSTER, LargeTopology.of(shards));
    out.printf("%nA topology of %,d shards with 64 virtual nodes each%n", shards);
    printSizes("/shardwright/" + CLUSTER);
    double read = median(() -> timeToRead());
    out.printf(Locale.ROOT, "- read by a router that knows nothing: %.1f ms%n", read);
    List<Topology> kept = new ArrayList<>();
    long before = usedHeap();
    for (int i = 0; i < ROUNDS; i++) {
      kept.add(readAnew());
    }
    long each = (usedHeap() - before) / kept.size();
    out.printf("- in memory: %,d bytes%n", each);
  }

  private void printSizes(String path) throws Exception {
    ZooKeeper client = new ZooKeeper(ensemble.connectString(), SESSION_MILLIS, event -> {});
    try {
      printSizes(client, path);
    } finally {
      client.close();
    }
  }

  private void printSizes(ZooKeeper client, String path)
      throws KeeperException, InterruptedException {
    int bytes = client.getData(path, false, null).length;
    if (bytes > 0) {
      out.printf("- %s: %,d bytes%n", path, bytes);
    }
    for (String child : client.getChildren(path, false)) {
      printSizes(client, path + "/" + child);
    }
  }

  private Topology readAnew() {
    try (ZooKeeperCluster cluster = connect(CLUSTER)) {
      return cluster.topologyStore().read();
    }
  }

  private double timeToRead() {
    try (ZooKeeperCluster cluster = connect(CLUSTER)) {
      long began = System.nanoTime();
      cluster.topologyStore().read();
      return (System.nanoTime() - began) / 1e6;
    }
  }

  private void plans(int shards) throws Exception {
    Topology topology = LargeTopology.of(shards);
    var content = List.of(LargeTopology.content(topology, CONTENT_BYTES));
    out.printf("%nA plan for one more shard, with %,d GB in all%n", CONTENT_BYTES / 1_000_000_000);
    for (Goal goal : List.of(Goal.TOKENS, Goal.BYTES)) {
      Planner planner = new Planner(PlanOptions.DEFAULTS);
      double millis =
          median(
              () -> {
                long began = System.nanoTime();
                planner.plan(topology, content, Balance.by(goal));
                return (System.nanoTime() - began) / 1e6;
              });
      RebalancePlan plan = planner.plan(topology, content, Balance.by(goal));
      out.printf(
          Locale.ROOT,
          "- by %s: %.0f ms; %,d moves of %,d bytes in all%n",
          goal,
          millis,
          plan.moves().size(),
          plan.volume().bytes());
    }
  }

  private void acknowledgements(String name, int shards, int... sizes) throws Exception {
    store(name, LargeTopology.of(shards));
    try (ZooKeeperCluster mover = connect(name);
        Fleet fleet = new Fleet(ensemble.connectString(), name)) {
      FanIn move = new FanIn(mover);
      for (int routers : sizes) {
        fleet.growTo(routers);
        double[] holds = new double[ROUNDS];
        double[] commits = new double[ROUNDS];
        move.changeHands(fleet.size()); // the first finds everything cold
        for (int i = 0; i < ROUNDS; i++) {
          FanIn.Nanos took = move.changeHands(fleet.size());
          holds[i] = took.hold() / 1e6;
          commits[i] = took.commit() / 1e6;
        }
        Figures held = Figures.of(holds);
        Figures committed = Figures.of(commits);
        out.printf(
            Locale.ROOT,
            "| %,d | %,d | %.0f (%.0f) | %.0f (%.0f) |%n",
            shards,
            routers,
            held.median(),
            held.most(),
            committed.median(),
            committed.most());
      }
    }
  }

  private void store(String name, Topology topology) {
    try (ZooKeeperCluster cluster = connect(name)) {
      CompareAndSet outcome = cluster.topologyStore().compareAndSet(topology);
      if (!(outcome instanceof CompareAndSet.Applied)) {
        throw new IllegalStateException("the topology was not stored: " + outcome);
      }
    }
  }

  private ZooKeeperCluster connect(String name) {
    return ZooKeeperCluster.connect(ensemble.connectString(), name);
  }

  private static double median(Callable<Double> measured) throws Exception {
    double[] all = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      all[i] = measured.call();
    }
    return Figures.of(all).median();
  }

  private static long usedHeap() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(50);
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
