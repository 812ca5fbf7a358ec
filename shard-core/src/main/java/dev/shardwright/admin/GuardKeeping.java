package dev.shardwright.admin;

import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** Keeps the guards on the shards as the topology says. Thread-safe. */
final class GuardKeeping {
  private final TopologyEditor topologies;
  private final ShardDatabases databases;

  GuardKeeping(TopologyEditor topologies, ShardDatabases databases) {
    this.topologies = topologies;
    this.databases = databases;
  }

  /**
   * Makes the guards of all shards what the topology says, whatever was left half done. Begins with
   * a new epoch, so that a change planned before can no longer come into force, and with it what it
   * has closed or opened.
   */
  Topology repair() {
    Topology topology = topologies.attempt(current -> topologies.swap(current, current));
    for (Shard shard : topology.shards().values()) {
      databases.run(
          shard,
          "repairing the guards",
          connection -> {
            for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
              install(connection, topology, keyspace, shard);
            }
            removeUnregistered(connection, topology);
          });
    }
    return topology;
  }

  /** Installs the guards of a keyspace on these shards, where no newer ones are. */
  void install(Topology topology, KeyspaceTopology keyspace, Collection<Shard> shards) {
    for (Shard shard : shards) {
      databases.run(
          shard,
          "installing the guards of keyspace " + keyspace.name(),
          connection -> {
            install(connection, topology, keyspace, shard);
          });
    }
  }

  /** On a shard that need not have the table, and has not, there is nothing to guard. */
  private static void install(
      Connection connection, Topology topology, KeyspaceTopology keyspace, Shard shard)
      throws SQLException {
    for (ShardedTable table : keyspace.tables().values()) {
      if (TablePresence.isThere(connection, table.name())) {
        GuardInstaller.install(connection, Guard.of(topology, keyspace, table, shard));
      }
    }
  }

  /** What is registered has a guard of this epoch or a newer one by now. */
  private static void removeUnregistered(Connection connection, Topology topology)
      throws SQLException {
    for (TableName table : GuardInstaller.guardedBefore(connection, topology.epoch())) {
      if (Lookup.keyspaceOf(topology, table).isEmpty()) {
        GuardInstaller.remove(connection, table, topology.epoch());
      }
    }
  }
}
