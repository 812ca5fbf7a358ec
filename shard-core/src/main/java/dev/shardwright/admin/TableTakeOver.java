package dev.shardwright.admin;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Creates tables on a new shard as they are on another. Made for ordinary tables; whatever it would
 * lose is refused by name.
 */
final class TableTakeOver {
  private static final String OBSTACLES =
      """
      with relation as (select * from pg_class where oid = ?::regclass)
      select 'it is partitioned' from relation where relkind = 'p'
      union all
      select 'it inherits' from relation
        where exists (select from pg_inherits where oid in (inhrelid, inhparent)) and relkind = 'r'
      union all
      select 'it is unlogged' from relation where relpersistence <> 'p'
      union all
      select 'it has row security' from relation where relrowsecurity or relforcerowsecurity
      union all
      select 'it has rule ' || rulename from relation join pg_rewrite on ev_class = relation.oid
      union all
      select 'it has trigger ' || tgname from relation join pg_trigger on tgrelid = relation.oid
        where not tgisinternal and tgname !~ '^zzz?_shardwright_'
      union all
      select 'column ' || attname || ' has type ' || format_type(atttypid, atttypmod)
        from relation join pg_attribute on attrelid = relation.oid and attnum > 0
        join pg_type t on t.oid = atttypid
        where not attisdropped and t.typnamespace <> 'pg_catalog'::regnamespace
      union all
      select 'column ' || attname || ' has collation ' || collname
        from relation join pg_attribute on attrelid = relation.oid and attnum > 0
        join pg_collation c on c.oid = attcollation
        where not attisdropped and c.collnamespace <> 'pg_catalog'::regnamespace
      """;

  /** What others than the app role may do; the owner's rights come by themselves. */
  private static final String GRANTS =
      """
      select 'it has grants to ' || case grantee when 0 then 'public' else pg_get_userbyid(grantee) end
      from pg_class cross join aclexplode(relacl) where pg_class.oid = ?::regclass
        and grantee <> relowner
        and grantee not in (select oid from pg_roles where rolname in (?::name, current_user))
      union
      select 'column ' || attname || ' has grants of its own'
      from pg_attribute cross join aclexplode(attacl)
      where attrelid = ?::regclass and attnum > 0 and not attisdropped
      order by 1
      """;

  /**
   * Of the sequences that belong to columns: serial ones; those of identities come by themselves.
   */
  private static final String SEQUENCES =
      """
      select format('create sequence %s as %s increment %s minvalue %s maxvalue %s start %s cache %s %s',
          s.seqrelid::regclass, format_type(s.seqtypid, null), s.seqincrement, s.seqmin, s.seqmax,
          s.seqstart, s.seqcache, case when s.seqcycle then 'cycle' else 'no cycle' end),
        format('alter sequence %s owned by %s.%I',
          s.seqrelid::regclass, d.refobjid::regclass, a.attname),
        s.seqrelid::regclass::text
      from pg_depend d join pg_sequence s on s.seqrelid = d.objid
      join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.deptype = 'a'
        and d.refclassid = 'pg_class'::regclass and d.refobjid = ?::regclass
      order by 3
      """;

  private static final String TABLE =
      """
      select format('create table %s (%s)', r.oid::regclass, string_agg(concat_ws(' ',
          quote_ident(a.attname),
          format_type(a.atttypid, a.atttypmod),
          case when a.attcollation <> 0 and o.collname <> 'default'
            then 'collate ' || quote_ident(n.nspname) || '.' || quote_ident(o.collname) end,
          case when a.attidentity <> '' then format('generated %s as identity (increment %s minvalue'
            ' %s maxvalue %s start %s cache %s %s)',
            case a.attidentity when 'a' then 'always' else 'by default' end,
            s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
            case when s.seqcycle then 'cycle' else 'no cycle' end) end,
          case a.attgenerated when 's' then format('generated always as (%s) stored', e.expression)
            when 'v' then format('generated always as (%s)', e.expression)
            else 'default ' || e.expression end,
          case when a.attnotnull then 'not null' end), ', ' order by a.attnum))
      from pg_class r join pg_attribute a on a.attrelid = r.oid
      left join pg_collation o on o.oid = a.attcollation
      left join pg_namespace n on n.oid = o.collnamespace
      left join lateral (select pg_get_expr(adbin, adrelid) as expression from pg_attrdef
        where adrelid = r.oid and adnum = a.attnum) e on true
      left join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = r.oid
        and d.refobjsubid = a.attnum and d.classid = 'pg_class'::regclass and d.deptype = 'i'
        and a.attidentity <> ''
      left join pg_sequence s on s.seqrelid = d.objid
      where r.oid = ?::regclass and a.attnum > 0 and not a.attisdropped
      group by r.oid
      """;

  /** Keys and checks first, foreign keys apart. */
  private static final String CONSTRAINTS =
      "select format('alter table %s add constraint %I %s', conrelid::regclass, conname,"
          + " pg_get_constraintdef(oid)), contype = 'f' from pg_constraint"
          + " where conrelid = ?::regclass and contype in ('p', 'u', 'c', 'x', 'f')"
          + " order by contype = 'f', contype <> 'p', conname";

