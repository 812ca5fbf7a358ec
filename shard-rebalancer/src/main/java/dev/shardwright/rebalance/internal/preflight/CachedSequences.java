package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.ColumnSequences;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * No session keeps numbers of a sequence for later. The target's sequences are moved past the
 * source's, but a session there would go on with the numbers that it has.
 */
final class CachedSequences implements TableCheck {
  private static final String FIND =
      """
      select q.seqrelid::regclass::text, q.seqcache
        from pg_sequence q
        where q.seqcache > 1 and q.seqrelid in (select s.id from %s)
        order by 1
      """
          .formatted(ColumnSequences.SQL);

  private record Sequence(String name, long cache) {}

  @Override
  public String name() {
    return "cached sequences";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Sequence sequence :
        side.rows(
            FIND,
            row -> new Sequence(row.getString(1), row.getLong(2)),
            SqlText.table(table.name()))) {
      findings.warn(
          "%s: sequence %s of table %s has CACHE %d: sessions may draw numbers of moved rows"
              .formatted(side, sequence.name(), table.name(), sequence.cache()),
          "alter sequence %s cache 1, and let the sessions begin anew".formatted(sequence.name()));
    }
  }
}
