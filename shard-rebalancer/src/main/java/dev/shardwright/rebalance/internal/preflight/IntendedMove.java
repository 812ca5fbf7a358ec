package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A migration that has not begun: nothing of it is registered yet.
 *
 * @param migration its number; empty while it has none
 * @param keyspace whose rows would move
 * @param referenceTables the tables that every shard has a copy of
 * @param ranges the tokens that would move
 * @param source the shard that has the rows
 * @param target the shard that would get them
 */
public record IntendedMove(
    OptionalInt migration,
    KeyspaceTopology keyspace,
    Set<TableName> referenceTables,
    KeyRangeSet ranges,
    Side source,
    Side target) {

  public IntendedMove {
    referenceTables = Set.copyOf(referenceTables);
  }

  List<Side> sides() {
    return List.of(source, target);
  }

  Collection<ShardedTable> tables() {
    return keyspace.tables().values();
  }
}
