package dev.shardwright.topology.zookeeper;

import static com.google.common.base.Preconditions.checkState;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.Format;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * The topology in ZooKeeper. Thread-safe.
 *
 * <p>Why no update is lost: a change is one {@code multi} that is conditional on the version of the
 * topology document, so that of all changes that start from one epoch at most one is made. When its
 * answer gets lost, the same {@code multi} may simply be sent again, since at most one copy can
 * find the version it expects; whether one did, the document tells by the change's own random name.
 */
final class ZooKeeperTopologyStore implements TopologyStore {
  private final Requests requests;
  private final ClusterPaths paths;
  private final SnapshotLoader loader;
  private final TopologyWatch watch;
  private volatile boolean closed;

  ZooKeeperTopologyStore(CuratorFramework curator, Requests requests, ClusterPaths paths) {
    this.requests = requests;
    this.paths = paths;
    this.loader = new SnapshotLoader(requests, paths);
    this.watch = new TopologyWatch(curator, requests, loader, paths.cluster());
  }

  @Override
  public Topology read() {
    checkOpen();
    return newest(requests.newDeadline()).orElseThrow(this::missing).topology();
  }

  @Override
  public Optional<Epoch> epoch() {
    checkOpen();
    return newest(requests.newDeadline()).map(found -> found.topology().epoch());
  }

  @Override
  public CompareAndSet compareAndSet(Topology next) {
    checkOpen();
    Deadline deadline = requests.newDeadline();
    if (next.epoch().equals(Epoch.NONE.next())) {
      requests.ensure(paths.rings(), deadline);
    }
    // Our server's word is enough for a change that follows it: the change itself is checked.
    Optional<Snapshot> current = loader.load(null, deadline);
    if (!next.epoch().equals(epochOf(current).next())) {
      current = newest(deadline);
    }
    Epoch inForce = epochOf(current);
    if (!next.epoch().equals(inForce.next())) {
      return new CompareAndSet.Lost(inForce);
    }
    current.ifPresent(this::checkWritable);
    String id = UUID.randomUUID().toString();
    List<Op> ops = TopologyChange.between(current.orElse(null), next, id, paths, requests.acl());
    return change(ops, next.epoch(), id, deadline);
  }

  @Override
  public CompareAndSet restore(Topology kept) {
    checkOpen();
    Deadline deadline = requests.newDeadline();
    requests.ensure(paths.rings(), deadline);
    Optional<Snapshot> current = newest(deadline);
    if (current.isPresent()) {
      return new CompareAndSet.Lost(epochOf(current));
    }
    String id = UUID.randomUUID().toString();
    List<Op> ops = new ArrayList<>(removeRings(deadline));
    ops.addAll(TopologyChange.between(null, kept, id, paths, requests.acl()));
    return change(ops, kept.epoch(), id, deadline);
  }

  /** Rings without a topology, which was lost alone: others are written in their place. */
  private List<Op> removeRings(Deadline deadline) {
    List<Op> ops = new ArrayList<>();
    for (String keyspace : requests.children(paths.rings(), deadline)) {
      for (String ring : requests.children(paths.rings(keyspace), deadline)) {
        ops.add(Unconditional.delete(paths.ring(keyspace, ring)));
      }
      ops.add(Unconditional.delete(paths.rings(keyspace)));
    }
    return ops;
  }

  @Override
  public Subscription watch(Consumer<Topology> listener) {
    return watch.subscribe(read(), listener);
  }

  @Override
  public boolean isConnected() {
    return !closed && requests.isConnected();
  }

  @Override
  public void close() {
    closed = true;
    watch.close();
  }

  private CompareAndSet change(List<Op> ops, Epoch next, String id, Deadline deadline) {
    boolean inDoubt = false;
    try {
      while (true) {
        boolean inDoubtBefore = inDoubt;
        inDoubt = true; // until there is an answer, whatever ends the wait for it
        KeeperException failure = attempt(ops, deadline);
        if (failure == null) {
          return new CompareAndSet.Applied(next);
        }
        inDoubt = inDoubtBefore || Requests.isAnswerLost(failure);
        Optional<Snapshot> now = newest(deadline);
        if (now.isPresent() && now.get().document().change().equals(id)) {
          return new CompareAndSet.Applied(next);
        }
        Epoch inForce = epochOf(now);
        if (inForce.equals(next) || (inForce.isAfter(next) && !inDoubt)) {
          return new CompareAndSet.Lost(inForce);
        }
        if (inForce.isAfter(next)) {
          return new CompareAndSet.Unknown(
              "the answer was lost, and by now epoch %s is in force: who made epoch %s cannot be told"
                  .formatted(inForce, next));
        }
        if (!Requests.isAnswerLost(failure)) {
          throw requests.refused("change the topology to epoch " + next, failure);
        }
        requests.pauseOrGiveUp("change the topology to epoch " + next, deadline, failure);
      }
    } catch (TopologyUnavailable e) {
      if (inDoubt) {
        return new CompareAndSet.Unknown(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private @Nullable KeeperException attempt(List<Op> ops, Deadline deadline) {
    try {
      requests.changeOnce(ops, deadline);
      return null;
    } catch (KeeperException e) {
      return e;
    }
  }

  private Optional<Snapshot> newest(Deadline deadline) {
    requests.sync(paths.topology(), deadline);
    return loader.load(null, deadline);
  }

  private void checkWritable(Snapshot current) {
    long format = current.document().format();
    if (format > Format.CURRENT) {
      throw new TopologyUnavailable(
          "document %s has format %s: this release of Shardwright can read it, but would drop what it does not know by writing format %s. Upgrade this process to change the topology"
              .formatted(paths.topology(), format, Format.CURRENT),
          null);
    }
  }

  private TopologyUnavailable missing() {
    return new TopologyUnavailable(
        "there is no topology at %s: set the cluster up first, or check its name"
            .formatted(paths.topology()),
        null);
  }

  private void checkOpen() {
    checkState(!closed, "the topology store of cluster %s is closed", paths.cluster());
  }

  private static Epoch epochOf(Optional<Snapshot> snapshot) {
    return snapshot.map(found -> found.topology().epoch()).orElse(Epoch.NONE);
  }
}
