package dev.shardwright.ring;

/**
 * Tokens of integer keys under HASH: {@code hashint8extended}, for all three types alike.
 * PostgreSQL widens a narrower column without being asked, in an index on the expression too.
 */
final class IntegralHash implements HashFunction {
  private final IntegralKey keys;

  IntegralHash(IntegralKey keys) {
    this.keys = keys;
  }

  @Override
  public long tokenOf(Object key) {
    return PostgresHash.hashInt8(keys.valueOf(key));
  }

  @Override
  public Object parse(String text) {
    return keys.parse(text);
  }

  @Override
  public String sqlToken(String column) {
    return "pg_catalog.hashint8extended(" + column + ", 0)";
  }
}
