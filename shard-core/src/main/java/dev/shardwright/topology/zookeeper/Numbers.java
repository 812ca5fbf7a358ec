package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.OpResult;

/**
 * The numbers of one kind, which are the versions of a node. Each write of the node gives it the
 * next version, to its author alone: so a number is never given twice for as long as the node is
 * there. When an answer gets lost, a number is left out. Thread-safe.
 */
final class Numbers {
  private static final int MOST_SKIPPED_AT_ONCE = 2_000;

  private final Requests requests;
  private final String path;

  Numbers(Requests requests, String path) {
    this.requests = requests;
    this.path = path;
  }

  /**
   * A number that was not given before; above 0.
   *
   * @param what the number is, for messages
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  int next(String what, Deadline deadline) {
    requests.ensure(path, deadline);
    try {
      List<OpResult> results =
          requests.change("get " + what, deadline, List.of(Unconditional.set(path, new byte[0])));
      return ((OpResult.SetDataResult) results.get(0)).getStat().getVersion();
    } catch (KeeperException e) {
      throw requests.refused("get " + what, e);
    }
  }

  /** The last number that was given; 0 if none was. */
  int last(Deadline deadline) {
    return requests.get(path, null, deadline).map(node -> node.stat().getVersion()).orElse(0);
  }

  /** Gives neither this number nor a lower one from now on. */
  void skip(int number) {
    Deadline deadline = requests.newDeadline();
    requests.ensure(path, deadline);
    for (int left = number - last(deadline); left > 0; left -= MOST_SKIPPED_AT_ONCE) {
      int now = Math.min(left, MOST_SKIPPED_AT_ONCE);
      try {
        requests.change(
            "skip numbers of " + path,
            requests.newDeadline(),
            Collections.nCopies(now, Unconditional.set(path, new byte[0])));
      } catch (KeeperException e) {
        throw requests.refused("skip numbers of " + path, e);
      }
    }
  }
}
