package dev.shardwright.bench.scale;

import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore.Subscription;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterMembership;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.HashMap;
import java.util.Map;

/**
 * What ZooKeeper sees of a router with nothing to do: a session, a registration, a watch, and an
 * acknowledgement of whatever is asked for.
 */
final class FleetMember implements AutoCloseable {
  private final ZooKeeperCluster cluster;
  private final RouterMembership membership;
  private final MoveAcknowledgements acknowledgements;
  private final Map<Integer, Subject> said = new HashMap<>();
  private final Subscription subscription;

  FleetMember(String connectString, String name, RouterDescription description) {
    cluster = ZooKeeperCluster.connect(connectString, name);
    membership = cluster.join(description);
    acknowledgements = cluster.acknowledgements();
    subscription = cluster.topologyStore().watch(this::follow);
  }

  /** Called by one thread. */
  private void follow(Topology topology) {
    for (RangeMove move : topology.moves().values()) {
      Subject subject = Subject.of(move);
      if (!subject.equals(said.put(move.number(), subject))) {
        acknowledgements.acknowledge(subject, membership.number());
      }
    }
    membership.report(topology.epoch());
  }

  @Override
  public void close() {
    subscription.close();
    cluster.close();
  }
}
