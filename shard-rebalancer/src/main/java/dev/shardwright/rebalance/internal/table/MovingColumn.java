package dev.shardwright.rebalance.internal.table;

import dev.shardwright.internal.schema.SqlText;

/**
 * A column whose values are copied.
 *
 * @param name as the catalog has it
 * @param type its type without modifier, in SQL
 * @param identity what tells its values apart
 * @param portable whether its binary form means the same on every server
 * @param size the bytes of a value; -1 if it varies
 */
public record MovingColumn(
    String name, String type, Identity identity, boolean portable, int size) {

  /** What has the same hash for equal values on all servers, and differs where values differ. */
  public enum Identity {
    /** The value: its type's own hash will do. */
    VALUE,
    /** The value and its scale: 1.0 hashes as 1.00 does. */
    VALUE_AND_SCALE,
    /** Its text: enums hash by object id, and json has no hash. */
    TEXT
  }

  /** The quoted name. */
  public String sql() {
    return SqlText.identifier(name);
  }

  /** The value as text: what operators see, and what means the same on both sides. */
  String asText() {
    return sql() + "::text";
  }

  /** What is hashed of it, in SQL. */
  String hashed() {
    return switch (identity) {
      case VALUE -> sql();
      case VALUE_AND_SCALE -> sql() + ", scale(" + sql() + ")";
      case TEXT -> asText() + " collate \"C\"";
    };
  }

  /** A literal of the column's type. */
  String literal(String value) {
    return SqlText.literal(value) + "::" + type;
  }
}
