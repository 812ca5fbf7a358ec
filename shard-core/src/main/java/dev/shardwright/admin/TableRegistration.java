package dev.shardwright.admin;

import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.RowsInTheWay;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Puts sharded tables under the topology: checks, guards on all shards, then the compare-and-set.
 * Guards of a registration that was lost or died in between are for a table that nobody routes yet;
 * the one that wins, or a repair, replaces them. Thread-safe.
 */
final class TableRegistration {
  private final TopologyEditor topologies;
  private final ShardDatabases databases;
  private final GuardKeeping guards;

  TableRegistration(TopologyEditor topologies, ShardDatabases databases, GuardKeeping guards) {
    this.topologies = topologies;
    this.databases = databases;
    this.guards = guards;
  }

  AdminOutcome register(String keyspaceName, ShardedTable table) {
    List<String> advice = new ArrayList<>();
    Topology done =
        topologies.attempt(
            current -> {
              advice.clear();
              KeyspaceTopology keyspace = Lookup.keyspace(current, keyspaceName);
              if (isThere(current, keyspace, table)) {
                guards.install(current, keyspace, current.shards().values());
                advice.add("table %s was registered already".formatted(table.name()));
                return Optional.of(current);
              }
              refuseWhileRangesMove(current, keyspace);
              KeyspaceTopology changed = keyspace.withTable(table);
              advice.addAll(checkDefinitions(current, changed, table));
              installGuards(current, changed, table);
              Optional<Topology> applied = topologies.swap(current, current.withKeyspace(changed));
              applied.ifPresent(topology -> guardAnew(topology, changed, table));
              return applied;
            });
    return new AdminOutcome(done.epoch(), advice);
  }

  /** Refuses a table that could not be registered; changes nothing. */
  void check(Topology topology, KeyspaceTopology keyspace, ShardedTable table) {
    if (!isThere(topology, keyspace, table)) {
      checkDefinitions(topology, keyspace.withTable(table), table);
    }
  }

  /**
   * Also of a table that is not registered (any more): removes guards that were left behind. Makes
   * a new epoch even then, since a registration that broke has left guards of the one in force.
   */
  AdminOutcome unregister(TableName table) {
    Topology done =
        topologies.attempt(current -> topologies.swap(current, without(current, table)));
    for (Shard shard : done.shards().values()) {
      databases.run(
          shard,
          "removing the guard of " + table,
          connection -> {
            GuardInstaller.remove(connection, table, done.epoch());
          });
    }
    return AdminOutcome.at(done.epoch());
  }

  private static Topology without(Topology topology, TableName table) {
    SortedSet<TableName> referenceTables = new TreeSet<>(topology.referenceTables());
    if (referenceTables.remove(table)) {
      return topology.withReferenceTables(referenceTables);
    }
    Optional<KeyspaceTopology> holder = Lookup.keyspaceOf(topology, table);
    holder.ifPresent(keyspace -> refuseWhileRangesMove(topology, keyspace));
    return holder
        .map(keyspace -> topology.withKeyspace(keyspace.withoutTable(table)))
        .orElse(topology);
  }

  /**
   * A move carries the tables that it began with, and knows them by their place among all. Of one
   * that joined, it would leave the rows on the source, where its guards accept them, and delete
   * them in the end. The compare-and-set keeps out a move that begins meanwhile.
   */
  private static void refuseWhileRangesMove(Topology topology, KeyspaceTopology keyspace) {
    List<Integer> migrations =
        topology.movesOf(keyspace.name()).stream().map(RangeMove::number).toList();
    if (!migrations.isEmpty()) {
      throw new ChangeRefused(
          "ranges of keyspace %s move, and its tables with them: wait for migrations %s, or abort them"
              .formatted(keyspace.name(), migrations));
    }
  }

