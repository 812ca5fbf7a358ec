package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One immutable snapshot of a cluster: its shards, its keyspaces with their rings, its reference
 * tables. Take one at the start of a piece of work and use only that.
 *
 * @param epoch the version of this snapshot
 * @param shards by id
 * @param keyspaces by name
 * @param referenceTables the tables kept whole on every shard
 */
public record Topology(
    Epoch epoch,
    SortedMap<ShardId, Shard> shards,
    SortedMap<String, KeyspaceTopology> keyspaces,
    SortedSet<TableName> referenceTables) {

  /** The topology of a cluster that was just set up: nothing yet, at epoch 1. */
  public static final Topology INITIAL =
      new Topology(
          Epoch.NONE.next(),
          ImmutableSortedMap.of(),
          ImmutableSortedMap.of(),
          ImmutableSortedSet.of());

  /**
   * @throws IllegalArgumentException if the parts contradict each other: a ring gives tokens to an
   *     unknown shard or to one of another region, or a table is registered twice
   */
  public Topology {
    shards = ImmutableSortedMap.copyOf(shards);
    keyspaces = ImmutableSortedMap.copyOf(keyspaces);
    referenceTables = ImmutableSortedSet.copyOf(referenceTables);
    Map<TableName, String> holders = new HashMap<>();
    referenceTables.forEach(table -> holders.put(table, "the reference tables"));
    for (KeyspaceTopology keyspace : keyspaces.values()) {
      for (TableName table : keyspace.tables().keySet()) {
        String other = holders.put(table, "keyspace " + keyspace.name());
        checkArgument(
            other == null,
            "table %s is registered in keyspace %s and in %s",
            table,
            keyspace.name(),
            other);
      }
      for (Map.Entry<Region, Placement> placement : keyspace.placements().entrySet()) {
        checkOwners(shards, keyspace.name(), placement.getKey(), placement.getValue());
      }
    }
  }

  /** The shard of that id, if the cluster has it. */
  public Optional<Shard> shard(ShardId id) {
    return Optional.ofNullable(shards.get(id));
  }

  /** The keyspace of that name, if the cluster has it. */
  public Optional<KeyspaceTopology> keyspace(String name) {
    return Optional.ofNullable(keyspaces.get(name));
  }

  /** The same content as the next epoch: what an edit starts from. */
  public Topology next() {
    return new Topology(epoch.next(), shards, keyspaces, referenceTables);
  }

  /** This snapshot with one more shard, or another version of one. */
  public Topology withShard(Shard shard) {
    SortedMap<ShardId, Shard> changed = new TreeMap<>(shards);
    changed.put(shard.id(), shard);
    return new Topology(epoch, changed, keyspaces, referenceTables);
  }

  /** This snapshot without that shard. */
  public Topology withoutShard(ShardId id) {
    SortedMap<ShardId, Shard> changed = new TreeMap<>(shards);
    changed.remove(id);
    return new Topology(epoch, changed, keyspaces, referenceTables);
  }

  /** This snapshot with one more keyspace, or another version of one. */
  public Topology withKeyspace(KeyspaceTopology keyspace) {
    SortedMap<String, KeyspaceTopology> changed = new TreeMap<>(keyspaces);
    changed.put(keyspace.name(), keyspace);
    return new Topology(epoch, shards, changed, referenceTables);
  }

  /** This snapshot without that keyspace. */
  public Topology withoutKeyspace(String name) {
    SortedMap<String, KeyspaceTopology> changed = new TreeMap<>(keyspaces);
    changed.remove(name);
    return new Topology(epoch, shards, changed, referenceTables);
  }

  /** This snapshot with other reference tables. */
  public Topology withReferenceTables(SortedSet<TableName> changed) {
    return new Topology(epoch, shards, keyspaces, new TreeSet<>(changed));
  }

  private static void checkOwners(
      Map<ShardId, Shard> shards, String keyspace, Region region, Placement placement) {
    for (ShardId owner : placement.owners()) {
      Shard shard = shards.get(owner);
      checkArgument(shard != null, "keyspace %s gives tokens to unknown shard %s", keyspace, owner);
      checkArgument(
          region.equals(Region.ALL) || shard.region().equals(region),
          "keyspace %s gives tokens of region %s to shard %s of region %s",
          keyspace,
          region,
          owner,
          shard.region());
    }
  }
}
