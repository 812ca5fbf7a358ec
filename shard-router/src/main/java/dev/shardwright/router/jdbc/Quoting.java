package dev.shardwright.router.jdbc;

/** The one place where names become SQL. */
final class Quoting {
  private Quoting() {}

  /** A name in quotes. */
  static String name(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
