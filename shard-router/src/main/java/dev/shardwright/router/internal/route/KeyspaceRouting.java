package dev.shardwright.router.internal.route;

import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One keyspace within a snapshot, prepared for routing. Immutable. */
public final class KeyspaceRouting {
  private final KeyspaceTopology keyspace;
  private final TokenFunction tokens;
  private final Map<ShardId, ShardRoute> routes;

  private final Map<Region, LoadCounts> loads = new HashMap<>();

  /** The one placement of a keyspace without regions, so that it needs no look-up. */
  private final @Nullable Placement all;

  public KeyspaceRouting(KeyspaceTopology keyspace, Map<ShardId, ShardRoute> routes) {
    this.keyspace = keyspace;
    this.tokens = TokenFunctions.of(keyspace.strategy(), keyspace.keyType());
    this.routes = routes;
    this.all = keyspace.placements().get(Region.ALL);
    keyspace
        .placements()
        .forEach((region, placement) -> loads.put(region, new LoadCounts(placement)));
  }

  public KeyspaceTopology keyspace() {
    return keyspace;
  }

  public TokenFunction tokens() {
    return tokens;
  }

  /**
   * The key's place on the ring.
   *
   * @throws RouteRefused if no row can have that key
   */
  public long tokenOf(Object key) {
    try {
      return tokens.tokenOf(key);
    } catch (IllegalArgumentException e) {
      throw new RouteRefused("keyspace " + keyspace.name() + ": " + e.getMessage(), e);
    }
  }

  /** Work on a row of that token begins. */
  void count(Region region, long token) {
    LoadCounts counts = loads.get(region);
    if (counts != null) {
      counts.count(token);
    }
  }

  /** What was counted since the last call. */
  void takeLoads(Routing.Loads to) {
    loads.forEach((region, counts) -> to.add(keyspace.name(), region, counts.take()));
  }

  /** The way to the owner of the token. */
  public ShardRoute route(Region region, long token) {
    Placement placement = all != null && region.equals(Region.ALL) ? all : placement(region);
    ShardId owner = placement.ownerOf(token);
    ShardRoute route = routes.get(owner);
    if (route == null) {
      throw new IllegalStateException("the topology has checked that shard " + owner + " exists");
    }
    return route;
  }

  /** The way to the shard that holds the tables of a keyspace without sharding key. */
  public ShardRoute single(Region region) {
    if (keyspace.strategy() != Strategy.SINGLE) {
      throw new RouteRefused(
          "keyspace %s is sharded by strategy %s: say the key with on(key)"
              .formatted(keyspace.name(), keyspace.strategy()));
    }
    return route(region, 0);
  }

  private Placement placement(Region region) {
    Placement placement = keyspace.placements().get(region);
    if (placement != null) {
      return placement;
    }
    String advice =
        keyspace.isRegional()
            ? "its regions are %s: say which with region(…)".formatted(keyspace.regions())
            : "it has no regions: leave region(…) out";
    throw new RouteRefused(
        region.equals(Region.ALL)
            ? "keyspace %s needs a region, %s".formatted(keyspace.name(), advice)
            : "keyspace %s has no region '%s', %s".formatted(keyspace.name(), region, advice));
  }
}
