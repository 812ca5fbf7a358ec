package dev.shardwright.internal.schema;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How values become SQL text. The one place where identifiers and literals are quoted. */
public final class SqlText {
  private static final Pattern SHOWN_RANGE = Pattern.compile("\\[(-?\\d+),(-?\\d*)\\)");

  private SqlText() {}

  /** A quoted identifier. */
  public static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A table's schema and name, quoted. */
  public static String table(TableName table) {
    return identifier(table.schema()) + "." + identifier(table.name());
  }

  /** A string literal that means the same under either setting of standard_conforming_strings. */
  public static String literal(String text) {
    String quoted = "'" + text.replace("'", "''") + "'";
    return text.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
  }

  /** The text form of an {@code int8multirange}. */
  public static String multirange(KeyRangeSet tokens) {
    return tokens.ranges().stream().map(SqlText::range).collect(Collectors.joining(",", "{", "}"));
  }

  /**
   * The tokens of an {@code int8multirange} that {@link #multirange} wrote, as the server shows it.
   */
  static KeyRangeSet parseMultirange(String text) {
    List<KeyRange> ranges = new ArrayList<>();
    Matcher range = SHOWN_RANGE.matcher(text);
    while (range.find()) {
      long first = Long.parseLong(range.group(1));
      long last = range.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(range.group(2)) - 1;
      ranges.add(new KeyRange(first, last));
    }
    return KeyRangeSet.of(ranges);
  }

  /**
   * PostgreSQL keeps integer ranges as {@code [first, last + 1)}, so the largest token cannot be an
   * end: the range is open there.
   */
  private static String range(KeyRange range) {
    String last = range.last() == Long.MAX_VALUE ? ")" : range.last() + "]";
    return "[" + range.first() + "," + last;
  }
}