  private static final String INDEXES =
      "select pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = ?::regclass"
          + " and not exists (select from pg_constraint k where k.conindid = i.indexrelid"
          + " and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')) order by 1";

  /**
   * Storage parameters, also of what is stored out of line, and what names a row in replication.
   */
  private static final String PROPERTIES =
      """
      select format('alter table %s set (%s)', r.oid::regclass,
        string_agg(format('%s%I = %L', o.place, o.option_name, o.option_value), ', '))
      from pg_class r left join pg_class t on t.oid = r.reltoastrelid
      cross join lateral (
        select '' as place, * from pg_options_to_table(r.reloptions)
        union all select 'toast.', * from pg_options_to_table(t.reloptions)) o
      where r.oid = ?::regclass group by r.oid
      union all
      select format('alter table %s replica identity ', r.oid::regclass)
        || case r.relreplident when 'f' then 'full' when 'n' then 'nothing'
          else coalesce('using index ' || quote_ident(i.relname), 'nothing') end -- it may be gone
      from pg_class r left join pg_index x on x.indrelid = r.oid and x.indisreplident
      left join pg_class i on i.oid = x.indexrelid
      where r.oid = ?::regclass and r.relreplident <> 'd'
      """;

  private static final String RIGHTS =
      "select string_agg(p, ', ') from unnest(array['select', 'insert', 'update', 'delete',"
          + " 'truncate', 'references', 'trigger']) p"
          + " where has_table_privilege(?::name, ?::regclass, p)";

  private final Connection source;
  private final Connection target;
  private final List<String> foreignKeys = new ArrayList<>();

  private TableTakeOver(Connection source, Connection target) {
    this.source = source;
    this.target = target;
  }

  /**
   * Creates those of the tables that the target does not have; all of them or none.
   *
   * @param sourceRole the app role at the source, whose rights are taken over
   * @param targetRole the app role at the target
   * @throws ChangeRefused if something cannot be taken over
   */
  static void createMissing(
      Connection source,
      String sourceRole,
      Connection target,
      String targetRole,
      Collection<TableName> tables)
      throws SQLException {
    Transaction.run(
        target,
        () -> {
          TableTakeOver takeOver = new TableTakeOver(source, target);
          for (TableName table : tables) {
            if (!TablePresence.isThere(target, table)) {
              takeOver.refuseObstacles(table, sourceRole);
              takeOver.create(table);
              takeOver.grant(table, sourceRole, targetRole);
            }
          }
          takeOver.execute(takeOver.foreignKeys);
        });
  }

  private void refuseObstacles(TableName table, String sourceRole) throws SQLException {
    List<String> obstacles = texts(OBSTACLES, 1, table);
    obstacles.addAll(texts(GRANTS, 1, SqlText.table(table), sourceRole, SqlText.table(table)));
    if (!obstacles.isEmpty()) {
      throw new ChangeRefused(
          "table %s cannot be taken over: %s; create it with pg_dump --schema-only --table and psql"
              .formatted(table, String.join(", ", obstacles)));
    }
  }

  private void create(TableName table) throws SQLException {
    execute(List.of("create schema if not exists " + SqlText.identifier(table.schema())));
    execute(texts(SEQUENCES, 1, table));
    execute(texts(TABLE, 1, table));
    execute(texts(SEQUENCES, 2, table));
    execute(texts(INDEXES, 1, table));
    try (PreparedStatement statement = prepare(CONSTRAINTS, SqlText.table(table));
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        if (rows.getBoolean(2)) {
          foreignKeys.add(rows.getString(1));
        } else {
          execute(List.of(rows.getString(1)));
        }
      }
    }
    execute(texts(PROPERTIES, 1, SqlText.table(table), SqlText.table(table)));
  }

  private void grant(TableName table, String sourceRole, String targetRole) throws SQLException {
    String to = " to " + SqlText.identifier(targetRole);
    try (PreparedStatement statement = source.prepareStatement(RIGHTS)) {
      statement.setString(1, sourceRole);
      statement.setString(2, SqlText.table(table));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String rights = row.getString(1);
        if (rights == null) {
          return;
        }
        execute(
            List.of(
                "grant usage on schema " + SqlText.identifier(table.schema()) + to,
                "grant " + rights + " on " + SqlText.table(table) + to));
      }
    }
    for (String sequence : texts(SEQUENCES, 3, table)) {
      execute(List.of("grant usage on sequence " + sequence + to));
    }
  }

  private List<String> texts(String query, int column, TableName table) throws SQLException {
    return texts(query, column, SqlText.table(table));
  }

  private List<String> texts(String query, int column, String... parameters) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (PreparedStatement statement = prepare(query, parameters);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        texts.add(rows.getString(column));
      }
    }
    return texts;
  }

  private PreparedStatement prepare(String query, String... parameters) throws SQLException {
    PreparedStatement statement = source.prepareStatement(query);
    for (int i = 0; i < parameters.length; i++) {
      statement.setString(i + 1, parameters[i]);
    }
    return statement;
  }

  private void execute(List<String> statements) throws SQLException {
    try (Statement statement = target.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
