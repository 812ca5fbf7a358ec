package dev.shardwright.router.internal.sql.destination;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Where a statement goes: the shards that may hold a row of any of its tables that it needs.
 * Immutable.
 *
 * @param sharded what is known of each sharded table that it names
 * @param singles the keyspaces of strategy {@code SINGLE} whose tables it names
 * @param everywhere whether it changes a reference table, which is on every shard
 */
public record StatementRoute(List<Sharded> sharded, Set<String> singles, boolean everywhere) {

  /**
   * One sharded table.
   *
   * @param inserted whether the rule is about rows that are inserted, whose key must be certain
   */
  public record Sharded(String keyspace, Rule rule, boolean inserted) {}

  public StatementRoute {
    sharded = sharded.stream().distinct().toList();
    singles = Set.copyOf(singles);
  }

  /** The keyspaces of the tables that it names. */
  public Set<String> keyspaces() {
    Set<String> all = new TreeSet<>(singles);
    sharded.forEach(table -> all.add(table.keyspace()));
    return all;
  }

  public Destination destination(ParameterValues values, Topology topology) {
    if (sharded.size() == 1 && singles.isEmpty() && !everywhere) {
      Sharded only = sharded.get(0);
      if (only.rule() instanceof Rule.Key key && key.test() instanceof KeyTest.Is is) {
        return ofKey(only, is.operand(), values, topology);
      }
    }
    return general(values, topology);
  }

  /** The usual case, and the one that must cost next to nothing. */
  private Destination ofKey(
      Sharded only, Operand operand, ParameterValues values, Topology topology) {
    KeyspaceTopology keyspace = keyspace(topology, only.keyspace());
    Placement placement = keyspace.placements().get(Region.ALL);
    Object key = KeyConversion.of(keyspace.keyType().orElseThrow()).key(operand, values);
    if (placement == null || key == KeyConversion.UNKNOWN || key == KeyConversion.NOTHING) {
      return general(values, topology);
    }
    long token;
    try {
      token = keyspace.tokenFunction().tokenOf(key);
    } catch (IllegalArgumentException e) {
      return general(values, topology);
    }
    return new Destination.OneShard(
        only.keyspace(), Region.ALL, placement.ownerOf(token), List.of(key));
  }

  private Destination general(ParameterValues values, Topology topology) {
    if (sharded.isEmpty() && singles.size() == 1 && !everywhere) {
      return new Destination.SingleKeyspace(singles.iterator().next(), Region.ALL);
    }
    SortedSet<ShardId> shards = new TreeSet<>();
    List<Evaluated> tables = new ArrayList<>();
    for (Sharded table : sharded) {
      KeyspaceTopology keyspace = keyspace(topology, table.keyspace());
      RuleEvaluation evaluation = new RuleEvaluation(keyspace, values, table.inserted());
      Places places = evaluation.places(table.rule());
      places.addOwners(keyspace, shards);
      tables.add(new Evaluated(table.keyspace(), places, evaluation.keys()));
    }
    for (String single : singles) {
      shards.add(keyspace(topology, single).placement(Region.ALL).ownerOf(0));
    }
    if (everywhere) {
      shards.addAll(topology.shards().keySet());
    }
    return switch (shards.size()) {
      case 0 -> new Destination.AnyShard();
      case 1 -> one(shards.first(), tables);
      default -> new Destination.SeveralShards(Collections.unmodifiableSortedSet(shards));
    };
  }

  /**
   * Where the rows of one table may be.
   *
   * @param known the keys that its rule names, by their tokens
   */
  private record Evaluated(String keyspace, Places places, Map<Long, Object> known) {}

  private Destination one(ShardId shard, List<Evaluated> tables) {
    String keyspace = tables.isEmpty() ? "" : tables.get(0).keyspace();
    boolean keyed = singles.isEmpty() && !everywhere;
    Set<Region> regions = new TreeSet<>();
    Set<Object> keys = new LinkedHashSet<>();
    for (Evaluated table : tables) {
      regions.addAll(table.places().byRegion().keySet());
      keyed &= table.keyspace().equals(keyspace) && addKeys(table.places(), table.known(), keys);
    }
    return new Destination.OneShard(
        keyspace,
        regions.size() == 1 ? regions.iterator().next() : Region.ALL,
        shard,
        keyed ? List.copyOf(keys) : List.of());
  }

  /** Says whether the places are those of single keys, which are then among the keys. */
  private static boolean addKeys(Places places, Map<Long, Object> known, Set<Object> keys) {
    for (KeyRangeSet tokens : places.byRegion().values()) {
      for (KeyRange range : tokens.ranges()) {
        // Two neighbouring tokens are one range.
        for (long token = range.first(); ; token++) {
          Object key = known.get(token);
          if (key == null) {
            return false;
          }
          keys.add(key);
          if (token == range.last()) {
            break;
          }
        }
      }
    }
    return true;
  }

  private static KeyspaceTopology keyspace(Topology topology, String name) {
    KeyspaceTopology keyspace = topology.keyspaces().get(name);
    if (keyspace == null) {
      throw new SqlRefused(
          Reason.UNKNOWN_TABLE,
          "keyspace %s is gone at epoch %s".formatted(name, topology.epoch()));
    }
    return keyspace;
  }
}
