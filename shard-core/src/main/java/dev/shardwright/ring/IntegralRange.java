package dev.shardwright.ring;

/** Tokens of integer keys under RANGE: the value itself. */
final class IntegralRange implements TokenFunction {
  private final IntegralKey keys;

  IntegralRange(IntegralKey keys) {
    this.keys = keys;
  }

  @Override
  public long tokenOf(Object key) {
    return keys.valueOf(key);
  }

  @Override
  public Object parse(String text) {
    return keys.parse(text);
  }

  @Override
  public String sqlToken(String column) {
    return "CAST(" + column + " AS pg_catalog.int8)";
  }

  /** Compares the bare column, of whichever integer type: its index takes bigint bounds too. */
  @Override
  public String sqlCondition(String column, KeyRangeSet tokens) {
    return SqlRanges.OF_INT8.condition("(" + column + ")", sqlToken(column), tokens);
  }
}
