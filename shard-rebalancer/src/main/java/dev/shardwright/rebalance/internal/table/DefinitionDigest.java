package dev.shardwright.rebalance.internal.table;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Sets;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.shardwright.internal.schema.ColumnSequences;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What must be the same on both sides of a move, and stay so while it lasts: of each table its
 * columns and whether they draw from sequences, what their types are made of, its constraints, its
 * leaf partitions, and what of it is unlogged or inherits from it. No object id is in it, so that
 * it can be compared between servers and over time. Of a table that is not there it has nothing.
 *
 * @param parts each part's definition by its name
 */
public record DefinitionDigest(SortedMap<String, String> parts) {
  /** Between a table's name and what of it the part is. */
  private static final String SEPARATOR = ", ";

  /**
   * Types are looked into, down to those of attributes and elements: two that are called alike may
   * read one text as different values. Constraints of NOT NULL are told with their columns and
   * domains: before version 18 they had no names. The version of a collation counts where rows are
   * walked through in its order. Of tables that are as they have to be, what is unlogged and what
   * inherits adds nothing.
   */
  private static final String PARTS =
      """
      with recursive relation as (select to_regclass(?)::oid as id),
      within (id) as (
        select a.atttypid from relation join pg_attribute a on a.attrelid = relation.id
          where a.attnum > 0 and not a.attisdropped
        union
        select part.id from within join pg_type y on y.oid = within.id
          left join pg_range r on y.oid in (r.rngtypid, r.rngmultitypid)
          cross join lateral (
            select y.typelem union all select y.typbasetype union all select r.rngsubtype
            union all select a.atttypid from pg_attribute a
              where a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped) part (id)
          where part.id <> 0
      ),
      enclosing as (
        select coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datcollate)
            as locale,
          pg_database_collation_actual_version(d.oid) as version
        from pg_database d where d.datname = current_database()
      )
      select 'kind', c.relkind::text
          || coalesce(', partitioned by ' || pg_get_partkeydef(c.oid), '')
        from relation join pg_class c on c.oid = id
      union all
      select 'column ' || quote_ident(a.attname), concat_ws(', ',
          format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then 'not null' end,
          case when a.attcollation <> 0 then 'collation ' || case o.collname
            when 'default' then 'default (' || enclosing.locale || ')'
            else quote_ident(n.nspname) || '.' || quote_ident(o.collname) end end,
          case when a.attcollation <> 0 and i.indrelid is not null then 'version '
            || case o.collname when 'default' then enclosing.version
              else pg_collation_actual_version(o.oid) end end,
          case when a.attidentity <> '' then 'identity ' || a.attidentity::text end,
          case when a.attgenerated <> '' then 'generated always as '
            || pg_get_expr(e.adbin, e.adrelid) end)
        from relation cross join enclosing
        join pg_attribute a on a.attrelid = id and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
        left join pg_collation o on o.oid = a.attcollation
        left join pg_namespace n on n.oid = o.collnamespace
        left join pg_index i on i.indrelid = id and i.indisprimary
          and a.attnum = any (i.indkey::int2[])
      union all
      select 'values of ' || format_type(v.enumtypid, null),
          string_agg(quote_literal(v.enumlabel), ', ' order by v.enumsortorder)
        from within join pg_enum v on v.enumtypid = within.id
        group by v.enumtypid
      union all
      select 'attributes of ' || format_type(y.oid, null), string_agg(
          quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
          order by a.attnum)
        from within join pg_type y on y.oid = within.id and y.typtype = 'c'
        join pg_attribute a on a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
        group by y.oid
      union all
      select 'domain ' || format_type(y.oid, null), concat_ws(', ',
          format_type(y.typbasetype, y.typtypmod),
          case when y.typnotnull then 'not null' end,
          (select string_agg(pg_get_constraintdef(k.oid), ', ' order by k.conname)
            from pg_constraint k where k.contypid = y.oid and k.contype = 'c'))
        from within join pg_type y on y.oid = within.id and y.typtype = 'd'
      union all
      select 'range ' || format_type(r.rngtypid, null), format_type(r.rngsubtype, null)
        from within join pg_range r on r.rngtypid = within.id
      union all
      select 'constraint ' || quote_ident(k.conname), pg_get_constraintdef(k.oid)
        from relation join pg_constraint k on k.conrelid = id
        where k.contype in ('p', 'u', 'c', 'f', 'x')
      union all
      select 'leaf ' || t.relid::text, coalesce(pg_get_expr(c.relpartbound, c.oid), '')
        from relation cross join pg_partition_tree(id) t join pg_class c on c.oid = t.relid
        where t.level > 0 and t.isleaf
      union all
      select 'persistence of ' || c.oid::regclass,
          case c.relpersistence when 'u' then 'unlogged' else 'temporary' end
        from relation cross join lateral (
          select relation.id union select relid from pg_partition_tree(relation.id)) t (id)
        join pg_class c on c.oid = t.id
        where c.relpersistence <> 'p'
      union all
      select 'child ' || h.inhrelid::regclass, 'inherits'
        from relation join pg_class c on c.oid = id join pg_inherits h on h.inhparent = c.oid
        where c.relkind = 'r'
      union all
      select 'sequences of column ' || quote_ident(s.column_name),
          string_agg(case when s.drawn then 'drawn from' else 'owned' end, ', ' order by s.place)
        from %s
        group by s.column_name
      """
          .formatted(ColumnSequences.SQL);

