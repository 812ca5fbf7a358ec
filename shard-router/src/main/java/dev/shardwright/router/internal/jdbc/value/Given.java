package dev.shardwright.router.internal.jdbc.value;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Clob;
import java.sql.SQLException;
import java.util.Calendar;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLState;

/**
 * Values of parameters as they are when the caller gives them, which is when PostgreSQL's driver
 * reads them too: what the caller can change afterwards is copied; what comes as a stream is read,
 * since it may go to several shards, or be sent again.
 */
public final class Given {
  private Given() {}

  /** A value of any type, as it is now. */
  static @Nullable Object now(@Nullable Object value) throws SQLException {
    if (value instanceof InputStream stream) {
      return bytes(stream);
    }
    if (value instanceof Reader reader) {
      return text(reader);
    }
    if (value instanceof Map<?, ?> map) {
      return new LinkedHashMap<>(map);
    }
    if (value instanceof AtomicInteger || value instanceof AtomicLong) {
      return new BigDecimal(value.toString());
    }
    return value == null ? null : copy(value);
  }

  /** A value that is sent as text, as it reads now. */
  static Object asText(Object value) throws SQLException {
    if (value instanceof InputStream stream) {
      return new String(bytes(stream), StandardCharsets.UTF_8);
    }
    if (value instanceof Reader reader) {
      return text(reader);
    }
    return value instanceof Clob ? value : value.toString();
  }

  /** The same value of the same class, of its own as far as it can be changed. */
  public static <T> T copy(T value) throws SQLException {
    @SuppressWarnings("unchecked") // a clone is of the same class
    T copy = (T) cloned(value);
    return copy;
  }

  @SuppressWarnings("JavaUtilDate") // JDBC has its times of that class
  private static Object cloned(Object value) throws SQLException {
    if (value instanceof Date date) {
      return date.clone();
    }
    if (value instanceof Calendar calendar) {
      return calendar.clone();
    }
    if (value instanceof PGobject object) {
      return cloned(object);
    }
    return value.getClass().isArray() ? clonedArray(value) : value;
  }

  private static Object cloned(PGobject object) throws SQLException {
    try {
      return object.clone();
    } catch (CloneNotSupportedException e) {
      throw new SQLException(
          "a parameter of %s cannot be copied".formatted(object.getClass()),
          PSQLState.INVALID_PARAMETER_VALUE.getState(),
          e);
    }
  }

  private static Object clonedArray(Object array) throws SQLException {
    int length = Array.getLength(array);
    Object copy = Array.newInstance(array.getClass().getComponentType(), length);
    System.arraycopy(array, 0, copy, 0, length);
    if (copy instanceof @Nullable Object[] elements) {
      for (int i = 0; i < length; i++) {
        Object element = elements[i];
        elements[i] = element == null ? null : cloned(element);
      }
    }
    return copy;
  }

  /** All of a stream. */
  public static byte[] bytes(InputStream stream) throws SQLException {
    return bytes(stream, Integer.MAX_VALUE);
  }

  /** The beginning of a stream, or all of it if it is shorter. */
  public static byte[] bytes(InputStream stream, long length) throws SQLException {
    try {
      return stream.readNBytes(checked(length));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * The beginning of a stream.
   *
   * @throws SQLException also if it is shorter
   */
  public static byte[] exactly(InputStream stream, long length) throws SQLException {
    byte[] bytes = bytes(stream, length);
    if (bytes.length < length) {
      throw new SQLException(
          "the stream that was set as a parameter ended after %s bytes of %s"
              .formatted(bytes.length, length),
          PSQLState.INVALID_PARAMETER_VALUE.getState());
    }
    return bytes;
  }

  /** All that a reader has. */
  public static String text(Reader reader) throws SQLException {
    return text(reader, Integer.MAX_VALUE);
  }

  /** The beginning of what a reader has, or all of it if that is shorter. */
  public static String text(Reader reader, long length) throws SQLException {
    int most = checked(length);
    StringBuilder text = new StringBuilder();
    char[] buffer = new char[4096];
    try {
      while (text.length() < most) {
        int read = reader.read(buffer, 0, Math.min(buffer.length, most - text.length()));
        if (read < 0) {
          break;
        }
        text.append(buffer, 0, read);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return text.toString();
  }

  private static int checked(long length) throws SQLException {
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw new SQLException(
          "the length of a stream is 0 to %s, not %s".formatted(Integer.MAX_VALUE, length),
          PSQLState.INVALID_PARAMETER_VALUE.getState());
    }
    return (int) length;
  }

  private static SQLException unreadable(IOException e) {
    return new SQLException(
        "the stream that was set as a parameter cannot be read: " + e.getMessage(),
        PSQLState.DATA_ERROR.getState(),
        e);
  }
}
