package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What moving rows refer to is on the target too: rows that move along because they have the same
 * sharding key, or reference tables. An action of a reference table's key would change rows on all
 * shards, also where they are hidden copies, whose gate refuses that. Such copies keep the row of a
 * reference table that they refer to until what became of the rows has come over.
 */
final class ForeignKeysOut implements Check {
  @Override
  public String name() {
    return "foreign keys out";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (ShardedTable table : move.tables()) {
      for (ForeignKey key : ForeignKey.from(move.source(), table.name())) {
        look(move, table, key, findings);
      }
    }
  }

  private static void look(
      IntendedMove move, ShardedTable table, ForeignKey key, Findings findings) {
    String subject =
        "%s: foreign key %s of table %s".formatted(move.source(), key.name(), table.name());
    Optional<ShardedTable> neighbour = Optional.ofNullable(move.keyspace().tables().get(key.to()));
    if (neighbour.isPresent()) {
      if (!isColocated(table, neighbour.get(), key)) {
        findings.block(
            "%s refers to rows of table %s that may have another sharding key"
                .formatted(subject, key.to()),
            "drop it, or let it contain the sharding keys of both tables");
      }
    } else if (!move.referenceTables().contains(key.to())) {
      findings.block(
          "%s refers to table %s, whose rows do not move along".formatted(subject, key.to()),
          "drop it, or make %s a reference table".formatted(key.to()));
    } else if (key.changesData()) {
      findings.block(
          "%s changes rows when reference table %s changes".formatted(subject, key.to()),
          "make it again with on delete no action on update no action");
    } else {
      findings.warn(
          "%s: hidden copies refer to rows of reference table %s until changes come over: no such row can be deleted meanwhile"
              .formatted(subject, key.to()),
          "delete rows of %s once the move is over".formatted(key.to()));
    }
  }

  private static boolean isColocated(ShardedTable table, ShardedTable other, ForeignKey key) {
    return table.keyColumn().isEmpty()
        || key.pairs(table.keyColumn().get(), other.keyColumn().orElseThrow());
  }
}
