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
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks whether every row is on its owner. Each shard counts on its own server, so no row comes
 * here. That none is twice follows: a token has one owner, the primary key contains the sharding
 * key (and the region), and a row that is on its owner is on no other shard unless it is a stray
 * there. Rows of ranges that move are counted apart. Changes nothing. Thread-safe.
 */
final class RowChecking {
  private final TopologyEditor topologies;
  private final ShardDatabases databases;

  RowChecking(TopologyEditor topologies, ShardDatabases databases) {
    this.topologies = topologies;
    this.databases = databases;
  }

  /** What was counted by a topology that is out of date by then proves nothing. */
  List<RowCheck> run() {
    Topology before = topologies.read();
    List<RowCheck> checks = run(before);
    Topology after = topologies.read();
    return checks.stream()
        .map(
            check ->
                check.keyspace().filter(name -> hasChanged(before, after, name)).isPresent()
                    ? outdated(check)
                    : check)
        .toList();
  }

  private static boolean hasChanged(Topology before, Topology after, String keyspace) {
    return !before.keyspace(keyspace).equals(after.keyspace(keyspace))
        || !before.movesOf(keyspace).equals(after.movesOf(keyspace));
  }

  private static RowCheck outdated(RowCheck check) {
    return check.problems().isEmpty()
        ? check
        : check.withProblem(
            "ranges or tables of the keyspace changed while %s was counted on shard %s: look again"
                .formatted(check.table(), check.shard()));
  }

  private List<RowCheck> run(Topology topology) {
    List<RowCheck> checks = new ArrayList<>();
    Map<TableName, TableContent> references = new HashMap<>();
    for (Shard shard : topology.shards().values()) {
      databases.run(
          shard,
          "counting rows",
          connection ->
              Interruptible.run(
                  connection, session -> check(session, topology, shard, checks, references)));
    }
    return checks;
  }

  private static void check(
      Connection connection,
      Topology topology,
      Shard shard,
      List<RowCheck> checks,
      Map<TableName, TableContent> references)
      throws SQLException {
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (ShardedTable table : keyspace.tables().values()) {
        if (TablePresence.isThere(connection, table.name())) {
          checks.add(sharded(connection, topology, keyspace, table, shard));
        } else if (TableRegistration.needs(keyspace, shard)) {
          checks.add(missing(keyspace, table, shard));
        }
      }
    }
    for (TableName table : topology.referenceTables()) {
      checks.add(reference(connection, table, shard, references));
    }
  }

  private static RowCheck sharded(
      Connection connection,
      Topology topology,
      KeyspaceTopology keyspace,
      ShardedTable table,
      Shard shard)
      throws SQLException {
    Guard guard = Guard.of(topology, keyspace, table, shard);
    KeyRangeSet moving = movingOn(topology, keyspace, shard);
    RowsInTheWay strays = GuardInstaller.strays(connection, guard);
    long rows = GuardInstaller.rowsOf(connection, guard, KeyRangeSet.ALL).count();
    long movingRows =
        moving.isEmpty() ? 0 : GuardInstaller.rowsOf(connection, guard, moving).count();
    List<String> problems = new ArrayList<>();
    if (strays.any()) {
      problems.add("%s belong to another shard".formatted(strays));
    }
    if (moving.isEmpty() && !GuardInstaller.isInForce(connection, guard)) {
      problems.add(
          "the guard of %s on shard %s is not what the topology says"
              .formatted(table.name(), shard.id()));
    }
    return new RowCheck(
        shard.id(),
        Optional.of(keyspace.name()),
        table.name(),
        rows,
        strays.count(),
        movingRows,
        problems);
  }

  private static RowCheck missing(KeyspaceTopology keyspace, ShardedTable table, Shard shard) {
    String problem = "there is no table %s on shard %s".formatted(table.name(), shard.id());
    return new RowCheck(
        shard.id(), Optional.of(keyspace.name()), table.name(), 0, 0, 0, List.of(problem));
  }

  /** All shards must have what the first one has. */
  private static RowCheck reference(
      Connection connection, TableName table, Shard shard, Map<TableName, TableContent> first)
      throws SQLException {
    TableContent content = TableContent.of(connection, table);
    TableContent expected = first.computeIfAbsent(table, name -> content);
    List<String> problems =
        content.equals(expected)
            ? List.of()
            : List.of("%s has other rows on shard %s".formatted(table, shard.id()));
    return new RowCheck(shard.id(), Optional.empty(), table, content.rows(), 0, 0, problems);
  }

  private static KeyRangeSet movingOn(Topology topology, KeyspaceTopology keyspace, Shard shard) {
    KeyRangeSet moving = KeyRangeSet.EMPTY;
    for (RangeMove move : topology.movesOf(shard.id())) {
      if (move.keyspace().equals(keyspace.name())) {
        moving = moving.union(move.ranges());
      }
    }
    return moving;
  }
}
