package dev.shardwright.rebalance.internal.migration;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.Optional;

/**
 * The ranges that a migration is to move. They must be with its source, and nobody else may move
 * them meanwhile.
 *
 * @param keyspace whose rows move
 * @param region on whose ring
 * @param transfer from where to where, and which tokens
 */
public record Claim(String keyspace, Region region, RangeTransfer transfer) {

  /** The range move in progress that has some of the ranges, if there is one. */
  public Optional<RangeMove> takenBy(Topology topology) {
    return topology.moves().values().stream()
        .filter(move -> overlaps(move.keyspace(), move.region(), move.ranges()))
        .findFirst();
  }

  /** Whether the other one is to move some of the same ranges. */
  public boolean overlaps(Claim other) {
    return overlaps(other.keyspace, other.region, other.transfer.ranges());
  }

  /** Those of the ranges that the source does not have. */
  public KeyRangeSet elsewhere(KeyspaceTopology placed) {
    return transfer.ranges().minus(placed.placement(region).rangesOf(transfer.source()));
  }

  private boolean overlaps(String otherKeyspace, Region otherRegion, KeyRangeSet ranges) {
    return keyspace.equals(otherKeyspace)
        && region.equals(otherRegion)
        && !transfer.ranges().intersection(ranges).isEmpty();
  }
}
