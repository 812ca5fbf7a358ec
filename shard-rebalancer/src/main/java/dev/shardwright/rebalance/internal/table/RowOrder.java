package dev.shardwright.rebalance.internal.table;

import dev.shardwright.internal.schema.IndexedOrder;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The order in which the rows of a table are walked through, a window at a time: that of the
 * primary key, or that of the tokens and, among rows of one token, of the primary key.
 *
 * <p>By primary key all of the table is read, whichever of its rows move. By token only those are
 * that move, but from all over the table: so that is for few of them, and for tables with an index
 * in this order. Whoever has begun in one order goes on in it.
 *
 * <p>A place in the order is a {@link RowKey} with the values of {@link #list}, or the first few of
 * them: then it is where the last row with these values is.
 *
 * @param table whose rows
 * @param byToken whether the token comes first
 */
public record RowOrder(MovingTable table, boolean byToken) {
  /** By token; of tables whose primary key tells it. */
  public static RowOrder byToken(MovingTable table) {
    return new RowOrder(table, true);
  }

  /** By primary key, which each table has an index for. */
  public static RowOrder byKey(MovingTable table) {
    return new RowOrder(table, false);
  }

  /** The order in which least is read, by a sample of the rows on the first of these sides. */
  public static RowOrder choose(MovingTable table, KeyRangeSet ranges, Connection... sides)
      throws SQLException {
    return choose(PageSample.take(sides[0], byKey(table), ranges), sides);
  }

  /**
   * The same where a sample was taken.
   *
   * @param sides where the rows will be read
   */
  public static RowOrder choose(PageSample sample, Connection... sides) throws SQLException {
    MovingTable table = sample.order().table();
    if (!sample.fewMove() || table.shardingKey().isEmpty()) {
      return byKey(table);
    }
    RowOrder byToken = byToken(table);
    for (Connection side : sides) {
      if (!byToken.isIndexed(side)) {
        return byKey(table);
      }
    }
    return byToken;
  }

  /** Whether an index has this order. */
  public boolean isIndexed(Connection connection) throws SQLException {
    return IndexedOrder.isThere(connection, table.sql(), indexed());
  }

  /**
   * What an index has to be on for this order, in SQL, with commas between. Where the sharding key
   * is all of the primary key, the token alone will do: few rows have the same.
   */
  public String indexed() {
    return byToken && table.key().size() == 1 ? token(MovingColumn::sql) : list();
  }

  /** What the rows are ordered by, in SQL, with commas between. */
  public String list() {
    return String.join(", ", expressions());
  }

  /** What the rows are ordered by, in SQL. */
  List<String> expressions() {
    return expressions(MovingColumn::sql);
  }

  /** A row's place as an array of texts, from which {@link MovingTable#keyOf} makes one. */
  public String placeAsTexts() {
    return expressions().stream()
        .map(expression -> expression + "::text")
        .collect(Collectors.joining(", ", "array[", "]"));
  }

  /** Holds for the rows of a window; the index that has this order serves it. */
  public String inWindow(KeyWindow window) {
    return between(window) + " and " + table.inRanges(window.ranges());
  }

  /** Holds for the rows between the places where a window begins and ends, whether they move. */
  public String between(KeyWindow window) {
    return between(window, MovingColumn::sql);
  }

  /** The same about a key log, whose columns are {@code k1}, {@code k2}, … */
  public String loggedBetween(KeyWindow window) {
    return between(window, table::logged);
  }

  /** The tokens of a window that lie after its beginning and before its end. */
  KeyRangeSet tokensOf(KeyWindow window) {
    KeyRangeSet tokens = window.ranges();
    if (!byToken) {
      return tokens;
    }
    if (window.after().isPresent()) {
      RowKey after = window.after().get();
      tokens =
          after.values().size() == 1
              ? tokens.minus(upTo(token(after)))
              : tokens.intersection(from(token(after)));
    }
    if (window.upTo().isPresent()) {
      tokens = tokens.intersection(upTo(token(window.upTo().get())));
    }
    return tokens;
  }

  /** The place of the last row of these tokens. */
  static RowKey endOf(KeyRangeSet tokens) {
    List<KeyRange> ranges = tokens.ranges();
    return RowKey.of(Long.toString(ranges.get(ranges.size() - 1).last()));
  }

  private static long token(RowKey place) {
    return Long.parseLong(place.values().get(0));
  }

  private static KeyRangeSet from(long token) {
    return KeyRangeSet.of(new KeyRange(token, Long.MAX_VALUE));
  }

  private static KeyRangeSet upTo(long token) {
    return KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, token));
  }

  private String between(KeyWindow window, Function<MovingColumn, String> column) {
    List<String> bounds = new ArrayList<>();
    window.after().ifPresent(place -> bounds.add(compare(column, ">", place)));
    window.upTo().ifPresent(place -> bounds.add(compare(column, "<=", place)));
    return bounds.isEmpty() ? "true" : String.join(" and ", bounds);
  }

  private String compare(Function<MovingColumn, String> column, String operator, RowKey place) {
    int values = place.values().size();
    return "("
        + String.join(", ", expressions(column).subList(0, values))
        + ") "
        + operator
        + " ("
        + IntStream.range(0, values)
            .mapToObj(i -> literal(i, place.values().get(i)))
            .collect(Collectors.joining(", "))
        + ")";
  }

  private String literal(int place, String value) {
    if (!byToken) {
      return table.key().get(place).literal(value);
    }
    return place == 0
        ? SqlText.literal(value) + "::int8"
        : table.key().get(place - 1).literal(value);
  }

  private List<String> expressions(Function<MovingColumn, String> column) {
    List<String> expressions = new ArrayList<>();
    if (byToken) {
      expressions.add(token(column));
    }
    table.key().forEach(part -> expressions.add(column.apply(part)));
    return expressions;
  }

  private String token(Function<MovingColumn, String> column) {
    return table.tokens().sqlToken(column.apply(table.shardingKey().orElseThrow()));
  }
}
