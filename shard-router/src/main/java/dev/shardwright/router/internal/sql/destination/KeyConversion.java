package dev.shardwright.router.internal.sql.destination;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.Maps;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.router.internal.sql.destination.Operand.Cast;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which keys are equal to a value under PostgreSQL's {@code =}, for keys of one type. Where that is
 * not certain the answer is {@link #UNKNOWN}; a wrong key is never given. Immutable.
 */
final class KeyConversion {
  /** Any key may be equal to the value, or PostgreSQL will say what is wrong with it. */
  static final Object UNKNOWN = new Object();

  /** No key is equal to the value. */
  static final Object NOTHING = new Object();

  /** Below it, a {@code double} that is a whole number is equal to one {@code bigint} only. */
  private static final double EXACT_DOUBLE = 1L << 53;

  /** The same of a {@code float}: the driver may send larger ones as texts of fewer digits. */
  private static final double EXACT_FLOAT = 1L << 24;

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,40}");
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private static final TokenFunction TIMES =
      TokenFunctions.of(Strategy.RANGE, Optional.of(KeyType.TIMESTAMPTZ));
  private static final Instant GREGORIAN = Instant.parse("1600-01-01T00:00:00Z");

  private static final BigDecimal MIN_LONG = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal MAX_LONG = BigDecimal.valueOf(Long.MAX_VALUE);

  private static final Map<KeyType, KeyConversion> ALL =
      Maps.immutableEnumMap(Maps.toMap(EnumSet.allOf(KeyType.class), KeyConversion::new));

  private final KeyType type;
  private final long min;
  private final long max;

  private KeyConversion(KeyType type) {
    this.type = type;
    this.min =
        switch (type) {
          case SMALLINT -> Short.MIN_VALUE;
          case INTEGER -> Integer.MIN_VALUE;
          case BIGINT, TEXT, UUID, TIMESTAMPTZ -> Long.MIN_VALUE;
        };
    this.max = -(min + 1);
  }

  static KeyConversion of(KeyType type) {
    return requireNonNull(ALL.get(type));
  }

  /**
   * The key that is equal to the operand: a {@code Long}, {@code String}, {@code UUID}, {@code
   * Instant} or {@code OffsetDateTime}, or one of the constants.
   */
  Object key(Operand operand, ParameterValues values) {
    Object value = operand.isParameter() ? values.value(operand.place()) : operand.constant();
    return key(value, operand);
  }

  /**
   * As {@link #key(Operand, ParameterValues)}, for each of a list. PostgreSQL compares them all as
   * one type: if that is a floating one, large numbers are not told apart, nor from fractions.
   */
  List<Object> keys(List<Operand> operands, ParameterValues values) {
    double exact = Double.MAX_VALUE;
    List<Object> keys = new ArrayList<>(operands.size());
    for (Operand operand : operands) {
      Object value = operand.isParameter() ? values.value(operand.place()) : null;
      exact = Math.min(exact, value instanceof Number number ? exact(number) : exact);
      keys.add(key(operand, values));
    }
    if (exact < Double.MAX_VALUE) {
      double limit = exact;
      keys.replaceAll(
          key ->
              key == NOTHING // a fraction may be rounded to a key
                      || (key instanceof Long number && Math.abs((double) number) >= limit)
                  ? UNKNOWN
                  : key);
    }
    return keys;
  }

  /** From where on whole numbers are not told apart in its type. */
  private static double exact(Number number) {
    return number instanceof Float
        ? EXACT_FLOAT
        : number instanceof Double ? EXACT_DOUBLE : Double.MAX_VALUE;
  }

  /** As {@link #key(Operand, ParameterValues)}, for each of the elements of an array operand. */
  List<Object> elementKeys(List<@Nullable Object> elements, Operand operand) {
    List<Object> keys = new ArrayList<>(elements.size());
    for (Object element : elements) {
      keys.add(key(element, operand));
    }
    return keys;
  }

  /** The token of a key; empty for the constants, and for what no row can have as its key. */
  static OptionalLong token(Object key, TokenFunction tokens) {
    if (key == UNKNOWN || key == NOTHING) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(tokens.tokenOf(key));
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }

  private Object key(@Nullable Object value, Operand operand) {
    return value == null ? NOTHING : key(cast(value, operand));
  }

  private Object key(Object value) {
    return switch (type) {
      case SMALLINT, INTEGER, BIGINT -> integer(value);
      case TEXT -> value instanceof String ? value : UNKNOWN;
      case UUID -> uuid(value);
      case TIMESTAMPTZ -> time(value);
    };
  }

  private Object integer(Object value) {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      long number = ((Number) value).longValue();
      return min <= number && number <= max ? (Object) number : NOTHING;
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      double exact = value instanceof Float ? EXACT_FLOAT : EXACT_DOUBLE;
      if (!(Math.abs(number) < exact)) {
        return UNKNOWN;
      }
      return number == Math.rint(number) ? integer((long) number) : NOTHING;
    }
    Optional<BigDecimal> exact = exact(value);
    if (exact.isEmpty()) {
      return UNKNOWN;
    }
    BigDecimal number = exact.get();
    if (number.compareTo(MIN_LONG) < 0 || number.compareTo(MAX_LONG) > 0) {
      return NOTHING;
    }
    return number.signum() == 0 || number.stripTrailingZeros().scale() <= 0
        ? integer(number.longValue())
        : NOTHING;
  }

  /**
   * The bound that the operand sets, as a whole number: the largest not above it, or the smallest
   * not below it.
   *
   * @return a {@code Long}, {@link #UNKNOWN}, or {@link #NOTHING} for NULL
   */
  Object bound(Operand operand, ParameterValues values, RoundingMode rounding) {
    Object value = operand.isParameter() ? values.value(operand.place()) : operand.constant();
    if (value == null) {
      return NOTHING;
    }
    return exact(cast(value, operand))
        .map(number -> number.max(MIN_LONG).min(MAX_LONG).setScale(0, rounding).longValueExact())
        .map(Object.class::cast)
        .orElse(UNKNOWN);
  }

  private static Object uuid(Object value) {
    if (value instanceof UUID) {
      return value;
    }
    return value instanceof String text && UUID_TEXT.matcher(text).matches()
        ? UUID.fromString(text)
        : UNKNOWN;
  }

  /** Without a time zone of its own, a time depends on the session's. */
  private static Object time(Object value) {
    if (value instanceof Instant || value instanceof OffsetDateTime) {
      return value;
    }
    if (value instanceof String text) {
      return timeOf(text);
    }
    return value instanceof Date date ? timeOf(date) : UNKNOWN;
  }

  private static Object timeOf(String text) {
    try {
      Object time = TIMES.parse(text);
      boolean exact = time instanceof OffsetDateTime at && at.getNano() % 1_000 == 0;
      return exact || text.endsWith("infinity") ? time : UNKNOWN;
    } catch (IllegalArgumentException e) {
      return UNKNOWN;
    }
  }

  private static Object timeOf(Date date) {
    try {
      Instant time = date.toInstant();
      // Earlier ones are written by the calendar of their time.
      return time.isBefore(GREGORIAN) ? UNKNOWN : time;
    } catch (UnsupportedOperationException e) {
      return UNKNOWN; // of java.sql: a date, or a time of day
    }
  }

  private static Optional<BigDecimal> exact(Object value) {
    if (value instanceof BigDecimal number) {
      // Of a sane size: 1e999999999 would take all memory to write out.
      return Math.abs((long) number.scale()) <= 1_000 ? Optional.of(number) : Optional.empty();
    }
    if (value instanceof BigInteger number) {
      return Optional.of(new BigDecimal(number));
    }
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return Optional.of(BigDecimal.valueOf(((Number) value).longValue()));
    }
    if (value instanceof String text && INTEGER.matcher(text.trim()).matches()) {
      return Optional.of(new BigDecimal(text.trim()));
    }
    return Optional.empty();
  }

  private static Object cast(Object value, Operand operand) {
    Object converted = value;
    for (Cast cast : operand.casts()) {
      converted = cast(converted, cast.type());
    }
    return converted;
  }

  /** The value after a cast that loses nothing; else {@link #UNKNOWN}, which stays so. */
  private static Object cast(Object value, Operand.Type type) {
    if (value == UNKNOWN) {
      return UNKNOWN;
    }
    return switch (type) {
      case SMALLINT, INTEGER, BIGINT -> castToInteger(value, type);
      case NUMERIC -> exact(value).map(Object.class::cast).orElse(UNKNOWN);
      case TEXT -> value instanceof String || value instanceof UUID ? value.toString() : UNKNOWN;
      case UUID -> uuid(value);
      case TIMESTAMPTZ -> time(value);
    };
  }

  private static Object castToInteger(Object value, Operand.Type type) {
    KeyType as =
        switch (type) {
          case SMALLINT -> KeyType.SMALLINT;
          case INTEGER -> KeyType.INTEGER;
          default -> KeyType.BIGINT;
        };
    if (value instanceof Double || value instanceof Float) {
      return UNKNOWN;
    }
    // Out of range is an error, and a fraction is rounded: neither is "nothing".
    Object cast = of(as).integer(value);
    return cast == NOTHING ? UNKNOWN : cast;
  }
}
