package dev.shardwright.ring;

import com.google.common.math.LongMath;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * Tokens of timestamptz keys under RANGE: microseconds since 1970-01-01 UTC. The infinities are the
 * ends; the last 29 years before PostgreSQL's largest timestamp, which do not fit into 64 bits, are
 * the upper end too.
 *
 * <p>A key in Java has the token of the value that pgjdbc sends for it (seen with 42.7.14): rounded
 * half up to microseconds, infinite from half a second below {@link OffsetDateTime#MAX}, minus
 * infinite before the year 4713 BC.
 */
final class TimestampRange implements TokenFunction {
  private static final long MICROS_PER_SECOND = 1_000_000;

  private static final Instant FIRST_SENT_AS_FINITE = Instant.parse("-4712-01-01T00:00:00Z");
  private static final Instant LAST_SENT_AS_FINITE =
      OffsetDateTime.MAX.minusNanos(500_000_000).toInstant();

  /** The first instant after PostgreSQL's largest finite timestamp. */
  private static final Instant END = Instant.parse("+294277-01-01T00:00:00Z");

  /** The token of PostgreSQL's smallest finite timestamp, 4714-11-24 BC. */
  private static final long FIRST_FINITE = micros(Instant.parse("-4713-11-24T00:00:00Z"));

  private static final DateTimeFormatter TEXT =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .appendPattern("[XXX][X]")
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private static final SqlRanges RANGES =
      new SqlRanges(
          "timestamptz",
          "tstzmultirange",
          token -> literal(Math.max(token, FIRST_FINITE)),
          token -> token < FIRST_FINITE ? "-infinity" : literal(token));

  @Override
  public long tokenOf(Object key) {
    if (key instanceof OffsetDateTime time) {
      return tokenOf(time.toInstant());
    }
    if (key instanceof Instant instant) {
      return tokenOf(instant);
    }
    throw WrongKey.type(KeyType.TIMESTAMPTZ, "java.time.Instant or OffsetDateTime", key);
  }

  private static long tokenOf(Instant instant) {
    if (instant.isAfter(LAST_SENT_AS_FINITE)) {
      return Long.MAX_VALUE;
    }
    if (instant.isBefore(FIRST_SENT_AS_FINITE)) {
      return Long.MIN_VALUE;
    }
    Instant rounded = instant.plusNanos(500).truncatedTo(ChronoUnit.MICROS);
    if (!rounded.isBefore(END)) {
      throw new IllegalArgumentException(
          "key " + instant + " is out of the range of type timestamptz, which ends before " + END);
    }
    return micros(rounded);
  }

  /** A date, a time and an offset as ISO 8601 or PostgreSQL writes them, or an infinity. */
  @Override
  public Object parse(String text) {
    return switch (text) {
      case "infinity" -> OffsetDateTime.MAX;
      case "-infinity" -> OffsetDateTime.MIN;
      default -> {
        try {
          OffsetDateTime time = OffsetDateTime.parse(text.replace(' ', 'T'), TEXT);
          tokenOf(time);
          yield time;
        } catch (DateTimeParseException e) {
          throw WrongKey.text(KeyType.TIMESTAMPTZ, text, e);
        }
      }
    };
  }

  /**
   * Through an interval, since {@code extract} from a timestamptz is not immutable; apart from the
   * ends, where versions before 17 could not subtract.
   */
  @Override
  public String sqlToken(String column) {
    String k = "(" + column + ")";
    return "CASE WHEN "
        + k
        + " OPERATOR(pg_catalog.>=) '"
        + literal(Long.MAX_VALUE)
        + "'::pg_catalog.timestamptz THEN '"
        + Long.MAX_VALUE
        + "'::pg_catalog.int8 WHEN "
        + k
        + " OPERATOR(pg_catalog.=) '-infinity'::pg_catalog.timestamptz THEN '"
        + Long.MIN_VALUE
        + "'::pg_catalog.int8 ELSE CAST(pg_catalog.extract('epoch', "
        + k
        + " OPERATOR(pg_catalog.-) '"
        + literal(0)
        + "'::pg_catalog.timestamptz) OPERATOR(pg_catalog.*) '1000000'::pg_catalog.numeric AS"
        + " pg_catalog.int8) END";
  }

  @Override
  public String sqlCondition(String column, KeyRangeSet tokens) {
    String k = "(" + column + ")";
    return RANGES.condition(k, k, withoutUnused(tokens));
  }

  /** Leaves out the ranges that lie between minus infinity and the smallest finite timestamp. */
  private static KeyRangeSet withoutUnused(KeyRangeSet tokens) {
    List<KeyRange> used =
        tokens.ranges().stream()
            .filter(range -> range.first() == Long.MIN_VALUE || range.last() >= FIRST_FINITE)
            .toList();
    return KeyRangeSet.of(used);
  }

  /** The end of the ring where there are too many. */
  private static long micros(Instant instant) {
    long whole = LongMath.saturatedMultiply(instant.getEpochSecond(), MICROS_PER_SECOND);
    return LongMath.saturatedAdd(whole, instant.getNano() / 1_000);
  }

  /** In the one form that the server reads alike under every DateStyle and TimeZone. */
  private static String literal(long token) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(
            Math.floorDiv(token, MICROS_PER_SECOND),
            (int) Math.floorMod(token, MICROS_PER_SECOND) * 1_000,
            ZoneOffset.UTC);
    boolean beforeChrist = time.getYear() <= 0;
    return String.format(
        Locale.ROOT,
        "%04d-%02d-%02d %02d:%02d:%02d.%06d+00%s",
        beforeChrist ? 1 - time.getYear() : time.getYear(),
        time.getMonthValue(),
        time.getDayOfMonth(),
        time.getHour(),
        time.getMinute(),
        time.getSecond(),
        time.getNano() / 1_000,
        beforeChrist ? " BC" : "");
  }
}
