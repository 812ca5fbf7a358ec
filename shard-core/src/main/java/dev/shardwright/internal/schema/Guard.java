package dev.shardwright.internal.schema;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.Optional;

/**
 * Which rows of one table belong on one shard.
 *
 * @param keyspace the table's keyspace
 * @param table the table
 * @param shard the shard
 * @param region the shard's region, which the table's region column must name, if it has one
 * @param tokens turns the key column into tokens; empty for a table without sharding key, of which
 *     the shard owns every row or none
 * @param owned the tokens whose rows belong here
 * @param epoch the epoch of the topology that says so
 */
public record Guard(
    String keyspace,
    ShardedTable table,
    ShardId shard,
    Region region,
    Optional<TokenFunction> tokens,
    KeyRangeSet owned,
    Epoch epoch) {

  /**
   * @throws IllegalArgumentException if the parts contradict each other
   */
  public Guard {
    checkArgument(
        tokens.isPresent() == table.keyColumn().isPresent(),
        "table %s: a token function belongs to a sharding key",
        table.name());
    checkArgument(
        tokens.isPresent() || owned.equals(KeyRangeSet.ALL) || owned.isEmpty(),
        "table %s has no sharding key: a shard owns all of it or nothing",
        table.name());
  }

  /**
   * What a topology says about a shard.
   *
   * @param keyspace of that topology, or as it is about to be
   */
  public static Guard of(
      Topology topology, KeyspaceTopology keyspace, ShardedTable table, Shard shard) {
    return new Guard(
        keyspace.name(),
        table,
        shard.id(),
        shard.region(),
        keyspace.keyType().map(type -> TokenFunctions.of(keyspace.strategy(), Optional.of(type))),
        acceptedBy(topology, keyspace, shard),
        topology.epoch());
  }

  /**
   * The tokens of a keyspace whose rows a shard accepts: those that its ring gives it, and those of
   * the range moves that it takes part in. Of the latter the gates of the moves decide.
   *
   * @param keyspace of that topology, or as it is about to be
   */
  public static KeyRangeSet acceptedBy(Topology topology, KeyspaceTopology keyspace, Shard shard) {
    KeyRangeSet accepted = ownedBy(keyspace, shard);
    for (RangeMove move : topology.movesOf(shard.id())) {
      if (move.keyspace().equals(keyspace.name())) {
        accepted = accepted.union(move.ranges());
      }
    }
    return accepted;
  }

  /** The tokens of a keyspace that its ring, or its home, gives a shard. */
  public static KeyRangeSet ownedBy(KeyspaceTopology keyspace, Shard shard) {
    Region region = keyspace.isRegional() ? shard.region() : Region.ALL;
    return keyspace.placements().containsKey(region)
        ? keyspace.placement(region).rangesOf(shard.id())
        : KeyRangeSet.EMPTY;
  }

  /** This guard with another set of tokens. */
  public Guard withOwned(KeyRangeSet changed) {
    return new Guard(keyspace, table, shard, region, tokens, changed, epoch);
  }

  /** The guarded table's name. */
  public TableName tableName() {
    return table.name();
  }

  /** An SQL condition that holds for the rows that do not belong here. */
  String strayCondition() {
    String outside = conditionOn(owned.complement());
    return table
        .regionColumn()
        .map(column -> SqlText.identifier(column) + " <> " + SqlText.literal(region.name()))
        .map(foreign -> "(" + foreign + " or " + outside + ")")
        .orElse(outside);
  }

  /** An SQL condition that holds for the rows of these tokens. */
  String conditionOn(KeyRangeSet set) {
    return table
        .keyColumn()
        .map(key -> tokens.orElseThrow().sqlCondition(SqlText.identifier(key), set))
        .orElse(Boolean.toString(!set.isEmpty()));
  }
}
