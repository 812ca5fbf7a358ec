package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * No session keeps numbers of a sequence for later. The target's sequences are moved past the
 * source's, but a session there would go on with the numbers that it has.
 */
final class CachedSequences implements TableCheck {
  /** Those of identity and serial columns, and those that a default draws from. */
  private static final String FIND =
      """
      select s.seqrelid::regclass::text, s.seqcache
        from pg_sequence s
        where s.seqcache > 1 and s.seqrelid in (
          select d.objid from pg_depend d
            where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
            and d.refobjid = ?::regclass and d.deptype in ('i', 'a')
          union
          select d.refobjid from pg_attrdef e join pg_depend d on d.objid = e.oid
            where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass
            and e.adrelid = ?::regclass)
        order by 1
      """;

  private record Sequence(String name, long cache) {}

  @Override
  public String name() {
    return "cached sequences";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    String name = SqlText.table(table.name());
    for (Sequence sequence :
        side.rows(FIND, row -> new Sequence(row.getString(1), row.getLong(2)), name, name)) {
      findings.warn(
          "%s: sequence %s of table %s has CACHE %d: sessions may draw numbers of moved rows"
              .formatted(side, sequence.name(), table.name(), sequence.cache()),
          "alter sequence %s cache 1, and let the sessions begin anew".formatted(sequence.name()));
    }
  }
}
