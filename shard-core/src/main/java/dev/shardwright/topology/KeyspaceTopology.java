package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One keyspace within a snapshot: tables that are co-located, and where their rows are.
 *
 * @param name a lower-case letter, then up to 30 lower-case letters, digits, hyphens or underscores
 * @param strategy how keys become tokens
 * @param keyType the type of the sharding key; empty for {@link Strategy#SINGLE}, and only there
 * @param virtualNodes how many virtual nodes a shard of ordinary weight gets when a ring is laid
 *     out
 * @param regions the regions that rows may name; empty if the keyspace has one ring over all shards
 * @param tables by name
 * @param placements by region: one for each of {@code regions}, or the one for {@link Region#ALL}
 */
public record KeyspaceTopology(
    String name,
    Strategy strategy,
    Optional<KeyType> keyType,
    int virtualNodes,
    SortedSet<Region> regions,
    SortedMap<TableName, ShardedTable> tables,
    SortedMap<Region, Placement> placements) {
  /** Virtual nodes of a shard of ordinary weight, unless the keyspace says otherwise. */
  public static final int DEFAULT_VIRTUAL_NODES = 64;

  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_-]{0,30}");
  private static final int MAX_VIRTUAL_NODES = 4096;

  /**
   * @throws IllegalArgumentException if the parts contradict each other
   */
  public KeyspaceTopology {
    checkArgument(VALID.matcher(name).matches(), "keyspace '%s' does not match %s", name, VALID);
    checkKeyType(name, strategy, keyType);
    checkArgument(
        1 <= virtualNodes && virtualNodes <= MAX_VIRTUAL_NODES,
        "keyspace %s: %s virtual nodes are not within 1 to %s",
        name,
        virtualNodes,
        MAX_VIRTUAL_NODES);
    regions = ImmutableSortedSet.copyOf(regions);
    tables = ImmutableSortedMap.copyOf(tables);
    placements = ImmutableSortedMap.copyOf(placements);
    checkArgument(
        !regions.contains(Region.ALL), "keyspace %s: '%s' is not a region", name, Region.ALL);
    SortedSet<Region> expected = regions.isEmpty() ? ImmutableSortedSet.of(Region.ALL) : regions;
    checkArgument(
        placements.keySet().equals(expected),
        "keyspace %s has rings for regions %s, expected %s",
        name,
        placements.keySet(),
        expected);
    for (Map.Entry<Region, Placement> placement : placements.entrySet()) {
      boolean hashed = placement.getValue().ring() instanceof HashRing;
      checkArgument(
          hashed == (strategy == Strategy.HASH),
          "keyspace %s of strategy %s has a ring of another kind in region %s",
          name,
          strategy,
          placement.getKey());
    }
    for (Map.Entry<TableName, ShardedTable> table : tables.entrySet()) {
      checkTable(name, strategy, regions, table.getKey(), table.getValue());
    }
  }

  /** What turns the keyspace's sharding keys into tokens. */
  public TokenFunction tokenFunction() {
    return TokenFunctions.of(strategy, keyType);
  }

  /** Whether each row names a region. */
  public boolean isRegional() {
    return !regions.isEmpty();
  }

  /**
   * Where the tokens of that region are.
   *
   * @throws IllegalArgumentException if the keyspace has no such region
   */
  public Placement placement(Region region) {
    Placement placement = placements.get(region);
    checkArgument(
        placement != null,
        "keyspace %s has no region '%s', it has %s",
        name,
        region,
        placements.keySet());
    return placement;
  }

  /** This keyspace with one more table, or another definition of one. */
  public KeyspaceTopology withTable(ShardedTable table) {
    SortedMap<TableName, ShardedTable> changed = new TreeMap<>(tables);
    changed.put(table.name(), table);
    return new KeyspaceTopology(
        name, strategy, keyType, virtualNodes, regions, changed, placements);
  }

  /** This keyspace without that table. */
  public KeyspaceTopology withoutTable(TableName table) {
    SortedMap<TableName, ShardedTable> changed = new TreeMap<>(tables);
    changed.remove(table);
    return new KeyspaceTopology(
        name, strategy, keyType, virtualNodes, regions, changed, placements);
  }

  /** This keyspace with another placement in that region. */
  public KeyspaceTopology withPlacement(Region region, Placement placement) {
    SortedMap<Region, Placement> changed = new TreeMap<>(placements);
    changed.put(region, placement);
    return new KeyspaceTopology(name, strategy, keyType, virtualNodes, regions, tables, changed);
  }

  private static void checkKeyType(String name, Strategy strategy, Optional<KeyType> keyType) {
    try {
      TokenFunctions.of(strategy, keyType);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("keyspace " + name + ": " + e.getMessage(), e);
    }
  }

  private static void checkTable(
      String keyspace,
      Strategy strategy,
      SortedSet<Region> regions,
      TableName name,
      ShardedTable table) {
    checkArgument(
        table.name().equals(name), "keyspace %s lists table %s as %s", keyspace, table, name);
    checkArgument(
        table.keyColumn().isEmpty() == (strategy == Strategy.SINGLE),
        "keyspace %s: a sharding key belongs to tables of HASH and RANGE, and only there: %s",
        keyspace,
        name);
    checkArgument(
        table.regionColumn().isEmpty() == regions.isEmpty(),
        "keyspace %s: a region column belongs to tables of keyspaces with regions, and only there:"
            + " %s",
        keyspace,
        name);
  }
}
