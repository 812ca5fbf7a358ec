package dev.shardwright.internal.codec;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the document {@code topology} says: a topology with, in place of each ring, the epoch at
 * which that ring was last written.
 *
 * @param format the format of the release that wrote it
 * @param epoch the version of the topology
 * @param change names the change that led to this epoch, so that its author knows it again
 * @param shards by id
 * @param keyspaces in the order of names
 * @param referenceTables the tables kept whole on every shard
 * @param moves the range moves in progress, by number
 */
public record TopologyDocument(
    long format,
    Epoch epoch,
    String change,
    SortedMap<ShardId, Shard> shards,
    List<KeyspaceEntry> keyspaces,
    SortedSet<TableName> referenceTables,
    SortedMap<Integer, RangeMove> moves) {

  /**
   * A keyspace without its rings.
   *
   * @param revisions for each ring, by region, the epoch at which it was last written
   */
  record KeyspaceEntry(
      String name,
      Strategy strategy,
      Optional<KeyType> keyType,
      int virtualNodes,
      SortedSet<Region> regions,
      SortedMap<TableName, ShardedTable> tables,
      SortedMap<Region, Long> revisions) {}

  /**
   * The document for a topology.
   *
   * @param revisions for each of its rings, the epoch at which it was last written
   */
  public static TopologyDocument of(
      Topology topology, Map<RingName, Long> revisions, String change) {
    List<KeyspaceEntry> entries = new ArrayList<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      SortedMap<Region, Long> ofKeyspace = new TreeMap<>();
      for (Region region : keyspace.placements().keySet()) {
        RingName name = new RingName(keyspace.name(), region);
        Long revision = revisions.get(name);
        if (revision == null) {
          throw new IllegalArgumentException("ring " + name + " has no revision");
        }
        ofKeyspace.put(region, revision);
      }
      entries.add(
          new KeyspaceEntry(
              keyspace.name(),
              keyspace.strategy(),
              keyspace.keyType(),
              keyspace.virtualNodes(),
              keyspace.regions(),
              keyspace.tables(),
              ofKeyspace));
    }
    return new TopologyDocument(
        Format.CURRENT,
        topology.epoch(),
        change,
        topology.shards(),
        entries,
        topology.referenceTables(),
        topology.moves());
  }

  /** For each ring, the epoch at which it was last written. */
  public SortedMap<RingName, Long> revisions() {
    SortedMap<RingName, Long> revisions = new TreeMap<>();
    for (KeyspaceEntry keyspace : keyspaces) {
      keyspace
          .revisions()
          .forEach(
              (region, revision) -> revisions.put(new RingName(keyspace.name(), region), revision));
    }
    return revisions;
  }

  /**
   * The topology, with the rings put in.
   *
   * @param placements answers for each ring that {@link #revisions} names
   * @throws IllegalArgumentException if the parts contradict each other
   */
  public Topology assemble(Function<RingName, Placement> placements) {
    SortedMap<String, KeyspaceTopology> assembled = new TreeMap<>();
    for (KeyspaceEntry keyspace : keyspaces) {
      ImmutableSortedMap.Builder<Region, Placement> rings = ImmutableSortedMap.naturalOrder();
      for (Region region : keyspace.revisions().keySet()) {
        rings.put(region, placements.apply(new RingName(keyspace.name(), region)));
      }
      assembled.put(
          keyspace.name(),
          new KeyspaceTopology(
              keyspace.name(),
              keyspace.strategy(),
              keyspace.keyType(),
              keyspace.virtualNodes(),
              keyspace.regions(),
              keyspace.tables(),
              rings.build()));
    }
    return new Topology(epoch, shards, assembled, referenceTables, moves);
  }
}
