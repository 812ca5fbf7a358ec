package dev.shardwright.router;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which page of a query's rows is wanted: so many rows after those of the page before. However far
 * the pages go, each costs the same, and rows that come and go meanwhile neither repeat nor hide
 * others.
 *
 * @param keys the order; together they tell any two rows apart, and none of them is NULL
 * @param size how many rows a page has; 1 to 100,000
 * @param after the cursor that the page before has given; empty for the first page
 */
public record Keyset(List<Key> keys, int size, Optional<String> after) {
  private static final Pattern KEY =
      Pattern.compile("([\\p{L}_][\\p{L}\\p{N}_$]*)(?:\\s+(asc|desc))?", Pattern.CASE_INSENSITIVE);

  /**
   * One column of the order.
   *
   * @param column the name of a column of the query, as the catalog spells it
   * @param descending whether larger values come first
   */
  public record Key(String column, boolean descending) {}

  /**
   * Keeps an unmodifiable copy of the keys.
   *
   * @throws IllegalArgumentException if there are no keys, or the size is out of range
   */
  public Keyset {
    keys = List.copyOf(keys);
    checkArgument(!keys.isEmpty(), "pages need an order: name at least one column");
    checkArgument(
        size >= 1 && size <= 100_000, "a page of %s rows is not within 1 to 100000", size);
  }

  /**
   * The first page.
   *
   * @param keys names of columns of the query, each perhaps with {@code asc} or {@code desc}
   */
  public static Keyset first(int size, String... keys) {
    return new Keyset(Stream.of(keys).map(Keyset::key).toList(), size, Optional.empty());
  }

  /** The page after the one that gave the cursor. */
  public Keyset after(String cursor) {
    return new Keyset(keys, size, Optional.of(cursor));
  }

  private static Key key(String text) {
    Matcher matcher = KEY.matcher(text.strip());
    checkArgument(
        matcher.matches(), "'%s' is not the name of a column, with asc or desc or neither", text);
    return new Key(
        matcher.group(1).toLowerCase(Locale.ROOT), "desc".equalsIgnoreCase(matcher.group(2)));
  }
}
