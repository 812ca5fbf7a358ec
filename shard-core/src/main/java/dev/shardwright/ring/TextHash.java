package dev.shardwright.ring;

/**
 * Tokens of text keys under HASH: {@code hashtextextended} of a {@code text} or {@code varchar}.
 */
final class TextHash implements HashFunction {
  @Override
  public long tokenOf(Object key) {
    if (key instanceof String text) {
      return PostgresHash.hashText(text);
    }
    throw WrongKey.type(KeyType.TEXT, "String", key);
  }

  /** The text itself; refused if it cannot be a key. */
  @Override
  public Object parse(String text) {
    tokenOf(text);
    return text;
  }

  @Override
  public String sqlToken(String column) {
    return "pg_catalog.hashtextextended(" + column + ", 0)";
  }
}
