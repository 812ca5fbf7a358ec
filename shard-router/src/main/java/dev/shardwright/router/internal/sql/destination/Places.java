package dev.shardwright.router.internal.sql.destination;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Tokens in each region of one keyspace: where rows may be. Immutable. */
final class Places {
  private final Map<Region, KeyRangeSet> tokens;

  private Places(Map<Region, KeyRangeSet> tokens) {
    this.tokens = tokens;
  }

  /** These tokens in all regions of the keyspace. */
  static Places of(KeyspaceTopology keyspace, KeyRangeSet tokens) {
    return of(keyspace.placements().keySet(), tokens);
  }

  /** These tokens in these regions. */
  static Places of(Set<Region> regions, KeyRangeSet tokens) {
    Map<Region, KeyRangeSet> places = new HashMap<>();
    if (!tokens.isEmpty()) {
      regions.forEach(region -> places.put(region, tokens));
    }
    return new Places(places);
  }

  Places intersection(Places other) {
    Map<Region, KeyRangeSet> both = new HashMap<>();
    tokens.forEach(
        (region, mine) -> {
          KeyRangeSet theirs = other.tokens.getOrDefault(region, KeyRangeSet.EMPTY);
          KeyRangeSet common = mine.intersection(theirs);
          if (!common.isEmpty()) {
            both.put(region, common);
          }
        });
    return new Places(both);
  }

  Places union(Places other) {
    Map<Region, KeyRangeSet> both = new HashMap<>(tokens);
    other.tokens.forEach((region, theirs) -> both.merge(region, theirs, KeyRangeSet::union));
    return new Places(both);
  }

  Map<Region, KeyRangeSet> byRegion() {
    return tokens;
  }

  /** Adds the shards that hold these places under the placements of the keyspace. */
  void addOwners(KeyspaceTopology keyspace, Set<ShardId> owners) {
    tokens.forEach(
        (region, ranges) -> {
          Placement placement = keyspace.placement(region);
          if (ranges.equals(KeyRangeSet.ALL)) {
            owners.addAll(placement.owners());
          } else {
            ranges.ranges().forEach(range -> addOwners(placement, range, owners));
          }
        });
  }

  private static void addOwners(Placement placement, KeyRange range, Set<ShardId> owners) {
    if (range.first() == range.last()) {
      owners.add(placement.ownerOf(range.first()));
      return;
    }
    Ring ring = placement.ring();
    int last = ring.indexOf(range.last());
    for (int node = ring.indexOf(range.first()); node <= last; node++) {
      owners.add(ring.virtualNode(node).owner());
    }
    placement.pins().all().stream()
        .filter(pin -> range.contains(pin.token()))
        .forEach(pin -> owners.add(pin.shard()));
  }
}
