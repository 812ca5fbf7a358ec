package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * The index of a primary key has the order in which the server compares today. After an upgrade of
 * the C library or of ICU it may not, and a walk along the index would miss rows.
 */
final class CollationVersions implements TableCheck {
  private static final String FIND =
      """
      with collations as (
        select distinct o.oid, o.collprovider, o.collversion,
            quote_ident(n.nspname) || '.' || quote_ident(o.collname) as name
          from %s
          join pg_index i on i.indrelid = p.relid and i.indisprimary
          cross join unnest(i.indcollation) c (id)
          join pg_collation o on o.oid = c.id join pg_namespace n on n.oid = o.collnamespace
      ), versions as (
        select 'collation ' || name as subject, collversion as recorded,
            pg_collation_actual_version(oid) as actual,
            'alter collation ' || name || ' refresh version' as refresh
          from collations where collprovider <> 'd'
        union all
        select 'the database''s collation', d.datcollversion,
            pg_database_collation_actual_version(d.oid),
            'alter database ' || quote_ident(d.datname) || ' refresh collation version'
          from collations, pg_database d
          where collprovider = 'd' and d.datname = current_database()
      )
      select subject, recorded, actual, refresh from versions where recorded <> actual order by 1
      """
          .formatted(Relations.SQL);

  private record Outdated(String subject, String recorded, String actual, String refresh) {}

  @Override
  public String name() {
    return "collation versions";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Outdated outdated :
        side.rows(
            FIND,
            row ->
                new Outdated(
                    row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
            SqlText.table(table.name()))) {
      findings.block(
          "%s: the primary key of table %s was built with version %s of %s, the server has %s"
              .formatted(
                  side, table.name(), outdated.recorded(), outdated.subject(), outdated.actual()),
          "reindex what is sorted by it, as reindex table concurrently %s, then %s"
              .formatted(SqlText.table(table.name()), outdated.refresh()));
    }
  }
}
