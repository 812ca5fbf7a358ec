package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.RingCodec;
import dev.shardwright.internal.codec.RingDocument;
import dev.shardwright.internal.codec.RingName;
import dev.shardwright.internal.codec.TopologyCodec;
import dev.shardwright.internal.codec.TopologyDocument;
import dev.shardwright.ring.Placement;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Topology;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Reads the topology: its document, and those rings that were written since the last time.
 * Thread-safe.
 *
 * <p>Document and rings change together, but are read one after the other. They belong together if
 * each ring has the revision that the document names. If one has not, the document was changed
 * meanwhile, and is read again; if it was not, the nodes contradict each other for good.
 */
final class SnapshotLoader {
  private final Requests requests;
  private final ClusterPaths paths;
  private @Nullable Snapshot newest;

  SnapshotLoader(Requests requests, ClusterPaths paths) {
    this.requests = requests;
    this.paths = paths;
  }

  /**
   * The topology that our server knows, or none if there is none yet.
   *
   * @param watcher is told once when the document changes
   * @throws TopologyUnavailable if it cannot be read before the deadline, or cannot be understood
   */
  Optional<Snapshot> load(@Nullable Watcher watcher, Deadline deadline) {
    RingMismatch before = null;
    while (true) {
      Optional<Requests.Node> node = requests.get(paths.topology(), watcher, deadline);
      if (node.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(keep(load(node.get(), deadline)));
      } catch (RingMismatch mismatch) {
        if (before != null && before.version == mismatch.version) {
          throw new TopologyUnavailable(mismatch.fact, null);
        }
        before = mismatch;
        requests.pauseOrGiveUp("read a topology that keeps changing", deadline, null);
      }
    }
  }

  private Snapshot load(Requests.Node node, Deadline deadline) throws RingMismatch {
    Stat stat = node.stat();
    Snapshot known = newest();
    Snapshot.Creation created = Snapshot.Creation.of(stat);
    if (known != null && !known.created().equals(created)) {
      known = null;
    }
    if (known != null && known.modified() == stat.getMzxid()) {
      return known;
    }
    TopologyDocument document = TopologyCodec.decode(node.data(), paths.topology());
    Map<RingName, Placement> placements = new HashMap<>();
    for (Map.Entry<RingName, Long> ring : document.revisions().entrySet()) {
      Placement unchanged =
          known == null ? null : placementOf(known, ring.getKey(), ring.getValue());
      placements.put(
          ring.getKey(),
          unchanged == null
              ? read(ring.getKey(), ring.getValue(), stat.getVersion(), deadline)
              : unchanged);
    }
    return new Snapshot(
        assemble(document, placements), document, stat.getVersion(), created, stat.getMzxid());
  }

  private Topology assemble(TopologyDocument document, Map<RingName, Placement> placements) {
    try {
      return document.assemble(placements::get);
    } catch (IllegalArgumentException e) {
      // The values check themselves: here it is the documents that are wrong, not the program.
      throw new TopologyUnavailable(
          "the topology of epoch %s in %s contradicts itself: %s"
              .formatted(document.epoch(), paths.root(), e.getMessage()),
          e);
    }
  }

  private static @Nullable Placement placementOf(Snapshot known, RingName ring, long revision) {
    Long had = known.document().revisions().get(ring);
    KeyspaceTopology keyspace = known.topology().keyspaces().get(ring.keyspace());
    return had != null && had == revision && keyspace != null
        ? keyspace.placement(ring.region())
        : null;
  }

  private Placement read(RingName ring, long revision, int version, Deadline deadline)
      throws RingMismatch {
    String path = paths.ring(ring);
    Optional<Requests.Node> node = requests.get(path, null, deadline);
    if (node.isEmpty()) {
      throw new RingMismatch(version, "document " + path + " is missing");
    }
    RingDocument document = RingCodec.decode(node.get().data(), path);
    if (document.revision() != revision) {
      throw new RingMismatch(
          version,
          "document %s was written at epoch %s, but %s expects it to be of epoch %s"
              .formatted(path, document.revision(), paths.topology(), revision));
    }
    return document.placement();
  }

  private synchronized @Nullable Snapshot newest() {
    return newest;
  }

  /**
   * Answers the newer of the two: another thread may have read more than we did. Of two nodes the
   * one with the later epoch is the newer: they may be of two ZooKeepers.
   */
  private synchronized Snapshot keep(Snapshot read) {
    Snapshot known = newest;
    if (known != null
        && read.created().equals(known.created())
        && read.modified() < known.modified()) {
      return known;
    }
    if (known != null && known.topology().epoch().isAfter(read.topology().epoch())) {
      throw new TopologyUnavailable(
          "%s went back to epoch %s after epoch %s was seen: it was restored or created anew. Restart this process if that is meant"
              .formatted(paths.topology(), read.topology().epoch(), known.topology().epoch()),
          null);
    }
    newest = read;
    return read;
  }

  /** A ring is not of the revision that the topology document of that version names. */
  private static final class RingMismatch extends Exception {
    private final int version;
    private final String fact;

    RingMismatch(int version, String fact) {
      super(fact);
      this.version = version;
      this.fact = fact;
    }
  }
}
