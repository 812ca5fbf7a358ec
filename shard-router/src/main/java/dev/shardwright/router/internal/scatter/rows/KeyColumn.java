package dev.shardwright.router.internal.scatter.rows;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.router.internal.merge.ValueOrder;
import dev.shardwright.router.internal.sql.answer.SortKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/**
 * Reads the values of one key of an order, in the form that their {@link ValueOrder} compares.
 *
 * @param column which column of the row, from 1
 * @param type the OID of its type
 * @param order how its values are ordered
 */
public record KeyColumn(int column, int type, ValueOrder order) {
  private static final int PADDED_TEXT = Oid.BPCHAR;

  /** Empty if Java cannot order values of the type as PostgreSQL does. */
  public static Optional<KeyColumn> of(int column, int type) {
    return order(type).map(order -> new KeyColumn(column, type, order));
  }

  /** The column of a key; empty if Java cannot order its values as PostgreSQL does. */
  public static Optional<KeyColumn> of(SortKey key, RowShape shape) {
    int column = shape.column(key.column());
    return of(column, shape.type(column));
  }

  /** Whether the values are text, so that their order depends on a collation. */
  public boolean isText() {
    return order == ValueOrder.BYTES && type != Oid.BYTEA;
  }

  /** The order that the key wants of the values. */
  public KeyOrder directed(SortKey key) {
    return new KeyOrder(order, key.descending(), key.nullsFirst());
  }

  /** The value in the current row. */
  public @Nullable Object read(ResultSet row) throws SQLException {
    Object value =
        switch (order) {
          case INTEGER -> row.getLong(column);
          // As the driver reads it: a BigDecimal, or a Double for NaN and the infinities.
          case NUMERIC -> row.getObject(column);
          case FLOAT -> type == Oid.FLOAT4 ? (double) row.getFloat(column) : row.getDouble(column);
          case BOOLEAN -> row.getBoolean(column);
          case DATE -> row.getObject(column, LocalDate.class);
          case TIME -> row.getObject(column, LocalTime.class);
          case TIMESTAMP -> row.getObject(column, LocalDateTime.class);
          case TIMESTAMPTZ -> row.getObject(column, OffsetDateTime.class);
          case UUID_BYTES -> row.getObject(column, UUID.class);
          case BYTES -> type == PADDED_TEXT ? unpadded(row.getBytes(column)) : row.getBytes(column);
        };
    return row.wasNull() ? null : value;
  }

  /** The values of several keys in the current row. */
  public static @Nullable Object[] read(List<KeyColumn> keys, ResultSet row) throws SQLException {
    @Nullable Object[] values = new @Nullable Object[keys.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = keys.get(i).read(row);
    }
    return values;
  }

  private static Optional<ValueOrder> order(int type) {
    return switch (type) {
      case Oid.INT2, Oid.INT4, Oid.INT8, Oid.OID -> Optional.of(ValueOrder.INTEGER);
      case Oid.NUMERIC -> Optional.of(ValueOrder.NUMERIC);
      case Oid.FLOAT4, Oid.FLOAT8 -> Optional.of(ValueOrder.FLOAT);
      case Oid.BOOL -> Optional.of(ValueOrder.BOOLEAN);
      case Oid.DATE -> Optional.of(ValueOrder.DATE);
      case Oid.TIME -> Optional.of(ValueOrder.TIME);
      case Oid.TIMESTAMP -> Optional.of(ValueOrder.TIMESTAMP);
      case Oid.TIMESTAMPTZ -> Optional.of(ValueOrder.TIMESTAMPTZ);
      case Oid.UUID -> Optional.of(ValueOrder.UUID_BYTES);
      case Oid.BYTEA, Oid.TEXT, Oid.VARCHAR, Oid.BPCHAR, Oid.NAME -> Optional.of(ValueOrder.BYTES);
      default -> Optional.empty();
    };
  }

  /** Without the blanks that fill {@code char(n)} up: they do not count when it is compared. */
  private static byte @Nullable [] unpadded(byte @Nullable [] text) {
    if (text == null) {
      return null;
    }
    int end = text.length;
    while (end > 0 && text[end - 1] == ' ') {
      end--;
    }
    return Arrays.copyOf(text, end);
  }
}
