package dev.shardwright.topology.zookeeper;

import dev.shardwright.internal.codec.TopologyDocument;
import dev.shardwright.topology.Topology;
import org.apache.zookeeper.data.Stat;

/**
 * A topology as it was read, and where it was.
 *
 * @param topology all of it, rings included
 * @param document the document that it was assembled from
 * @param version the version of the document's node
 * @param created when that node was made
 * @param modified the transaction that wrote it last: of one node, larger numbers are newer
 */
record Snapshot(
    Topology topology, TopologyDocument document, int version, Creation created, long modified) {

  /**
   * Tells a node from any other of its path. A ZooKeeper that has lost everything counts its
   * transactions anew: there the time tells.
   */
  record Creation(long transaction, long millis) {
    static Creation of(Stat stat) {
      return new Creation(stat.getCzxid(), stat.getCtime());
    }
  }
}
