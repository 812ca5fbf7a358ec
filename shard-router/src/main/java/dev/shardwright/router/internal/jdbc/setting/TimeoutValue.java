package dev.shardwright.router.internal.jdbc.setting;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the value of a timeout as PostgreSQL does. */
final class TimeoutValue {
  /** Hexadecimal and octal numbers, which PostgreSQL takes too, are refused. */
  private static final Pattern TIME =
      Pattern.compile("\\s*((?:0|[1-9]\\d{0,17})(?:\\.\\d{0,9})?)\\s*(us|ms|s|min|h|d|)\\s*");

  private static final Map<String, BigDecimal> MILLIS =
      Map.of(
          "us", new BigDecimal("0.001"),
          "", BigDecimal.ONE,
          "ms", BigDecimal.ONE,
          "s", BigDecimal.valueOf(1_000),
          "min", BigDecimal.valueOf(60_000),
          "h", BigDecimal.valueOf(3_600_000),
          "d", BigDecimal.valueOf(86_400_000));

  private TimeoutValue() {}

  /**
   * In milliseconds; 0 is for ever.
   *
   * @param name of the setting
   * @throws SqlRefused if PostgreSQL would not take it
   */
  static long millis(String name, String value) {
    Matcher time = TIME.matcher(value);
    if (time.matches()) {
      BigDecimal millis =
          new BigDecimal(time.group(1))
              .multiply(MILLIS.get(time.group(2)))
              .setScale(0, RoundingMode.HALF_EVEN);
      if (millis.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) <= 0) {
        return millis.longValueExact();
      }
    }
    throw new SqlRefused(
        SqlRefused.Reason.VALUE,
        "%s = '%s' is not a time from 0 to %s ms, such as 500ms, 30s or 2min"
            .formatted(name, value, Integer.MAX_VALUE));
  }
}
