package dev.shardwright.router.internal.merge;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How the values that a column has in the same group on two shards become one, exactly as
 * PostgreSQL's aggregate would have worked it out. NULL counts for nothing.
 */
public abstract class CellFold {
  private CellFold() {}

  /**
   * Both are the same, or look different and stand for the same group: that of the row whose other
   * values are kept, NULL too.
   */
  public static CellFold first() {
    return new CellFold() {
      @Override
      public @Nullable Cell fold(@Nullable Cell left, @Nullable Cell right) {
        return left;
      }

      @Override
      Cell both(Cell left, Cell right) {
        return left;
      }
    };
  }

  /** Both are the same, or either will do. */
  public static CellFold either() {
    return of((left, right) -> left);
  }

  /**
   * The sum of two {@code bigint}.
   *
   * @throws ArithmeticException from folding, if it is out of range
   */
  public static CellFold integerSum() {
    return integers(Math::addExact);
  }

  /**
   * The sum of two {@code numeric}, infinities and NaN included; as precise as the more precise.
   */
  public static CellFold numericSum() {
    return of((left, right) -> new Cell(sum(left.value(), right.value()), null));
  }

  /** The smaller. */
  public static CellFold min(ValueOrder order) {
    return of((left, right) -> compare(order, left, right) <= 0 ? left : right);
  }

  /** The larger. */
  public static CellFold max(ValueOrder order) {
    return of((left, right) -> compare(order, left, right) >= 0 ? left : right);
  }

  /** Both. */
  public static CellFold booleanAnd() {
    return of((left, right) -> isTrue(left) ? right : left);
  }

  /** At least one. */
  public static CellFold booleanOr() {
    return of((left, right) -> isTrue(left) ? left : right);
  }

  /** An operation on two integers of one type. */
  public static CellFold integers(LongBinaryOperator operator) {
    return of(
        (left, right) -> {
          long result = operator.applyAsLong(integer(left.value()), integer(right.value()));
          return new Cell(result, null);
        });
  }

  /** The value of both together; null if both are NULL. */
  public @Nullable Cell fold(@Nullable Cell left, @Nullable Cell right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return both(left, right);
  }

  abstract Cell both(Cell left, Cell right);

  @FunctionalInterface
  private interface Both {
    Cell of(Cell left, Cell right);
  }

  private static CellFold of(Both both) {
    return new CellFold() {
      @Override
      Cell both(Cell left, Cell right) {
        return both.of(left, right);
      }
    };
  }

  static long integer(Object value) {
    return value instanceof Long number ? number : Long.parseLong((String) value);
  }

  private static Object sum(Object left, Object right) {
    boolean finite = isFinite(left) && isFinite(right);
    if (finite) {
      return decimal(left).add(decimal(right));
    }
    double sum = rank(left) + rank(right);
    return Double.isNaN(sum) ? "NaN" : sum > 0 ? "Infinity" : "-Infinity";
  }

  static BigDecimal decimal(Object value) {
    return value instanceof BigDecimal number ? number : new BigDecimal((String) value);
  }

  static boolean isFinite(Object value) {
    return value instanceof BigDecimal
        || (!value.equals("NaN") && !((String) value).endsWith("Infinity"));
  }

  private static double rank(Object value) {
    return isFinite(value) ? 0 : Double.parseDouble((String) value);
  }

  private static int compare(ValueOrder order, Cell left, Cell right) {
    return order.compare(Objects.requireNonNull(left.key()), Objects.requireNonNull(right.key()));
  }

  private static boolean isTrue(Cell cell) {
    return cell.text().equals("t");
  }
}
