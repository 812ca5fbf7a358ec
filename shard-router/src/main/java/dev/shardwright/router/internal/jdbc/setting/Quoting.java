package dev.shardwright.router.internal.jdbc.setting;

/** The one place where names and texts become SQL. */
public final class Quoting {
  private Quoting() {}

  /** A name in quotes. */
  public static String name(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** A text in quotes; also a name that may be empty, where either is taken. */
  static String text(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