  private static boolean isThere(Topology topology, KeyspaceTopology keyspace, ShardedTable table) {
    if (topology.referenceTables().contains(table.name())) {
      throw new ChangeRefused(
          "table %s is a reference table: unregister it first".formatted(table.name()));
    }
    Optional<KeyspaceTopology> holder = Lookup.keyspaceOf(topology, table.name());
    if (holder.isEmpty()) {
      return false;
    }
    ShardedTable registered = holder.get().tables().get(table.name());
    if (!holder.get().name().equals(keyspace.name()) || !table.equals(registered)) {
      throw new ChangeRefused(
          "table %s is registered in keyspace %s with key column %s: unregister it first"
              .formatted(
                  table.name(),
                  holder.get().name(),
                  registered == null ? "none" : registered.keyColumn().orElse("none")));
    }
    return true;
  }

  private List<String> checkDefinitions(
      Topology topology, KeyspaceTopology keyspace, ShardedTable table) {
    List<Shard> needed =
        topology.shards().values().stream().filter(shard -> needs(keyspace, shard)).toList();
    if (needed.isEmpty()) {
      throw new ChangeRefused("keyspace " + keyspace.name() + " has no shard: add one first");
    }
    Shard first = needed.get(0);
    DefinitionComparison comparison = new DefinitionComparison(databases, first);
    needed.forEach(shard -> comparison.require(shard, List.of(table.name())));
    return databases.on(
        first,
        "checking table " + table.name(),
        connection -> new TableFitness(connection, keyspace, table).check());
  }

  /**
   * Looks for rows in the way on all shards before it changes the first. If some turn up under the
   * lock nevertheless, the guards installed until then are taken back.
   */
  private void installGuards(Topology topology, KeyspaceTopology keyspace, ShardedTable table) {
    for (Shard shard : topology.shards().values()) {
      refuse(keyspace, onShard(topology, keyspace, table, shard, GuardInstaller::strays));
    }
    for (Shard shard : topology.shards().values()) {
      Optional<RowsInTheWay> rows =
          onShard(topology, keyspace, table, shard, GuardInstaller::installOverRows);
      if (rows.isPresent() && rows.get().any()) {
        guards.repair();
      }
      refuse(keyspace, rows);
    }
  }

  /**
   * Whoever registered it otherwise at the same time may have put guards in the place of ours, of
   * the same epoch. Those of the new epoch stay.
   */
  private void guardAnew(Topology topology, KeyspaceTopology keyspace, ShardedTable table) {
    try {
      for (Shard shard : topology.shards().values()) {
        databases.run(
            shard,
            "guarding table " + table.name(),
            connection -> {
              if (TablePresence.isThere(connection, table.name())) {
                GuardInstaller.renew(connection, Guard.of(topology, keyspace, table, shard));
              }
            });
      }
    } catch (ChangeFailed e) {
      throw new ChangeFailed(
          "table %s is registered, but not every shard was looked at again: run this again: %s"
              .formatted(table.name(), e.getMessage()),
          e);
    }
  }

  @FunctionalInterface
  private interface GuardWork {
    RowsInTheWay on(Connection connection, Guard guard) throws SQLException;
  }

  /** Nothing to do on a shard that has no such table; that it need not was checked before. */
  private Optional<RowsInTheWay> onShard(
      Topology topology,
      KeyspaceTopology keyspace,
      ShardedTable table,
      Shard shard,
      GuardWork work) {
    return databases.on(
        shard,
        "guarding table " + table.name(),
        connection ->
            TablePresence.isThere(connection, table.name())
                ? Optional.of(work.on(connection, Guard.of(topology, keyspace, table, shard)))
                : Optional.empty());
  }

  private static void refuse(KeyspaceTopology keyspace, Optional<RowsInTheWay> rows) {
    if (rows.isPresent() && rows.get().any()) {
      throw new ChangeRefused(
          ("table %s cannot be registered in keyspace %s: there are %s, and they do not belong"
                  + " there: move them to the shards that own them, or delete them")
              .formatted(rows.get().table(), keyspace.name(), rows.get()));
    }
  }

  /** Whether a shard must have the tables of a keyspace: it holds rows, or may do so one day. */
  static boolean needs(KeyspaceTopology keyspace, Shard shard) {
    if (keyspace.strategy() == Strategy.SINGLE) {
      return keyspace.placements().values().stream()
          .anyMatch(placement -> placement.owners().contains(shard.id()));
    }
    return !keyspace.isRegional() || keyspace.regions().contains(shard.region());
  }
}
