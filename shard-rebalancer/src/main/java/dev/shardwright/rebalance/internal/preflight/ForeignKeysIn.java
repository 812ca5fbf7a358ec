package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * Nothing that stays refers to rows that move: the source's rows are deleted at the end, and the
 * mover's deletes check no foreign keys.
 */
final class ForeignKeysIn implements Check {
  @Override
  public String name() {
    return "foreign keys in";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (Side side : move.sides()) {
      for (ShardedTable table : move.tables()) {
        for (ForeignKey key : ForeignKey.to(side, table.name())) {
          if (!move.keyspace().tables().containsKey(key.from())) {
            findings.block(
                "%s: foreign key %s of table %s, whose rows stay, refers to table %s"
                    .formatted(side, key.name(), key.from(), table.name()),
                "drop it, or register %s in keyspace %s"
                    .formatted(key.from(), move.keyspace().name()));
          }
        }
      }
    }
  }
}
