package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.capture.GateHolders;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Finds who keeps the tables of a move locked, where work has waited for them in vain. */
final class TableLockers {
  private TableLockers() {}

  /** Who they are on the first of its shards on which there are any; empty if nobody. */
  static Optional<String> find(MoveContext context) throws SQLException {
    Topology seen = context.topology().read();
    List<String> tables =
        context.movedTables(seen).stream().map(table -> SqlText.table(table.name())).toList();
    for (ShardId shard : context.shards()) {
      try (Connection connection = context.open(shard)) {
        Optional<String> lockers = GateHolders.ofTables(connection, tables);
        if (lockers.isPresent()) {
          return lockers;
        }
      }
    }
    return Optional.empty();
  }
}
