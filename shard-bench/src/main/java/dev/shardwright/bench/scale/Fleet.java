package dev.shardwright.bench.scale;

import com.google.common.util.concurrent.Futures;
import dev.shardwright.topology.zookeeper.RouterDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many routers as ZooKeeper sees them, each with a session of its own. Used by one thread. */
final class Fleet implements AutoCloseable {
  private static final RouterDescription DESCRIPTION =
      new RouterDescription("bench", ProcessHandle.current().pid(), "bench");
  private static final int AT_ONCE = 16;

  private final String connectString;
  private final String cluster;
  private final List<FleetMember> members = new ArrayList<>();
  private final ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE);

  Fleet(String connectString, String cluster) {
    this.connectString = connectString;
    this.cluster = cluster;
  }

  /** Adds members until there are that many. */
  void growTo(int size) throws Exception {
    List<Future<FleetMember>> joining = new ArrayList<>();
    for (int i = members.size(); i < size; i++) {
      joining.add(workers.submit(() -> new FleetMember(connectString, cluster, DESCRIPTION)));
    }
    for (Future<FleetMember> member : joining) {
      members.add(member.get());
    }
  }

  int size() {
    return members.size();
  }

  @Override
  public void close() {
    List<Future<?>> leaving = new ArrayList<>();
    for (FleetMember member : members) {
      leaving.add(workers.submit(member::close));
    }
    leaving.forEach(Futures::getUnchecked);
    workers.shutdown();
  }
}
