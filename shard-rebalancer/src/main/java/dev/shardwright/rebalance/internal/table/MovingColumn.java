package dev.shardwright.rebalance.internal.table;

import dev.shardwright.internal.schema.SqlText;

/**
 * A column whose values are copied.
 *
 * @param name as the catalog has it
 * @param type its type without modifier, in SQL
 * @param hashedAsIs whether the type's own hash tells apart whatever differs
 * @param portable whether its binary form means the same on every server
 * @param size the bytes of a value; -1 if it varies
 */
public record MovingColumn(
    String name, String type, boolean hashedAsIs, boolean portable, int size) {

  /** The quoted name. */
  public String sql() {
    return SqlText.identifier(name);
  }

  /** The value as text: what operators see, and what means the same on both sides. */
  String asText() {
    return sql() + "::text";
  }

  /**
   * The value in a form whose hash is the same for equal rows on all servers, and differs where the
   * row differs: enums hash by object id, json has no hash, and 1.0 hashes as 1.00 does.
   */
  String hashed() {
    return hashedAsIs ? sql() : asText() + " collate \"C\"";
  }

  /** A literal of the column's type. */
  String literal(String value) {
    return SqlText.literal(value) + "::" + type;
  }
}
