package dev.shardwright.router.internal.sql.scan;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A statement as it goes to a shard.
 *
 * @param text with a {@code ?} at each place; an operator's question mark is doubled, as pgjdbc
 *     wants; {@code $2} is what is bound at the second place once more
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

  /** The places of the caller's parameters that are bound at one place of this text only. */
  public Set<Integer> placesBoundOnce() {
    Set<Integer> once = new HashSet<>();
    Set<Integer> again = new HashSet<>();
    for (Binding binding : bindings) {
      if (binding instanceof Binding.Parameter parameter && !once.add(parameter.place())) {
        again.add(parameter.place());
      }
    }
    once.removeAll(again);
    return once;
  }

  @Override
  public String toString() {
    return text;
  }
}
