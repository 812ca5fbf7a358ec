package dev.shardwright.topology.zookeeper;

import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;

/** How a node that goes with the session is written. */
final class EphemeralNode {
  private EphemeralNode() {}

  /** A node that an earlier session left behind would go with that session: it is replaced. */
  static List<Op> write(Requests requests, String path, byte[] data, Deadline deadline) {
    Op create = Op.create(path, data, requests.acl(), CreateMode.EPHEMERAL);
    return requests
        .get(path, null, deadline)
        .map(
            node ->
                node.stat().getEphemeralOwner() == requests.sessionId(deadline)
                    ? List.of(Unconditional.set(path, data))
                    : List.of(Unconditional.delete(path), create))
        .orElse(List.of(create));
  }
}
