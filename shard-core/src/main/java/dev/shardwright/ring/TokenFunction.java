package dev.shardwright.ring;

/**
 * Turns sharding keys into tokens, in Java and, as an expression, in SQL: both agree bit for bit.
 * Immutable.
 */
public interface TokenFunction {

  /**
   * The token of a key.
   *
   * @param key a value of the Java type that belongs to the key type; never null
   * @throws IllegalArgumentException if the key is null, of another type, out of range, or no valid
   *     text; the message names what was given and what is expected
   */
  long tokenOf(Object key);

  /**
   * The key that a text stands for, as an operator would write it.
   *
   * @throws IllegalArgumentException if the text is not a key of this type
   */
  Object parse(String text);

  /**
   * The SQL expression for the token of a column.
   *
   * @param column an expression of the key's type, for example a quoted column name
   */
  String sqlToken(String column);

  /**
   * An SQL condition that holds where the column's token lies in the set. Made of immutable
   * built-ins only, and written so that an index on {@link #sqlToken} (or, for {@link
   * Strategy#RANGE}, on the column) can serve it.
   *
   * @param column an expression of the key's type, for example a quoted column name
   */
  String sqlCondition(String column, KeyRangeSet tokens);
}
