package dev.shardwright.topology.zookeeper;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.internal.codec.RingCodec;
import dev.shardwright.internal.codec.RingDocument;
import dev.shardwright.internal.codec.RingName;
import dev.shardwright.internal.codec.TopologyCodec;
import dev.shardwright.internal.codec.TopologyDocument;
import dev.shardwright.ring.Placement;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * What has to be written to get from one topology to the next: the topology document, always, and
 * those rings that differ. Performs nothing.
 *
 * <p>Only the write of the topology document is conditional. All others share its {@code multi},
 * and every change goes through that document, so that its version stands for all of them.
 */
final class TopologyChange {
  /**
   * The most bytes of one change. ZooKeeper closes the connection on a request of 1 MiB, its
   * default {@code jute.maxbuffer}; the rest is left for the frame of each operation.
   */
  static final int MAX_BYTES = 1_000_000;

  private final ClusterPaths paths;
  private final List<ACL> acl;
  private final List<Op> ops = new ArrayList<>();
  private long bytes;

  private TopologyChange(ClusterPaths paths, List<ACL> acl) {
    this.paths = paths;
    this.acl = acl;
  }

  /**
   * The writes, in one order that ZooKeeper accepts.
   *
   * @param current what is in force; null before the first topology
   * @param id how the author knows the change again
   * @throws IllegalArgumentException if they are too large for ZooKeeper
   */
  static List<Op> between(
      @Nullable Snapshot current, Topology next, String id, ClusterPaths paths, List<ACL> acl) {
    TopologyChange change = new TopologyChange(paths, acl);
    SortedMap<RingName, Placement> before =
        current == null ? new TreeMap<>() : placements(current.topology());
    SortedMap<RingName, Long> revisions =
        current == null ? new TreeMap<>() : current.document().revisions();
    SortedMap<RingName, Placement> after = placements(next);
    for (Map.Entry<RingName, Placement> ring : after.entrySet()) {
      if (!ring.getValue().equals(before.get(ring.getKey()))) {
        revisions.put(ring.getKey(), next.epoch().value());
      }
    }
    byte[] document = TopologyCodec.encode(TopologyDocument.of(next, revisions, id));
    change.writeTopology(document, current);
    change.writeRings(before, after, next.epoch().value());
    checkArgument(
        change.bytes <= MAX_BYTES,
        "the change to epoch %s takes %s bytes (the topology document %s), ZooKeeper takes %s at a time: change fewer keyspaces at once, or use fewer virtual nodes or pins",
        next.epoch(),
        change.bytes,
        document.length,
        MAX_BYTES);
    return change.ops;
  }

  private void writeTopology(byte[] document, @Nullable Snapshot current) {
    if (current == null) {
      create(paths.topology(), document);
    } else {
      Op set = Op.setData(paths.topology(), document, current.version());
      add(set, paths.topology(), document);
    }
  }

  private void writeRings(
      SortedMap<RingName, Placement> before, SortedMap<RingName, Placement> after, long epoch) {
    Set<String> keyspacesBefore = keyspaces(before);
    Set<String> keyspacesAfter = keyspaces(after);
    for (RingName gone : minus(before.keySet(), after.keySet())) {
      ops.add(Unconditional.delete(paths.ring(gone)));
    }
    for (String gone : minus(keyspacesBefore, keyspacesAfter)) {
      ops.add(Unconditional.delete(paths.rings(gone)));
    }
    for (String added : minus(keyspacesAfter, keyspacesBefore)) {
      create(paths.rings(added), new byte[0]);
    }
    for (Map.Entry<RingName, Placement> ring : after.entrySet()) {
      Placement old = before.get(ring.getKey());
      if (!ring.getValue().equals(old)) {
        byte[] document = RingCodec.encode(new RingDocument(epoch, ring.getValue()));
        if (old == null) {
          create(paths.ring(ring.getKey()), document);
        } else {
          String path = paths.ring(ring.getKey());
          add(Unconditional.set(path, document), path, document);
        }
      }
    }
  }

  private void create(String path, byte[] data) {
    add(Op.create(path, data, acl, CreateMode.PERSISTENT), path, data);
  }

  private void add(Op write, String path, byte[] data) {
    ops.add(write);
    bytes += path.length() + data.length;
  }

  private static SortedMap<RingName, Placement> placements(Topology topology) {
    SortedMap<RingName, Placement> placements = new TreeMap<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (Map.Entry<Region, Placement> ring : keyspace.placements().entrySet()) {
        placements.put(new RingName(keyspace.name(), ring.getKey()), ring.getValue());
      }
    }
    return placements;
  }

  private static Set<String> keyspaces(Map<RingName, ?> rings) {
    Set<String> keyspaces = new TreeSet<>();
    rings.keySet().forEach(ring -> keyspaces.add(ring.keyspace()));
    return keyspaces;
  }

  private static <T> Set<T> minus(Set<T> all, Set<T> without) {
    Set<T> rest = new TreeSet<>(all);
    rest.removeAll(without);
    return rest;
  }
}
