package dev.shardwright.ring;

/**
 * The one token of all rows under SINGLE: 0. Any key will do, so that a service that names keys
 * already need not change when its tables are sharded one day.
 */
final class SingleToken implements TokenFunction {
  private static final long TOKEN = 0;

  @Override
  public long tokenOf(Object key) {
    if (key == null) {
      throw new IllegalArgumentException("key must not be null");
    }
    return TOKEN;
  }

  @Override
  public Object parse(String text) {
    return text;
  }

  @Override
  public String sqlToken(String column) {
    return "'" + TOKEN + "'::pg_catalog.int8";
  }

  @Override
  public String sqlCondition(String column, KeyRangeSet tokens) {
    return tokens.contains(TOKEN) ? "true" : "false";
  }
}
