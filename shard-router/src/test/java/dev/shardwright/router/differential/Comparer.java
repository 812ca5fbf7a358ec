package dev.shardwright.router.differential;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;

/**
 * Tells whether an answer is one that PostgreSQL could have given: the same columns and the same
 * values digit for digit, in the same order, but for what the statement leaves open.
 */
final class Comparer {
  private static final double TOLERANCE = 1e-12;

  /** A sum of {@code real} is kept in a {@code real}. */
  private static final double TOLERANCE_OF_REAL = 1e-5;

  private final List<Outcome.Column> columns;
  private final Openness open;

  private Comparer(List<Outcome.Column> columns, Openness open) {
    this.columns = columns;
    this.open = open;
  }

  /**
   * How the answers differ; empty if they do not.
   *
   * @param all the rows that may be chosen from, if {@code open} says that there is a choice
   */
  static Optional<String> difference(
      Outcome expected, Outcome actual, Openness open, Optional<Outcome.Rows> all) {
    if (expected instanceof Outcome.Failed one && actual instanceof Outcome.Failed other) {
      return different(
          one.sqlState().equals(other.sqlState()) || other.isRefusal(),
          "fails otherwise: %s instead of %s",
          other,
          one);
    }
    if (expected instanceof Outcome.Rows one && actual instanceof Outcome.Rows other) {
      if (!describes(one, other)) {
        return Optional.of("columns " + other.columns() + " instead of " + one.columns());
      }
      if (one.rows().size() != other.rows().size()) {
        return Optional.of(other.rows().size() + " rows instead of " + one.rows().size());
      }
      return new Comparer(one.columns(), open).rows(one.rows(), other.rows(), all);
    }
    return different(expected.equals(actual), "%s instead of %s", actual, expected);
  }

  /**
   * Whether the columns have the same names and types, bounds of the types included. Through the
   * router, without rows there are no columns either.
   */
  private static boolean describes(Outcome.Rows one, Outcome.Rows other) {
    return one.columns().equals(other.columns())
        || (other.columns().isEmpty() && other.rows().isEmpty());
  }

  private Optional<String> rows(
      List<List<@Nullable String>> expected,
      List<List<@Nullable String>> actual,
      Optional<Outcome.Rows> all) {
    if (open.ordered()) {
      for (int i = 0; i < expected.size(); i++) {
        if (!sameKeys(expected.get(i), actual.get(i))) {
          return Optional.of(
              "row %d is %s instead of %s".formatted(i + 1, actual.get(i), expected.get(i)));
        }
      }
    }
    if (all.isPresent()) {
      return unmatched(actual, all.get().rows())
          .map(row -> "row " + row + " is none of those to choose from");
    }
    if (!open.ordered()) {
      return unmatched(actual, expected).map(row -> "row " + row + " is not in the answer");
    }
    for (int start = 0; start < expected.size(); ) {
      int end = start + 1;
      while (end < expected.size() && tie(expected.get(start), expected.get(end))) {
        end++;
      }
      Optional<String> wrong =
          unmatched(actual.subList(start, end), expected.subList(start, end))
              .map(row -> "row " + row + " is not among those with its keys");
      if (wrong.isPresent()) {
        return wrong;
      }
      start = end;
    }
    return Optional.empty();
  }

  private boolean sameKeys(List<@Nullable String> one, List<@Nullable String> other) {
    return open.keys().isEmpty()
        ? same(one, other)
        : open.keys().stream().allMatch(key -> same(key, one.get(key - 1), other.get(key - 1)));
  }

  private boolean tie(List<@Nullable String> one, List<@Nullable String> other) {
    return !open.keys().isEmpty()
        && open.keys().stream().allMatch(key -> alike(key, one.get(key - 1), other.get(key - 1)));
  }

