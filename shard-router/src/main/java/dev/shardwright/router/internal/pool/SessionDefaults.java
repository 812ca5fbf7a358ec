package dev.shardwright.router.internal.pool;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a session of a shard begins with, by its role, its database and its endpoint, as far as it
 * matters for reading statements. Immutable.
 *
 * @param searchPath the names in the search path, in order
 * @param isolation the level of transactions that name none
 */
public record SessionDefaults(List<String> searchPath, IsolationLevel isolation) {
  /** What PostgreSQL has where nobody said otherwise. */
  public static final SessionDefaults USUAL =
      new SessionDefaults(List.of("$user", "public"), IsolationLevel.READ_COMMITTED);

  /** Select these, for {@link #read}, before anything is set. */
  static final String COLUMNS =
      "current_setting('search_path') as path,"
          + " current_setting('default_transaction_isolation') as isolation,"
          + " current_setting('standard_conforming_strings') as strings";

  /** In double quotes, where such a quote itself is doubled; or bare, in any case of letters. */
  private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^,\\s]+)");

  public SessionDefaults {
    searchPath = List.copyOf(searchPath);
  }

  /**
   * Reads them from a row.
   *
   * @throws SQLException also if string constants have backslashes in them: whoever reads a
   *     statement would find other texts, other keys even, than the shard does
   */
  static SessionDefaults read(ResultSet row) throws SQLException {
    if (!row.getString("strings").equals("on")) {
      throw new SQLException(
          "standard_conforming_strings is off for the role or the database, so the shard would read"
              + " other texts in a statement than the router: set it on with ALTER ROLE or ALTER"
              + " DATABASE",
          "55000"); // object not in prerequisite state
    }
    return new SessionDefaults(
        names(row.getString("path")), IsolationLevel.named(row.getString("isolation")));
  }

  static List<String> names(String path) {
    return NAME.matcher(path).results().map(SessionDefaults::name).toList();
  }

  private static String name(MatchResult found) {
    return found.group(1) == null
        ? found.group(2).toLowerCase(Locale.ROOT)
        : found.group(1).replace("\"\"", "\"");
  }
}
