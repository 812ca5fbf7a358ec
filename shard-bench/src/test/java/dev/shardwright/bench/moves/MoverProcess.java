package dev.shardwright.bench.moves;

import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.testkit.ChildJvm;
import java.io.IOException;
import java.util.List;

/** A process of its own that stands for election, and moves ranges until it is ended. */
final class MoverProcess {
  private static final List<String> OPTIONS =
      List.of("-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off");

  private MoverProcess() {}

  static ChildJvm start(ServedCluster cluster, String zooKeeper) {
    return ChildJvm.start(
        OPTIONS,
        MoverProcess.class,
        zooKeeper,
        cluster.name,
        PostgresAccess.user(),
        PostgresAccess.password());
  }

  public static void main(String[] arguments) throws IOException {
    Rebalancer rebalancer =
        ServedCluster.connected(
            () ->
                Rebalancer.connect(
                    arguments[0],
                    arguments[1],
                    RebalancerOptions.DEFAULTS
                        .withCredentials(PostgresAccess.of(arguments[2], arguments[3]))
                        .withZooKeeper(ServedCluster.ZOOKEEPER)));
    rebalancer.campaign("process " + ProcessHandle.current().pid());
    while (System.in.read() >= 0) {
      // until whoever started it is gone
    }
    Runtime.getRuntime().halt(0);
  }
}
