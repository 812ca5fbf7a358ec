package dev.shardwright.admin;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a keyspace is to be.
 *
 * @param name see {@link KeyspaceTopology}
 * @param strategy how keys become tokens
 * @param keyType the type of the sharding key; empty for {@link Strategy#SINGLE}, and only there
 * @param virtualNodes for {@link Strategy#HASH}: how many virtual nodes a shard of ordinary weight
 *     gets
 * @param regions the regions that rows may name; empty for one ring over all shards, and always so
 *     for {@link Strategy#SINGLE}
 * @param splitKeys for {@link Strategy#RANGE}: the first keys of all ranges but the first, as text
 * @param home for {@link Strategy#SINGLE}: the shard of all tables
 */
public record NewKeyspace(
    String name,
    Strategy strategy,
    Optional<KeyType> keyType,
    int virtualNodes,
    SortedSet<Region> regions,
    List<String> splitKeys,
    Optional<ShardId> home) {

  /**
   * Keeps copies.
   *
   * @throws IllegalArgumentException if there are regions and the tables are all on one shard, or
   *     something that is for another strategy
   */
  public NewKeyspace {
    checkArgument(
        strategy != Strategy.SINGLE || regions.isEmpty(),
        "keyspace %s cannot have regions: with strategy SINGLE all its tables are on one shard",
        name);
    checkArgument(
        strategy == Strategy.RANGE || splitKeys.isEmpty(),
        "keyspace %s has strategy %s: split keys are for strategy RANGE",
        name,
        strategy);
    checkArgument(
        strategy == Strategy.SINGLE || home.isEmpty(),
        "keyspace %s has strategy %s: a home shard is for strategy SINGLE",
        name,
        strategy);
    regions = Collections.unmodifiableSortedSet(new TreeSet<>(regions));
    splitKeys = List.copyOf(splitKeys);
  }

  /** Keys spread evenly over the active shards, by weight. */
  public static NewKeyspace hash(String name, KeyType keyType) {
    return new NewKeyspace(
        name,
        Strategy.HASH,
        Optional.of(keyType),
        KeyspaceTopology.DEFAULT_VIRTUAL_NODES,
        new TreeSet<>(),
        List.of(),
        Optional.empty());
  }

  /**
   * Keys kept in order: one range more than there are split keys, dealt out over the active shards
   * in the order of their names, by weight.
   *
   * @param splitKeys such as {@link ClusterAdmin#sampleSplitKeys} finds in an existing table
   */
  public static NewKeyspace range(String name, KeyType keyType, List<String> splitKeys) {
    return new NewKeyspace(
        name,
        Strategy.RANGE,
        Optional.of(keyType),
        KeyspaceTopology.DEFAULT_VIRTUAL_NODES,
        new TreeSet<>(),
        splitKeys,
        Optional.empty());
  }

  /** Ordinary tables, all on one shard. */
  public static NewKeyspace single(String name, ShardId home) {
    return new NewKeyspace(
        name,
        Strategy.SINGLE,
        Optional.empty(),
        KeyspaceTopology.DEFAULT_VIRTUAL_NODES,
        new TreeSet<>(),
        List.of(),
        Optional.of(home));
  }

  /** The same with another number of virtual nodes. */
  public NewKeyspace withVirtualNodes(int changed) {
    return new NewKeyspace(name, strategy, keyType, changed, regions, splitKeys, home);
  }

  /** The same with one ring for each of these regions. */
  public NewKeyspace withRegions(Collection<Region> changed) {
    return new NewKeyspace(
        name, strategy, keyType, virtualNodes, new TreeSet<>(changed), splitKeys, home);
  }
}
