package dev.shardwright.rebalance;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.testkit.ChildJvm;
import java.io.IOException;
import java.util.List;

/** A process of its own that stands for election, and moves ranges until it is ended. */
final class MoverProcess {
  private static final List<String> OPTIONS =
      List.of("-Xmx128m", "-Xshare:auto", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off");

  private MoverProcess() {}

  /** Starts one. */
  static ChildJvm start(String zooKeeper, Credentials credentials) {
    return ChildJvm.start(
        OPTIONS,
        MoverProcess.class,
        zooKeeper,
        credentials.user(),
        credentials.password().orElseThrow());
  }

  public static void main(String[] arguments) throws IOException {
    Credentials credentials = Credentials.of(arguments[1], arguments[2]);
    Rebalancer rebalancer =
        Rebalancer.connect(
            arguments[0],
            LiveCluster.NAME,
            LiveCluster.OPTIONS.withCredentials((shard, endpoint, role) -> credentials));
    rebalancer.campaign("process " + ProcessHandle.current().pid());
    while (System.in.read() >= 0) {
      // until whoever started it is gone
    }
    Runtime.getRuntime().halt(0);
  }
}
