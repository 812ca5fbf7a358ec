package dev.shardwright.router.internal.jdbc.value;

import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.run.Parameters;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Array;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * A parameter that was set: what routing needs to know of it, and how it is set on the driver's
 * statement, on one or on several shards. Immutable.
 *
 * @param value as it was when it was given
 * @param binder how it is set
 */
public record Argument(@Nullable Object value, Binder binder) {
  /** Sets a value on a statement of the driver. */
  @FunctionalInterface
  public interface Binder {
    void bind(PreparedStatement statement, int at, @Nullable Object value) throws SQLException;
  }

  /** The types whose values routing knows from their texts. */
  private static final ImmutableSet<String> AS_THEIR_TEXT =
      ImmutableSet.of(
          "bigint",
          "int2",
          "int4",
          "int8",
          "integer",
          "smallint",
          "text",
          "timestamptz",
          "uuid",
          "varchar");

  /** As which the driver sends no more than the day of a time, or the time of a day. */
  private static final ImmutableSet<Integer> OF_A_PART =
      ImmutableSet.of(Types.DATE, Types.TIME, Types.TIME_WITH_TIMEZONE);

  private static final Binder LONG = (to, at, value) -> to.setLong(at, (Long) present(value));
  private static final Binder INT = (to, at, value) -> to.setInt(at, (Integer) present(value));
  private static final Binder STRING = (to, at, value) -> to.setString(at, (String) value);
  private static final Binder OBJECT = Parameters::bind;

  public static Argument ofLong(long value) {
    return new Argument(value, LONG);
  }

  public static Argument ofInt(int value) {
    return new Argument(value, INT);
  }

  public static Argument ofString(@Nullable String value) {
    return new Argument(value, STRING);
  }

  public static Argument ofObject(@Nullable Object value) throws SQLException {
    return value instanceof Array array ? ofArray(array) : new Argument(Given.now(value), OBJECT);
  }

  /** With a type of {@link Types}. */
  public static Argument ofObject(@Nullable Object value, int type) throws SQLException {
    if (value instanceof Array array) {
      return ofArray(array);
    }
    Object now = now(value, type);
    return new Argument(routed(now, type), (to, at, ignored) -> to.setObject(at, now, type));
  }

  /** With a type of {@link Types}, and digits after the point. */
  public static Argument ofObject(@Nullable Object value, int type, int scale) throws SQLException {
    if (value instanceof Array array) {
      return ofArray(array);
    }
    Object now = now(value, type);
    return new Argument(
        scaled(routed(now, type), type, scale),
        (to, at, ignored) -> to.setObject(at, now, type, scale));
  }

  private static @Nullable Object now(@Nullable Object value, int type) throws SQLException {
    return value != null && isText(type) ? Given.asText(value) : Given.now(value);
  }

  public static Argument ofArray(@Nullable Array array) {
    return array instanceof ListedArray listed
        ? new Argument(routed(listed), (to, at, ignored) -> listed.bind(to, at))
        : new Argument(array, (to, at, ignored) -> to.setArray(at, array));
  }

  /** The elements as the driver sends them; it writes times as the JVM's zone has them. */
  private static Object routed(ListedArray listed) {
    boolean known =
        AS_THEIR_TEXT.contains(listed.typeName())
            && !(listed.elements() instanceof Object[] elements
                && Stream.of(elements).anyMatch(java.util.Date.class::isInstance));
    return known ? listed.elements() : new Unknown(listed.typeName());
  }

  /**
   * What routing knows of the value.
   *
   * @return null for NULL; an array as an array of objects; what is sent as another type than
   *     routing would take it for, as it is
   */
  @Nullable Object forRouting() throws SQLException {
    if (value instanceof Array array) {
      String type = String.valueOf(array.getBaseTypeName());
      return AS_THEIR_TEXT.contains(type) ? array.getArray() : new Unknown(type);
    }
    return value instanceof PGobject object ? routed(object) : value;
  }

  /** Whether it is certain that another is set as the same type. */
  boolean isAlike(Argument other) {
    return binder.equals(other.binder) && Parameters.areAlike(value, other.value);
  }

  void bind(PreparedStatement statement, int at) throws SQLException {
    binder.bind(statement, at, value);
  }

  /** The value as the driver sends it when it is told the type. */
  private static @Nullable Object routed(@Nullable Object value, int type) {
    if (value != null && OF_A_PART.contains(type)) {
      return new Unknown(value.toString());
    }
    if (value instanceof String text && isWholeNumber(type)) {
      try {
        return Long.valueOf(text.trim());
      } catch (NumberFormatException e) {
        return value; // the driver will say what is wrong with it
      }
    }
    if (value instanceof String text) {
      return isFloat(type) || type == Types.CHAR ? new Unknown(text) : text;
    }
    return value instanceof Number number ? converted(number, type) : value;
  }

  /**
   * A value that routing does not know. A {@code bpchar} is one too: compared with a {@code
   * varchar}, the blanks at the ends of both count for nothing, and there may be several keys.
   */
  private record Unknown(String text) {}

  private static @Nullable Object routed(PGobject object) {
    String text = object.getValue();
    if (text == null || AS_THEIR_TEXT.contains(String.valueOf(object.getType()))) {
      return text;
    }
    return new Unknown(text);
  }

  /** The driver rounds to so many digits. */
  private static @Nullable Object scaled(@Nullable Object routed, int type, int scale) {
    boolean rounds = scale >= 0 && (type == Types.NUMERIC || type == Types.DECIMAL);
    if (rounds && routed instanceof BigDecimal number) {
      return number.setScale(scale, RoundingMode.HALF_UP);
    }
    boolean fraction = routed instanceof Double || routed instanceof Float;
    return rounds && fraction ? new Unknown(String.valueOf(routed)) : routed;
  }

  /** The driver cuts off what a number has no room for, on either side of the point. */
  private static Object converted(Number number, int type) {
    return switch (type) {
      case Types.BIGINT -> number.longValue();
      case Types.INTEGER -> (long) number.intValue();
      case Types.SMALLINT, Types.TINYINT -> (long) number.shortValue();
      case Types.REAL -> number.floatValue();
      case Types.FLOAT, Types.DOUBLE -> number.doubleValue();
      default -> number;
    };
  }

  private static boolean isWholeNumber(int type) {
    return type == Types.BIGINT || type == Types.INTEGER || type == Types.SMALLINT;
  }

  private static boolean isFloat(int type) {
    return type == Types.REAL || type == Types.FLOAT || type == Types.DOUBLE;
  }

  private static boolean isText(int type) {
    return type == Types.VARCHAR || type == Types.CHAR || type == Types.LONGVARCHAR;
  }

  /** The number of a type in {@link Types}. */
  public static int number(java.sql.SQLType type) throws SQLException {
    Integer number = type.getVendorTypeNumber();
    if (number == null) {
      throw SqlFailures.notSupported("type " + type + " has no number; use " + JDBCType.class);
    }
    return number;
  }

  private static Object present(@Nullable Object value) {
    if (value == null) {
      throw new IllegalStateException("a primitive is never null");
    }
    return value;
  }
}
