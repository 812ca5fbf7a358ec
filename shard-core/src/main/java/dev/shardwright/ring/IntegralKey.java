package dev.shardwright.ring;

/** A sharding key of one of PostgreSQL's integer types: the checks that HASH and RANGE share. */
enum IntegralKey {
  SMALLINT(Short.MIN_VALUE, Short.MAX_VALUE),
  INTEGER(Integer.MIN_VALUE, Integer.MAX_VALUE),
  BIGINT(Long.MIN_VALUE, Long.MAX_VALUE);

  private final KeyType type;
  private final long min;
  private final long max;

  IntegralKey(long min, long max) {
    this.type = KeyType.valueOf(name());
    this.min = min;
    this.max = max;
  }

  /**
   * The number that the key stands for.
   *
   * @throws IllegalArgumentException if it is no {@code Byte}, {@code Short}, {@code Integer} or
   *     {@code Long}, or out of range
   */
  long valueOf(Object key) {
    if (key instanceof Long
        || key instanceof Integer
        || key instanceof Short
        || key instanceof Byte) {
      return inRange(((Number) key).longValue());
    }
    throw WrongKey.type(type, "Byte, Short, Integer or Long", key);
  }

  /** The number that the text stands for, in decimal digits with an optional sign. */
  Long parse(String text) {
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw WrongKey.text(type, text, e);
    }
    return inRange(value);
  }

  private long inRange(long value) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "key %s is out of the range of type %s: %s to %s"
              .formatted(value, type.sqlName(), min, max));
    }
    return value;
  }
}
