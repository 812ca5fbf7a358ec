package dev.shardwright.router.internal.sql.tables;

import java.util.List;

/**
 * The schemas in which a name without one is looked up, in order.
 *
 * @param schemas as the catalog has them; {@code pg_catalog} need not be named
 */
public record SearchPath(List<String> schemas) {
  /** What PostgreSQL begins with, where no schema has the user's name. */
  public static final SearchPath DEFAULT = new SearchPath(List.of("public"));

  public SearchPath {
    schemas = List.copyOf(schemas);
  }
}
