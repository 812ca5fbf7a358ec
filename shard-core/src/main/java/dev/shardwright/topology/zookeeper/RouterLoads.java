package dev.shardwright.topology.zookeeper;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import dev.shardwright.TopologyUnavailable;
import java.util.Map;
import java.util.TreeMap;
import org.apache.zookeeper.KeeperException;

/**
 * Where routers report how much work they do, and where; a report goes with the session of its
 * router. Knows nothing of what the documents say. Thread-safe.
 */
public final class RouterLoads {
  /** The most bytes of one report. */
  public static final int MAX_BYTES = 16 * 1024;

  private final Requests requests;
  private final ClusterPaths paths;

  RouterLoads(Requests requests, ClusterPaths paths) {
    this.requests = requests;
    this.paths = paths;
  }

  /**
   * Puts the router's report in place of its last one.
   *
   * @throws IllegalArgumentException if the report is too large
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void report(int router, byte[] load) {
    checkArgument(
        load.length <= MAX_BYTES, "a report of %s bytes is over %s", load.length, MAX_BYTES);
    Deadline deadline = requests.newDeadline();
    requests.ensure(paths.loads(), deadline);
    String path = paths.load(router);
    try {
      requests.change(
          "write " + path, deadline, EphemeralNode.write(requests, path, load, deadline));
    } catch (KeeperException.NodeExistsException | KeeperException.NoNodeException e) {
      // The node of an ended session came or went in between: the next report will do.
    } catch (KeeperException e) {
      throw requests.refused("write " + path, e);
    }
  }

  /**
   * The reports that are there, by the numbers of the routers.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Map<Integer, byte[]> all() {
    Deadline deadline = requests.newDeadline();
    Map<Integer, byte[]> loads = new TreeMap<>();
    for (String name : requests.children(paths.loads(), deadline)) {
      Integer router = Ints.tryParse(name);
      if (router != null) { // else it is somebody else's
        requests
            .get(paths.load(router), null, deadline)
            .ifPresent(node -> loads.put(router, node.data()));
      }
    }
    return loads;
  }
}
