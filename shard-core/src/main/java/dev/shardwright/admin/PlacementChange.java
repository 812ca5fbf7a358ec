package dev.shardwright.admin;

import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.RowsInTheWay;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Gives tokens without rows to other shards; with rows in the way it refuses, since moving rows is
 * the rebalancer's work. Thread-safe.
 *
 * <p>In this order: the shards that lose tokens refuse them, durably and with no writer left inside
 * (provisional guards); the compare-and-set; then the shards that gain tokens accept them. So at no
 * moment do two shards accept one token, whoever dies where. What a crash leaves is a token that no
 * shard accepts, until the command is run again or the guards are repaired.
 */
final class PlacementChange {
  private final TopologyEditor topologies;
  private final ShardDatabases databases;
  private final GuardKeeping guards;

  PlacementChange(TopologyEditor topologies, ShardDatabases databases, GuardKeeping guards) {
    this.topologies = topologies;
    this.databases = databases;
    this.guards = guards;
  }

  /** What one shard loses and gains. */
  private record Difference(Shard shard, KeyRangeSet before, KeyRangeSet after) {
    KeyRangeSet lost() {
      return before.minus(after);
    }

    KeyRangeSet changed() {
      return lost().union(after.minus(before));
    }
  }

  /**
   * Makes the change.
   *
   * @param change from the topology and keyspace in force to the keyspace wanted; an equal one if
   *     nothing is to be done
   */
  Topology make(String keyspaceName, Wanted change) {
    return topologies.attempt(
        current -> {
          KeyspaceTopology before = Lookup.keyspace(current, keyspaceName);
          KeyspaceTopology after = change.of(current, before);
          if (after.equals(before)) {
            guards.install(current, before, current.shards().values());
            return Optional.of(current);
          }
          return make(current, before, after);
        });
  }

  /** From the topology and the keyspace in it to the keyspace wanted. */
  @FunctionalInterface
  interface Wanted {
    KeyspaceTopology of(Topology topology, KeyspaceTopology keyspace);
  }

  private Optional<Topology> make(
      Topology current, KeyspaceTopology before, KeyspaceTopology after) {
    refuseWhatMoves(current, after);
    // Built now, since this refuses what cannot be: no token is closed for that.
    Topology wanted = current.withKeyspace(after);
    List<Difference> differences = differences(current, before, after);
    // First without locks, so that the usual refusal disturbs nobody and changes nothing.
    differences.forEach(difference -> refuseRows(current, before, difference));
    Optional<Topology> applied;
    try {
      differences.forEach(difference -> shrink(current, before, difference));
      applied = topologies.swap(current, wanted);
      if (applied.isEmpty()) {
        takeBack(before.name());
      }
    } catch (RuntimeException e) {
      reopen(before.name(), e);
      throw e;
    }
    applied.ifPresent(topology -> grow(topology, after, differences));
    return applied;
  }

  /** Whoever moves ranges counts on their owner until they have changed hands. */
  private static void refuseWhatMoves(Topology topology, KeyspaceTopology after) {
    List<RangeMove> inTheWay =
        topology.movesOf(after.name()).stream()
            .filter(
                move -> {
                  KeyRangeSet kept = after.placement(move.region()).rangesOf(move.owner());
                  return !move.ranges().minus(kept).isEmpty();
                })
            .toList();
    Lookup.refuseMoves(after.name(), inTheWay);
  }

  private static List<Difference> differences(
      Topology topology, KeyspaceTopology before, KeyspaceTopology after) {
    return topology.shards().values().stream()
        .map(
            shard ->
                new Difference(
                    shard,
                    Guard.acceptedBy(topology, before, shard),
                    Guard.acceptedBy(topology, after, shard)))
        .filter(difference -> !difference.changed().isEmpty())
        .toList();
  }

  /** Rows of tokens that come are refused too: left-overs, which would seem to be alive again. */
  private void refuseRows(Topology topology, KeyspaceTopology keyspace, Difference difference) {
    onEachTable(
        keyspace,
        difference.shard(),
        "looking for rows in the way",
        (connection, table) -> {
          Guard guard = Guard.of(topology, keyspace, table, difference.shard());
          refuse(GuardInstaller.rowsOf(connection, guard, difference.changed()));
        });
  }

  private void shrink(Topology topology, KeyspaceTopology keyspace, Difference difference) {
    if (difference.lost().isEmpty()) {
      return;
    }
    Topology next = topology.next();
    onEachTable(
        keyspace,
        difference.shard(),
        "closing the tokens that leave",
        (connection, table) -> {
          Guard guard =
              Guard.of(next, keyspace, table, difference.shard())
                  .withOwned(difference.before().intersection(difference.after()));
          refuse(GuardInstaller.shrink(connection, guard, difference.lost()));
        });
  }

  private void grow(Topology topology, KeyspaceTopology keyspace, List<Difference> differences) {
    try {
      guards.install(topology, keyspace, differences.stream().map(Difference::shard).toList());
    } catch (ChangeFailed e) {
      throw new ChangeFailed(
          "the change is in force since epoch %s, but not every shard accepts its new rows yet: run this again: %s"
              .formatted(topology.epoch(), e.getMessage()),
          e);
    }
  }

  /** After a lost compare-and-set: what was closed for nothing is opened as the winner says. */
  private void takeBack(String keyspaceName) {
    Topology topology = topologies.read();
    topology
        .keyspace(keyspaceName)
        .ifPresent(keyspace -> guards.install(topology, keyspace, topology.shards().values()));
  }

  /**
   * Opens what was closed for nothing. If the change may be in force all the same, or may come into
   * force yet, the repair's new epoch settles that first. Not kept from it by the interrupt that
   * may be the reason.
   */
  private void reopen(String keyspaceName, RuntimeException reason) {
    boolean interrupted = Thread.interrupted();
    try {
      guards.repair();
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
      throw new ChangeFailed(
          "%s; keys of keyspace %s that were to change hands may be refused by every shard until this is run again, or shard-admin fsck --repair-guards: %s"
              .formatted(reason.getMessage(), keyspaceName, e.getMessage()),
          reason);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void refuse(RowsInTheWay rows) {
    if (rows.any()) {
      throw new ChangeRefused(
          "there are %s, which would belong to another shard after this: let the rebalancer move them (shard-admin rebalance; pin --move for one key), or delete them first"
              .formatted(rows));
    }
  }

  @FunctionalInterface
  private interface TableWork {
    void on(Connection connection, ShardedTable table) throws SQLException;
  }

  private void onEachTable(KeyspaceTopology keyspace, Shard shard, String purpose, TableWork work) {
    databases.run(
        shard,
        purpose,
        connection -> {
          for (ShardedTable table : keyspace.tables().values()) {
            if (TablePresence.isThere(connection, table.name())) {
              work.on(connection, table);
            }
          }
        });
  }
}