  public DefinitionDigest {
    parts = ImmutableSortedMap.copyOf(parts);
  }

  /**
   * The definitions as they are now. In a transaction they and the triggers stay so until it ends:
   * the tables are locked against schema changes, as if rows were to be written.
   */
  public static DefinitionDigest read(Connection connection, Collection<MovingTable> tables)
      throws SQLException {
    if (!connection.getAutoCommit()) {
      lock(connection, tables);
    }
    SortedMap<String, String> parts = new TreeMap<>();
    for (MovingTable table : tables) {
      addParts(connection, table.name(), parts);
    }
    return new DefinitionDigest(parts);
  }

  /** A line for each table, with a hash of its definition: short enough to be kept in a journal. */
  public String fingerprints() {
    SortedMap<String, Hasher> hashers = new TreeMap<>();
    parts.forEach(
        (part, definition) ->
            hashers
                .computeIfAbsent(tableOf(part), table -> Hashing.sha256().newHasher())
                .putUnencodedChars(part)
                .putChar('\n')
                .putUnencodedChars(definition)
                .putChar('\n'));
    StringJoiner lines = new StringJoiner("\n");
    hashers.forEach((table, hasher) -> lines.add(table + ' ' + hasher.hash()));
    return lines.toString();
  }

  /** The tables that are not as those fingerprints of earlier say, in their order. */
  public SortedSet<String> changedSince(String fingerprints) {
    SortedSet<String> changed = new TreeSet<>();
    Sets.symmetricDifference(lines(fingerprints), lines(fingerprints()))
        .forEach(line -> changed.add(line.substring(0, line.lastIndexOf(' '))));
    return changed;
  }

  private static Set<String> lines(String fingerprints) {
    return ImmutableSet.copyOf(Splitter.on('\n').omitEmptyStrings().split(fingerprints));
  }

  /** On one line, whatever the table is called. */
  private static String tableOf(String part) {
    return part.substring(0, part.indexOf(SEPARATOR)).replace('\n', ' ');
  }

  /** Where the other differs, a line for each part; empty if it does not. */
  public List<String> differences(DefinitionDigest other, String mine, String theirs) {
    SortedSet<String> names = new TreeSet<>(parts.keySet());
    names.addAll(other.parts.keySet());
    List<String> lines = new ArrayList<>();
    for (String part : names) {
      String left = parts.getOrDefault(part, "missing");
      String right = other.parts.getOrDefault(part, "missing");
      if (!left.equals(right)) {
        lines.add("%s: %s: %s; %s: %s".formatted(part, mine, left, theirs, right));
      }
    }
    return lines;
  }

  private static void addParts(
      Connection connection, TableName table, SortedMap<String, String> parts) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PARTS)) {
      statement.setString(1, SqlText.table(table));
      statement.setString(2, SqlText.table(table));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          parts.put(table + SEPARATOR + rows.getString(1), rows.getString(2));
        }
      }
    }
  }

  /** The partitions are locked with their table. One that is not there differs as it is. */
  private static void lock(Connection connection, Collection<MovingTable> tables)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (MovingTable table : tables) {
        if (TablePresence.isTable(connection, table.name())) {
          statement.execute("lock table " + table.sql() + " in row exclusive mode");
        }
      }
    }
  }
}
