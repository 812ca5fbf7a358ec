package dev.shardwright.router.internal.sql.tables;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.util.List;

/**
 * The schemas in which a name without one is looked up, in order.
 *
 * @param schemas as the catalog has them; {@code pg_catalog} need not be named
 */
public record SearchPath(List<String> schemas) {
  /** What PostgreSQL begins with, where no schema has the user's name. */
  public static final SearchPath DEFAULT = new SearchPath(List.of("public"));

  /** Stands in a search path for the schema of the user's name, which shards need not have. */
  private static final String USER_SCHEMA = "$user";

  private static final String BUILT_IN = "pg_catalog";
  private static final String TEMPORARY = "pg_temp";

  public SearchPath {
    schemas = List.copyOf(schemas);
  }

  /**
   * The path of those names. What is built in must come first, named or not: else any function,
   * operator or type of a schema before it would be meant in its place, and routing relies on what
   * is built in. What is created must not go to the temporary schema of a session.
   *
   * @throws SqlRefused if it is not so
   */
  public static SearchPath of(List<String> names) {
    if (names.indexOf(BUILT_IN) > 0) {
      throw new SqlRefused(
          SqlRefused.Reason.SESSION_FEATURE,
          "a search_path with pg_catalog behind other schemas: leave pg_catalog out, which puts it"
              + " first, or use a connection that is bound to a key");
    }
    if (!names.isEmpty() && names.get(0).equals(TEMPORARY)) {
      throw new SqlRefused(
          SqlRefused.Reason.SESSION_FEATURE,
          "a search_path that begins with pg_temp, in which what is created belongs to a session of"
              + " one shard: put pg_temp behind another schema, or use a connection that is bound to"
              + " a key");
    }
    return new SearchPath(names.stream().filter(name -> !name.equals(USER_SCHEMA)).toList());
  }
}
