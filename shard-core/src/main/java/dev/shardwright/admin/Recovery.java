package dev.shardwright.admin;

import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts a topology that was kept elsewhere into a store that has lost everything. The databases know
 * what they own, so a topology that is older than that is told from the newest one. Thread-safe.
 */
final class Recovery {
  /**
   * Routers and databases may have seen later epochs than were kept: the recovered topology is far
   * beyond them all, so that nobody takes it for an old one.
   */
  static final long MARGIN = 1_000_000;

  private final String cluster;
  private final TopologyStore store;
  private final ShardDatabases databases;

  Recovery(String cluster, TopologyStore store, ShardDatabases databases) {
    this.cluster = cluster;
    this.store = store;
    this.databases = databases;
  }

  /** What the databases of the shards say against that topology, in sentences. */
  List<String> objections(Topology topology) {
    List<String> objections = new ArrayList<>();
    if (!topology.moves().isEmpty()) {
      objections.add(
          "it was kept while the ranges of migrations %s moved: nobody could finish those"
              .formatted(topology.moves().keySet()));
    }
    for (Shard shard : topology.shards().values()) {
      try {
        objections.addAll(
            databases.on(
                shard,
                "comparing the topology with the guards",
                connection -> objections(connection, topology, shard)));
      } catch (ChangeFailed e) {
        objections.add("nobody knows what it owns: " + e.getMessage());
      }
    }
    return objections;
  }

  /** Refuses what {@link #restore} would. */
  void checkRestorable(Topology topology) {
    checkNothingMoves(topology);
    store
        .epoch()
        .ifPresent(
            epoch -> {
              throw isThere(epoch);
            });
  }

  AdminOutcome restore(Topology topology) {
    checkNothingMoves(topology);
    Topology restored = topology.withEpoch(new Epoch(topology.epoch().value() + MARGIN));
    CompareAndSet result = store.restore(restored);
    if (result instanceof CompareAndSet.Lost lost) {
      throw isThere(lost.current());
    }
    if (result instanceof CompareAndSet.Unknown unknown) {
      throw new ChangeFailed(
          "the topology may or may not have been recovered (%s): look".formatted(unknown.reason()),
          null);
    }
    return AdminOutcome.at(restored.epoch());
  }

  private static void checkNothingMoves(Topology topology) {
    if (!topology.moves().isEmpty()) {
      throw new ChangeRefused(
          "the topology of epoch %s was kept while the ranges of migrations %s moved, whose journals are lost: recover one that was kept before or after them"
              .formatted(topology.epoch(), topology.moves().keySet()));
    }
  }

  private static ChangeRefused isThere(Epoch epoch) {
    return new ChangeRefused(
        "there is a topology already, of epoch %s: only a lost one can be recovered"
            .formatted(epoch));
  }

  private List<String> objections(Connection connection, Topology topology, Shard shard)
      throws SQLException {
    List<String> objections = new ArrayList<>();
    Optional<DatabaseIdentity> holder = SchemaInstaller.holder(connection);
    if (!holder.equals(Optional.of(new DatabaseIdentity(cluster, shard.id())))) {
      objections.add(
          "%s is not the database of shard %s of cluster %s"
              .formatted(shard.primary().url(), shard.id(), cluster));
      return objections;
    }
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (ShardedTable table : keyspace.tables().values()) {
        Guard guard = Guard.of(topology, keyspace, table, shard);
        if (TablePresence.isThere(connection, table.name())
            && !GuardInstaller.isInForce(connection, guard)) {
          objections.add(
              "shard %s owns other rows of %s than it says".formatted(shard.id(), table.name()));
        }
      }
    }
    return objections;
  }
}
