package dev.shardwright.router.internal.sql.scan;

import java.util.List;

/**
 * A statement as it goes to a shard.
 *
 * @param text with a {@code ?} at each place; an operator's question mark is doubled, as pgjdbc
 *     wants
 * @param bindings what is bound at each place, in order
 */
public record SqlText(String text, List<Binding> bindings) {
  public SqlText {
    bindings = List.copyOf(bindings);
  }

  /** A text without places. */
  public static SqlText of(String text) {
    return new SqlText(text, List.of());
  }

  @Override
  public String toString() {
    return text;
  }
}
