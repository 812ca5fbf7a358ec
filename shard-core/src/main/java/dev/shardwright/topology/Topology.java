package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One immutable snapshot of a cluster: its shards, its keyspaces with their rings, its reference
 * tables, the range moves in progress. Take one at the start of a piece of work and use only that.
 *
 * @param epoch the version of this snapshot
 * @param shards by id
 * @param keyspaces by name
 * @param referenceTables the tables kept whole on every shard
 * @param moves the range moves in progress, by number
 */
public record Topology(
    Epoch epoch,
    SortedMap<ShardId, Shard> shards,
    SortedMap<String, KeyspaceTopology> keyspaces,
    SortedSet<TableName> referenceTables,
    SortedMap<Integer, RangeMove> moves) {

  /** The topology of a cluster that was just set up: nothing yet, at epoch 1. */
  public static final Topology INITIAL =
      new Topology(
          Epoch.NONE.next(),
          ImmutableSortedMap.of(),
          ImmutableSortedMap.of(),
          ImmutableSortedSet.of(),
          ImmutableSortedMap.of());

  /**
   * @throws IllegalArgumentException if the parts contradict each other: a ring gives tokens to an
   *     unknown shard or to one of another region, a table is registered twice, or a range move
   *     does not fit the ring
   */
  public Topology {
    shards = ImmutableSortedMap.copyOf(shards);
    keyspaces = ImmutableSortedMap.copyOf(keyspaces);
    referenceTables = ImmutableSortedSet.copyOf(referenceTables);
    moves = ImmutableSortedMap.copyOf(moves);
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
    checkMoves(shards, keyspaces, moves);
  }

  /** The shard of that id, if the cluster has it. */
  public Optional<Shard> shard(ShardId id) {
    return Optional.ofNullable(shards.get(id));
  }

  /** The keyspace of that name, if the cluster has it. */
  public Optional<KeyspaceTopology> keyspace(String name) {
    return Optional.ofNullable(keyspaces.get(name));
  }

  /** The range move of that number, if it is in progress. */
  public Optional<RangeMove> move(int number) {
    return Optional.ofNullable(moves.get(number));
  }

  /** The moves in which that shard takes part as source or target. */
  public List<RangeMove> movesOf(ShardId shard) {
    return moves.values().stream().filter(move -> move.involves(shard)).toList();
  }

  /** The moves of that keyspace's ranges. */
  public List<RangeMove> movesOf(String keyspace) {
    return moves.values().stream().filter(move -> move.keyspace().equals(keyspace)).toList();
  }

  /**
   * The tokens whose rows on that shard are copies or left-overs of a range move, which a statement
   * that names no key must not see.
   */
  public KeyRangeSet hiddenOn(String keyspace, ShardId shard) {
    KeyRangeSet hidden = KeyRangeSet.EMPTY;
    for (RangeMove move : moves.values()) {
      if (move.keyspace().equals(keyspace) && move.other().equals(shard)) {
        hidden = hidden.union(move.ranges());
      }
    }
    return hidden;
  }

  /** The same content as the next epoch: what an edit starts from. */
  public Topology next() {
    return withEpoch(epoch.next());
  }

  /** The same content as that epoch. */
  public Topology withEpoch(Epoch changed) {
    return new Topology(changed, shards, keyspaces, referenceTables, moves);
  }

  /** This snapshot with one more shard, or another version of one. */
  public Topology withShard(Shard shard) {
    SortedMap<ShardId, Shard> changed = new TreeMap<>(shards);
    changed.put(shard.id(), shard);
    return new Topology(epoch, changed, keyspaces, referenceTables, moves);
  }

  /** This snapshot without that shard. */
  public Topology withoutShard(ShardId id) {
    SortedMap<ShardId, Shard> changed = new TreeMap<>(shards);
    changed.remove(id);
    return new Topology(epoch, changed, keyspaces, referenceTables, moves);
  }

  /** This snapshot with one more keyspace, or another version of one. */
  public Topology withKeyspace(KeyspaceTopology keyspace) {
    SortedMap<String, KeyspaceTopology> changed = new TreeMap<>(keyspaces);
    changed.put(keyspace.name(), keyspace);
    return new Topology(epoch, shards, changed, referenceTables, moves);
  }

  /** This snapshot without that keyspace. */
  public Topology withoutKeyspace(String name) {
    SortedMap<String, KeyspaceTopology> changed = new TreeMap<>(keyspaces);
    changed.remove(name);
    return new Topology(epoch, shards, changed, referenceTables, moves);
  }

  /** This snapshot with other reference tables. */
  public Topology withReferenceTables(SortedSet<TableName> changed) {
    return new Topology(epoch, shards, keyspaces, new TreeSet<>(changed), moves);
  }

  /** This snapshot with one more range move, or another version of one. */
  public Topology withMove(RangeMove move) {
    SortedMap<Integer, RangeMove> changed = new TreeMap<>(moves);
    changed.put(move.number(), move);
    return new Topology(epoch, shards, keyspaces, referenceTables, changed);
  }

  /** This snapshot without that range move. */
  public Topology withoutMove(int number) {
    SortedMap<Integer, RangeMove> changed = new TreeMap<>(moves);
    changed.remove(number);
    return new Topology(epoch, shards, keyspaces, referenceTables, changed);
  }

  /**
   * This snapshot with what that move has become, and its ranges with the owner that it names.
   *
   * @throws IllegalArgumentException if the move is not in progress
   */
  public Topology withOwnerOf(RangeMove move) {
    RangeMove before = moves.get(move.number());
    checkArgument(before != null, "range move %s is not in progress", move.number());
    KeyspaceTopology keyspace = keyspaces.get(move.keyspace());
    checkArgument(keyspace != null, "range move %s is of an unknown keyspace", move.number());
    Placement placement = keyspace.placement(move.region());
    Placement changed =
        before.owner().equals(move.owner())
            ? placement
            : placement.transfer(new RangeTransfer(before.owner(), move.owner(), move.ranges()));
    SortedMap<String, KeyspaceTopology> changedKeyspaces = new TreeMap<>(keyspaces);
    changedKeyspaces.put(keyspace.name(), keyspace.withPlacement(move.region(), changed));
    SortedMap<Integer, RangeMove> changedMoves = new TreeMap<>(moves);
    changedMoves.put(move.number(), move);
    return new Topology(epoch, shards, changedKeyspaces, referenceTables, changedMoves);
  }

  private static void checkMoves(
      Map<ShardId, Shard> shards,
      Map<String, KeyspaceTopology> keyspaces,
      Map<Integer, RangeMove> moves) {
    for (Map.Entry<Integer, RangeMove> entry : moves.entrySet()) {
      RangeMove move = entry.getValue();
      checkArgument(
          entry.getKey() == move.number(),
          "range move %s is listed as %s",
          move.number(),
          entry.getKey());
      checkArgument(
          shards.containsKey(move.source()) && shards.containsKey(move.target()),
          "range move %s is between shards %s and %s, which must both exist",
          move.number(),
          move.source(),
          move.target());
      KeyspaceTopology keyspace = keyspaces.get(move.keyspace());
      checkArgument(
          keyspace != null,
          "range move %s is of unknown keyspace %s",
          move.number(),
          move.keyspace());
      KeyRangeSet elsewhere =
          move.ranges().minus(keyspace.placement(move.region()).rangesOf(move.owner()));
      checkArgument(
          elsewhere.isEmpty(),
          "range move %s has ranges that are not with shard %s: %s",
          move.number(),
          move.owner(),
          elsewhere);
      checkApart(move, moves.values());
    }
  }

  private static void checkApart(RangeMove move, Collection<RangeMove> all) {
    for (RangeMove other : all) {
      boolean sameRing =
          other.keyspace().equals(move.keyspace()) && other.region().equals(move.region());
      checkArgument(
          other.number() == move.number()
              || !sameRing
              || other.ranges().intersection(move.ranges()).isEmpty(),
          "range moves %s and %s have ranges in common",
          move.number(),
          other.number());
    }
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
