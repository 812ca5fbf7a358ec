package dev.shardwright.rebalance.internal.capture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is left of a migration in a database, by the catalog's own word, whatever the clean-up
 * records say.
 */
public final class Inventory {
  private static final String FIND =
      """
      with m (number) as (select ?::int4)
      select 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass
        from pg_trigger t, m where t.tgparentid = 0 and not t.tgisinternal
        and t.tgname ~ ('^zzz_shardwright_(gate|capture|truncate)_' || m.number || '$')
      union all
      select 'function ' || p.oid::regprocedure
        from pg_proc p, m where p.pronamespace = 'shardwright'::regnamespace
        and p.proname ~ ('^((gate|capture)_' || m.number || '_[0-9]+|truncate_' || m.number || ')$')
      union all
      select case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass
        from pg_class c, m where c.relnamespace = 'shardwright'::regnamespace
        and c.relkind in ('r', 'S')
        and c.relname ~ ('^(key_log_' || m.number || '_[0-9]+|(register(_timeline)?|crash_mark)_' || m.number || ')$')
      union all
      select 'row of shardwright.migration_object for ' || lower(o.kind) || ' ' || o.name
        from shardwright.migration_object o, m where o.migration = m.number
      union all
      select 'row of shardwright.copy_position for table ' || c.table_number || ', lane ' || c.lane
        from shardwright.copy_position c, m where c.migration = m.number
      union all
      select 'row of shardwright.given_up for keyspace ' || g.keyspace
        from shardwright.given_up g, m where g.migration = m.number
      union all
      select 'row of shardwright.mover with token ' || o.token
        from shardwright.mover o, m where o.migration = m.number
      order by 1
      """;

  private Inventory() {}

  /** One line for each object and row; none once the migration is cleaned up. */
  public static List<String> of(Connection connection, int migration) throws SQLException {
    List<String> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setInt(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
    }
    return found;
  }
}
