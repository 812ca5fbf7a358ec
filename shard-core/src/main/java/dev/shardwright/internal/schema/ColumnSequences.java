package dev.shardwright.internal.schema;

/** The sequences that the columns of a table draw from or own, in SQL. */
public final class ColumnSequences {
  /**
   * To select {@code s.column_name}, {@code s.id}, {@code s.drawn} and {@code s.place} from; the
   * parameter is the table. What is only owned is not drawn from by default, but a service may name
   * it. The place is that among the column's: where tables are defined alike, the same sequence has
   * the same.
   */
  public static final String SQL =
      """
      (select column_name, id, drawn, row_number() over (partition by column_name
          order by drawn, id::regclass::text collate "C") as place
        from (
          select a.attname::text as column_name, found.id, bool_or(found.drawn) as drawn
            from (select to_regclass(?)::oid as id) asked cross join lateral (
              select d.refobjsubid, d.objid, d.deptype = 'i' from pg_depend d
                where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
                and d.refobjid = asked.id and d.deptype in ('i', 'a')
              union all
              select e.adnum, d.refobjid, true from pg_attrdef e join pg_depend d on d.objid = e.oid
                where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass
                and e.adrelid = asked.id
            ) found (attnum, id, drawn)
            join pg_sequence on seqrelid = found.id
            join pg_attribute a on a.attrelid = asked.id and a.attnum = found.attnum
            group by a.attname, found.id
        ) of_columns
      ) s
      """;

  private ColumnSequences() {}
}
