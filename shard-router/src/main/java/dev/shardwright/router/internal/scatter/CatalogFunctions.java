package dev.shardwright.router.internal.scatter;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.SetMultimap;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.DottedName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;

/**
 * What the catalog of a shard says about functions that a statement may call although its text does
 * not show it: those of users that have the name of a built-in one, and those that are called by
 * their name after a dot, as if it were a column. Immutable.
 *
 * @param unlikeBuiltIn {@code schema.name} of those about which not the same can be believed as
 *     about the built-in one
 * @param afterDot the names of those that can be called so, and which are aggregates or not known
 *     to give the same on every shard
 * @param afterRow those among them that take a row
 * @param columns {@code schema.table.column} of the columns that have such a name
 */
record CatalogFunctions(
    Set<String> unlikeBuiltIn, Set<String> afterDot, Set<String> afterRow, Set<String> columns) {
  /**
   * As harmless as the built-in ones are: immutable functions among immutable functions that give
   * the same types; MIN and MAX that are declared to be the first in an order. Functions of
   * extensions such as citext are among these.
   */
  private static final String READ =
      """
      with built_in as (
        select proname, array_agg(prorettype) as types,
               bool_and(prokind = 'f' and provolatile = 'i' and not proretset) as plain
          from pg_catalog.pg_proc
         where pronamespace = 'pg_catalog'::regnamespace
         group by proname),
      after_dot as (
        select p.proname,
               bool_or(t.typtype = 'c'
                       or t.typname in ('record', 'any', 'anyelement', 'anynonarray',
                                        'anycompatible', 'anycompatiblenonarray')) as takes_row
          from pg_catalog.pg_proc p
          join pg_catalog.pg_type t on t.oid = p.proargtypes[0]
         where p.pronargs - p.pronargdefaults <= 1 and p.prokind <> 'p'
           and (p.prokind <> 'f' or p.provolatile = 'v'
                or (p.provolatile = 's' and p.pronamespace <> 'pg_catalog'::regnamespace))
         group by p.proname)
      select 'UNLIKE_BUILT_IN', n.nspname || '.' || p.proname
        from pg_catalog.pg_proc p
        join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        join built_in b on b.proname = p.proname
       where n.nspname not in ('pg_catalog', 'information_schema')
         and not (b.plain and p.prokind = 'f' and p.provolatile = 'i' and not p.proretset
                  and p.prorettype = any (b.types))
         and not (p.prokind = 'a' and p.proname in ('min', 'max')
                  and exists (select from pg_catalog.pg_aggregate a
                               where a.aggfnoid = p.oid and a.aggsortop <> 0))
      union all
      select 'AFTER_DOT', proname from after_dot
      union all
      select 'AFTER_ROW', proname from after_dot where takes_row
      union all
      select 'COLUMN', n.nspname || '.' || c.relname || '.' || a.attname
        from after_dot f
        join pg_catalog.pg_attribute a on a.attname = f.proname
        join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm', 'f')
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where f.takes_row and a.attnum > 0 and not a.attisdropped
      """;

  private enum Kind {
    UNLIKE_BUILT_IN,
    AFTER_DOT,
    AFTER_ROW,
    COLUMN
  }

  CatalogFunctions {
    unlikeBuiltIn = Set.copyOf(unlikeBuiltIn);
    afterDot = Set.copyOf(afterDot);
    afterRow = Set.copyOf(afterRow);
    columns = Set.copyOf(columns);
  }

  /** One round trip. */
  static CatalogFunctions read(Connection connection) throws SQLException {
    SetMultimap<Kind, String> names = HashMultimap.create();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(READ)) {
      while (rows.next()) {
        names.put(Kind.valueOf(rows.getString(1)), rows.getString(2));
      }
    }
    return new CatalogFunctions(
        names.get(Kind.UNLIKE_BUILT_IN),
        names.get(Kind.AFTER_DOT),
        names.get(Kind.AFTER_ROW),
        names.get(Kind.COLUMN));
  }

  /** Whether a text may call some of which only the catalog knows. */
  static boolean concern(Analysis analysis) {
    return !analysis.rivals().isEmpty() || !analysis.dottedNames().isEmpty();
  }

  /** What there is against a statement that must give the same on every shard. */
  Optional<String> objection(Analysis analysis) {
    Optional<String> rival = analysis.rivals().stream().filter(unlikeBuiltIn::contains).findFirst();
    return rival.isPresent()
        ? rival.map(CatalogFunctions::mistakable)
        : analysis.dottedNames().stream()
            .filter(this::mayBeCall)
            .findFirst()
            .map(CatalogFunctions::calledAfterDot);
  }

  private boolean mayBeCall(DottedName dotted) {
    return (dotted.ofRow() ? afterRow : afterDot).contains(dotted.name())
        && dotted.columns().stream().noneMatch(columns::contains);
  }

  private static String mistakable(String function) {
    return ("the function %s has the name of a built-in one, and might not give the same on every"
            + " shard; for the built-in one write pg_catalog.%s, or say the sharding key")
        .formatted(function, function.substring(function.lastIndexOf('.') + 1));
  }

  private static String calledAfterDot(DottedName dotted) {
    String name = dotted.name();
    return ("%s after a dot is not certain to be a column, and else is a call of the function %s();"
            + " write the call, name the column in a subquery, or say the sharding key")
        .formatted(name, name);
  }
}
