package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.write.ReferenceWrite;
import dev.shardwright.router.internal.sql.write.ReferenceWrite.MovingText;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Where the values of a table's rows may differ from shard to shard, though the same is written to
 * all of them.
 *
 * @param defaults columns whose default each shard works out for itself
 * @param times columns that hold times, or something with times in it
 * @param onInsert triggers that may change new rows
 * @param onUpdate triggers that may change rows that are updated
 */
record OwnValues(
    Set<String> defaults, Set<String> times, Set<String> onInsert, Set<String> onUpdate) {

  /**
   * Of defaults: numbers of sequences, and whatever calls a function that is not immutable. The
   * catalog has no list of the functions that a default calls, but its tree names each by its OID.
   * A column without one has that of its domain. Of triggers: not those whose function is said to
   * be immutable, or comes with PostgreSQL, such as {@code tsvector_update_trigger}.
   */
  private static final String READ =
      """
      with recursive the_table as (
        select c.oid
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname = ? and c.relname = ?
      ), the_column as (
        select a.attname, a.attnum, a.atttypid, a.attidentity,
               coalesce(d.adbin::text, t.typdefaultbin::text) as filling
          from the_table
          join pg_catalog.pg_attribute a on a.attrelid = the_table.oid
          join pg_catalog.pg_type t on t.oid = a.atttypid
          left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      ), held (attname, type) as (
        select attname, atttypid from the_column
        union
        select held.attname, part.type
          from held
          join pg_catalog.pg_type t on t.oid = held.type
         cross join lateral (
                 select t.typbasetype where t.typtype = 'd'
                 union all
                 select t.typelem where t.typelem <> 0
                 union all
                 select r.rngsubtype from pg_catalog.pg_range r
                  where t.oid in (r.rngtypid, r.rngmultitypid)
                 union all
                 select a.atttypid from pg_catalog.pg_attribute a
                  where t.typtype = 'c' and a.attrelid = t.typrelid
                    and a.attnum > 0 and not a.attisdropped) as part (type)
      )
      select 'default', attname
        from (select attname from the_column
               where attidentity <> ''
                  or filling ~ '[{](SQLVALUEFUNCTION|NEXTVALUEEXPR|COERCEVIAIO)'
                  or exists (select from pg_catalog.regexp_matches(
                                           filling, ':(?:func|opfunc)id ([0-9]+)', 'g') as m
                               join pg_catalog.pg_proc p on p.oid = m[1]::oid
                              where p.provolatile <> 'i')
               order by attnum) as changing
      union all
      select 'time', held.attname
        from held
        join pg_catalog.pg_type t on t.oid = held.type
       where t.typcategory = 'D'
      union all
      select case kind when 4 then 'insert' else 'update' end, g.tgname
        from (values (4), (16)) as kinds (kind)
        join pg_catalog.pg_trigger g on g.tgtype & kind <> 0
        join pg_catalog.pg_proc p on p.oid = g.tgfoid
       where (g.tgrelid in (select oid from the_table)
              or g.tgrelid in (select part.relid
                                 from the_table, pg_catalog.pg_partition_tree(oid) as part))
         and not g.tgisinternal and g.tgenabled in ('O', 'A') and g.tgtype & 3 = 3
         and p.provolatile <> 'i'
         and p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
         and p.pronamespace is distinct from pg_catalog.to_regnamespace('shardwright')
      """;

  static OwnValues read(Connection connection, TableName table) throws SQLException {
    OwnValues read =
        new OwnValues(
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>());
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          read.of(rows.getString(1)).add(rows.getString(2));
        }
      }
    }
    return read;
  }

  private Set<String> of(String kind) {
    return switch (kind) {
      case "default" -> defaults;
      case "time" -> times;
      case "insert" -> onInsert;
      case "update" -> onUpdate;
      default -> throw new IllegalStateException(kind);
    };
  }

  /**
   * Refuses a write that leaves one of them to each shard.
   *
   * @throws SqlRefused naming the columns, the text or the triggers
   */
  void check(ReferenceWrite write) {
    if (write.drawsDefaults()) {
      Set<String> missing = new LinkedHashSet<>(defaults);
      missing.removeAll(write.given());
      refuse(
          missing,
          "a default of its own for %s of %s, which all have to hold alike: list the columns, and give the values",
          write);
    }
    write.movingTexts().stream()
        .filter(this::mayBeATime)
        .findFirst()
        .ifPresent(
            moving ->
                refuse(
                    Set.of("'" + moving.text() + "'"),
                    "the moment that %s stands for in %s, which all have to hold alike: pass its value",
                    write));
    String advice =
        "what the trigger %s makes of rows of %s, which all have to hold alike: write that yourself instead, or"
            + " declare the trigger's function IMMUTABLE if it gives the same everywhere";
    if (write.inserts()) {
      refuse(onInsert, advice, write);
    }
    if (write.updates()) {
      refuse(onUpdate, advice, write);
    }
  }

  private boolean mayBeATime(MovingText moving) {
    return moving.column().map(times::contains).orElse(!times.isEmpty());
  }

  private static void refuse(Set<String> what, String why, ReferenceWrite write) {
    if (!what.isEmpty()) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          "over several shards: each would work out "
              + why.formatted(String.join(", ", what), write.table()));
    }
  }
}