  /** A row that has no partner of its own among the others. */
  private Optional<List<@Nullable String>> unmatched(
      List<List<@Nullable String>> rows, List<List<@Nullable String>> others) {
    List<List<@Nullable String>> left = new ArrayList<>(others);
    for (List<@Nullable String> row : rows) {
      if (!left.remove(row) && !removeFirstLike(row, left)) {
        return Optional.of(row);
      }
    }
    return Optional.empty();
  }

  private boolean removeFirstLike(List<@Nullable String> row, List<List<@Nullable String>> among) {
    for (int i = 0; i < among.size(); i++) {
      if (same(among.get(i), row)) {
        among.remove(i);
        return true;
      }
    }
    return false;
  }

  private boolean same(List<@Nullable String> one, List<@Nullable String> other) {
    for (int i = 1; i <= columns.size(); i++) {
      if (!same(i, one.get(i - 1), other.get(i - 1))) {
        return false;
      }
    }
    return true;
  }

  private boolean same(int column, @Nullable String one, @Nullable String other) {
    return Objects.equals(one, other)
        || (one != null
            && other != null
            && ((open.close().contains(column) && close(column, one, other))
                || (open.bags().contains(column) && pieces(one).equals(pieces(other)))
                || (open.alike().contains(column) && alike(column, one, other))));
  }

  private boolean close(int column, String one, String other) {
    double a = Double.parseDouble(one);
    double b = Double.parseDouble(other);
    double tolerance =
        columns.get(column - 1).type().equals("float4") ? TOLERANCE_OF_REAL : TOLERANCE;
    return Double.compare(a, b) == 0
        || a == b
        || (Double.isFinite(a)
            && Double.isFinite(b)
            && Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b)));
  }

  /** What an array, a JSON array or a list with commas holds. */
  private static List<String> pieces(String text) {
    String[] pieces = text.replaceAll("^[\\[{]|[\\]}]$", "").split(",", -1);
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = pieces[i].trim();
    }
    Arrays.sort(pieces);
    return List.of(pieces);
  }

  private boolean alike(int column, @Nullable String one, @Nullable String other) {
    if (one == null || other == null || one.equals(other)) {
      return Objects.equals(one, other);
    }
    return switch (columns.get(column - 1).type()) {
      case "numeric" -> isNumber(one) && isNumber(other) && value(one).compareTo(value(other)) == 0;
      case "float4", "float8" -> Double.parseDouble(one) == Double.parseDouble(other);
      case "jsonb" -> plain(one).equals(plain(other));
      case "text" -> fold(one).equals(fold(other));
      case "interval" -> isSpan(one) && isSpan(other) && micros(one).compareTo(micros(other)) == 0;
      default -> false;
    };
  }

  private static boolean isNumber(String text) {
    return !Set.of("NaN", "Infinity", "-Infinity").contains(text);
  }

  private static BigDecimal value(String number) {
    return new BigDecimal(number);
  }

  /** JSON without zeros at the ends of its numbers. */
  private static String plain(String json) {
    return json.replaceAll("(\\d)\\.0+(?!\\d)", "$1");
  }

  private static String fold(String text) {
    return text.replace("ß", "ss").toLowerCase(Locale.ROOT);
  }

  private static boolean isSpan(String text) {
    return !text.endsWith("infinity");
  }

  private static BigDecimal micros(String interval) {
    try {
      PGInterval span = new PGInterval(interval);
      long days = (span.getYears() * 12L + span.getMonths()) * 30L + span.getDays();
      long minutes = (days * 24 + span.getHours()) * 60L + span.getMinutes();
      return BigDecimal.valueOf(minutes * 60_000_000L)
          .add(BigDecimal.valueOf(span.getWholeSeconds() * 1_000_000L + span.getMicroSeconds()));
    } catch (SQLException e) {
      throw new IllegalArgumentException(interval, e);
    }
  }

  @FormatMethod
  private static Optional<String> different(
      boolean same, @FormatString String format, Object... facts) {
    return same ? Optional.empty() : Optional.of(format.formatted(facts));
  }
}
