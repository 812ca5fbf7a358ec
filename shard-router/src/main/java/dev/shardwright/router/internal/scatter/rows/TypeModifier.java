package dev.shardwright.router.internal.scatter.rows;

import java.util.Map;
import org.postgresql.core.Oid;

/**
 * How many digits or characters the values of a column's type are bound to, which the driver tells
 * as precision and scale and PostgreSQL keeps as one number.
 */
final class TypeModifier {
  /** That of a type without bounds. */
  static final int NONE = -1;

  /** PostgreSQL adds it to the modifiers of numbers and texts. */
  private static final int OFFSET = 4;

  /** The most digits of seconds, which are those of a type without bounds. */
  private static final int ALL_DIGITS = 6;

  /** An interval of all fields. */
  private static final int ALL_FIELDS = 0x7FFF;

  private static final Map<Integer, Integer> ELEMENTS =
      Map.of(
          Oid.NUMERIC_ARRAY, Oid.NUMERIC,
          Oid.VARCHAR_ARRAY, Oid.VARCHAR,
          Oid.BPCHAR_ARRAY, Oid.BPCHAR,
          Oid.BIT_ARRAY, Oid.BIT,
          Oid.VARBIT_ARRAY, Oid.VARBIT,
          Oid.TIME_ARRAY, Oid.TIME,
          Oid.TIMETZ_ARRAY, Oid.TIMETZ,
          Oid.TIMESTAMP_ARRAY, Oid.TIMESTAMP,
          Oid.TIMESTAMPTZ_ARRAY, Oid.TIMESTAMPTZ,
          Oid.INTERVAL_ARRAY, Oid.INTERVAL);

  private TypeModifier() {}

  /** PostgreSQL's number for the bounds; {@link #NONE} if there are none. */
  static int of(int type, int precision, int scale) {
    return switch (element(type)) {
      case Oid.NUMERIC -> precision == 0 ? NONE : ((precision << 16) | (scale & 0xFFFF)) + OFFSET;
      case Oid.VARCHAR, Oid.BPCHAR ->
          precision == 0 || precision == Integer.MAX_VALUE ? NONE : precision + OFFSET;
      case Oid.BIT, Oid.VARBIT ->
          precision == 0 || precision == Integer.MAX_VALUE ? NONE : precision;
      case Oid.TIME, Oid.TIMETZ, Oid.TIMESTAMP, Oid.TIMESTAMPTZ ->
          scale >= ALL_DIGITS ? NONE : scale;
      case Oid.INTERVAL -> scale >= ALL_DIGITS ? NONE : (ALL_FIELDS << 16) | scale;
      default -> NONE;
    };
  }

  /** The bounds as they follow the type's name in SQL; empty if there are none. */
  static String bounds(int type, int modifier) {
    if (modifier == NONE) {
      return "";
    }
    return switch (element(type)) {
      case Oid.NUMERIC -> {
        int digits = modifier - OFFSET;
        yield "(%s,%s)".formatted(digits >> 16, (short) digits);
      }
      case Oid.VARCHAR, Oid.BPCHAR -> "(" + (modifier - OFFSET) + ")";
      case Oid.INTERVAL -> "(%s,%s)".formatted(modifier >> 16, modifier & 0xFFFF);
      default -> "(" + modifier + ")";
    };
  }

  private static int element(int type) {
    return ELEMENTS.getOrDefault(type, type);
  }
}
