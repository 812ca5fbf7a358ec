package dev.shardwright.router.internal.sql.scan;

import com.google.common.base.Ascii;
import java.util.Set;

/** How PostgreSQL reads names. */
public final class Names {
  /** Words that are a value of their own where a column's name could stand, if not quoted. */
  private static final Set<String> VALUES =
      Set.of(
          "current_catalog",
          "current_date",
          "current_role",
          "current_schema",
          "current_time",
          "current_timestamp",
          "current_user",
          "default",
          "false",
          "localtime",
          "localtimestamp",
          "null",
          "session_user",
          "system_user",
          "true",
          "user");

  private Names() {}

  /** The name as the catalog has it: without quotes, or in lower case where it has none. */
  public static String fold(String written) {
    return isQuoted(written)
        ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
        : Ascii.toLowerCase(written);
  }

  /** Whether this word is no column, but a value such as {@code current_user}. */
  public static boolean isValue(String written) {
    return !isQuoted(written) && VALUES.contains(Ascii.toLowerCase(written));
  }

  private static boolean isQuoted(String written) {
    return written.length() >= 2 && written.startsWith("\"") && written.endsWith("\"");
  }
}
