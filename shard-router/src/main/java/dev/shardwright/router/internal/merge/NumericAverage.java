package dev.shardwright.router.internal.merge;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Averages of exact numbers, digit for digit as PostgreSQL's {@code avg} gives them: it divides the
 * sum by the count as it divides any two {@code numeric}. How many digits it keeps, {@code
 * select_div_scale} in its {@code numeric.c} decides from the first of the digits to base 10,000 in
 * which it stores numbers.
 */
public final class NumericAverage {
  /** How many decimal digits one stored digit has. */
  private static final int DIGITS = 4;

  private static final int LEAST_SIGNIFICANT = 16;
  private static final int LARGEST_SCALE = 1_000;

  private NumericAverage() {}

  /**
   * The average of the values whose sum and number are given.
   *
   * @param sum null if there are none
   * @param count a {@code bigint}
   */
  public static @Nullable Cell of(@Nullable Cell sum, @Nullable Cell count) {
    if (sum == null || count == null || !CellFold.isFinite(sum.value())) {
      return sum;
    }
    BigDecimal dividend = CellFold.decimal(sum.value());
    BigDecimal divisor = BigDecimal.valueOf(CellFold.integer(count.value()));
    return new Cell(dividend.divide(divisor, scale(dividend, divisor), RoundingMode.HALF_UP), null);
  }

  private static int scale(BigDecimal dividend, BigDecimal divisor) {
    int weight = weight(dividend) - weight(divisor);
    if (firstDigit(dividend) <= firstDigit(divisor)) {
      weight--;
    }
    int significant = LEAST_SIGNIFICANT - weight * DIGITS;
    return Math.min(LARGEST_SCALE, Math.max(0, Math.max(significant, dividend.scale())));
  }

  /** The place of the first stored digit: 0 for numbers from 1 to 9,999. */
  private static int weight(BigDecimal number) {
    return number.signum() == 0
        ? 0
        : Math.floorDiv(number.precision() - number.scale() - 1, DIGITS);
  }

  private static int firstDigit(BigDecimal number) {
    return number.abs().movePointLeft(weight(number) * DIGITS).intValue();
  }
}
