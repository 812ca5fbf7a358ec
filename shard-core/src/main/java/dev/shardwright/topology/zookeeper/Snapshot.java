package dev.shardwright.topology.zookeeper;

import dev.shardwright.internal.codec.TopologyDocument;
import dev.shardwright.topology.Topology;

/**
 * A topology as it was read, and where it was.
 *
 * @param topology all of it, rings included
 * @param document the document that it was assembled from
 * @param version the version of the document's node
 * @param created the transaction that created that node: another number means another node
 * @param modified the transaction that wrote it last: larger numbers are newer, whichever node it
 *     is
 */
record Snapshot(
    Topology topology, TopologyDocument document, int version, long created, long modified) {}
