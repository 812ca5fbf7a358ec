package dev.shardwright.router.internal.route;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.BiFunction;

/**
 * One snapshot of the topology, prepared for routing. Immutable, but for the work that counts in
 * it.
 */
public final class Routing {
  /** Stands for the keyspace in the metrics of work that names a shard and no keyspace. */
  public static final String NO_KEYSPACE = "none";

  private final Topology topology;
  private final Map<String, KeyspaceRouting> keyspaces = new HashMap<>();
  private final Map<ShardId, ShardRoute> shards;
  private final RoutedMoves moves;
  private final Tenure tenure;
  private final InFlight inFlight = new InFlight();

  /** For the usual work, which changes no rows that move. */
  private final Stay plain = new Stay(this, List.of());

  /** The first of a tenure. */
  public Routing(Topology topology, BiFunction<String, Shard, ShardRoute> routes) {
    this(topology, routes, new Tenure(Tenure.NO_REGISTRATION));
  }

  /**
   * @param routes makes the way to a shard for the work of a keyspace
   * @param tenure in which the router goes by it
   */
  public Routing(Topology topology, BiFunction<String, Shard, ShardRoute> routes, Tenure tenure) {
    this.topology = topology;
    this.tenure = tenure;
    this.moves = new RoutedMoves(topology);
    this.shards = waysFor(NO_KEYSPACE, topology, routes);
    topology
        .keyspaces()
        .forEach(
            (name, keyspace) ->
                keyspaces.put(
                    name, new KeyspaceRouting(keyspace, waysFor(name, topology, routes))));
  }

  public Topology topology() {
    return topology;
  }

  public Epoch epoch() {
    return topology.epoch();
  }

  /** Takes what was counted on one ring. */
  @FunctionalInterface
  public interface Loads {
    /**
     * Takes the counts of one ring.
     *
     * @param counts pieces of work by virtual node
     */
    void add(String keyspace, Region region, SortedMap<KeyRange, Long> counts);
  }

  /** Hands over what work with keys was counted since the last call. */
  public void takeLoads(Loads to) {
    keyspaces.values().forEach(keyspace -> keyspace.takeLoads(to));
  }

  /** The tenure in which the router goes by it. */
  public Tenure tenure() {
    return tenure;
  }

  /** The work that goes by this snapshot. */
  public InFlight inFlight() {
    return inFlight;
  }

  /** The range moves in progress. */
  public RoutedMoves moves() {
    return moves;
  }

  Stay stay(Reach reach, boolean changes) {
    if (!changes || moves.all().isEmpty()) {
      return plain;
    }
    List<RoutedMove> touched = moves.touchedBy(reach, this);
    return touched.isEmpty() ? plain : new Stay(this, touched);
  }

  /**
   * The keyspace of that name.
   *
   * @throws RouteRefused if there is none
   */
  public KeyspaceRouting keyspace(String name) {
    KeyspaceRouting found = keyspaces.get(name);
    if (found == null) {
      throw new RouteRefused(
          "unknown keyspace '%s': at epoch %s the cluster has %s"
              .formatted(name, epoch(), topology.keyspaces().keySet()));
    }
    return found;
  }

  /**
   * The way to that shard.
   *
   * @throws RouteRefused if there is none
   */
  public ShardRoute shard(ShardId shard) {
    ShardRoute found = shards.get(shard);
    if (found == null) {
      throw new RouteRefused(
          "unknown shard '%s': at epoch %s the cluster has %s"
              .formatted(shard, epoch(), topology.shards().keySet()));
    }
    return found;
  }

  private static Map<ShardId, ShardRoute> waysFor(
      String keyspace, Topology topology, BiFunction<String, Shard, ShardRoute> routes) {
    Map<ShardId, ShardRoute> ways = new HashMap<>();
    for (Shard shard : topology.shards().values()) {
      ways.put(shard.id(), routes.apply(keyspace, shard));
    }
    return ways;
  }
}
