package dev.shardwright.router;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.TokenFunction;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sharding keys of one type on their way into an array parameter and back out of a row. Keys that
 * PostgreSQL holds equal have one <em>canonical</em> form, whatever Java type they came as.
 * Immutable.
 */
final class KeyValues {
  /** As PostgreSQL reads it under every DateStyle; years before 1 as years BC. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendValue(ChronoField.YEAR_OF_ERA, 4, 10, SignStyle.NEVER)
          .appendPattern("-MM-dd HH:mm:ss.SSSSSSxxx G")
          .toFormatter(Locale.ENGLISH);

  private final KeyType type;
  private final TokenFunction tokens;

  /**
   * @param tokens the token function of keys of that type
   */
  KeyValues(KeyType type, TokenFunction tokens) {
    this.type = type;
    this.tokens = tokens;
  }

  /** The canonical form of a key that the token function accepts. */
  Object canonical(Object key) {
    return switch (type) {
      case SMALLINT, INTEGER, BIGINT -> key instanceof Long ? key : ((Number) key).longValue();
      case TEXT, UUID -> key;
      // Ordered keys are their own tokens, so this is the time in microseconds.
      case TIMESTAMPTZ -> tokens.tokenOf(key);
    };
  }

  /** The canonical form of the key in that column of the current row; null if it is null. */
  @Nullable Object read(ResultSet row, int column) throws SQLException {
    return switch (type) {
      case SMALLINT, INTEGER, BIGINT -> {
        long key = row.getLong(column);
        yield row.wasNull() ? null : (Object) key;
      }
      case TEXT -> row.getString(column);
      case UUID -> row.getObject(column, UUID.class);
      case TIMESTAMPTZ -> {
        OffsetDateTime key = row.getObject(column, OffsetDateTime.class);
        yield key == null ? null : (Object) tokens.tokenOf(key);
      }
    };
  }

  /** The keys as an array of their type. Sends nothing. */
  Array array(Connection connection, List<?> keys) throws SQLException {
    return switch (type) {
      case SMALLINT -> numbers(connection, "int2", keys);
      case INTEGER -> numbers(connection, "int4", keys);
      case BIGINT -> numbers(connection, "int8", keys);
      case TEXT -> connection.createArrayOf("text", keys.toArray(String[]::new));
      case UUID -> connection.createArrayOf("uuid", keys.toArray(UUID[]::new));
      case TIMESTAMPTZ -> times(connection, keys);
    };
  }

  private static Array numbers(Connection connection, String sqlType, List<?> keys)
      throws SQLException {
    Long[] numbers = new Long[keys.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = ((Number) keys.get(i)).longValue();
    }
    return connection.createArrayOf(sqlType, numbers);
  }

  private Array times(Connection connection, List<?> keys) throws SQLException {
    String[] texts = new String[keys.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = text(tokens.tokenOf(keys.get(i)));
    }
    return connection.createArrayOf("timestamptz", texts);
  }

  private static String text(long micros) {
    if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
      return micros > 0 ? "infinity" : "-infinity";
    }
    return TIME.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
  }
}
