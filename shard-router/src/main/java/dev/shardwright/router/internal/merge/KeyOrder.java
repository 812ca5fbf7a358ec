package dev.shardwright.router.internal.merge;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order of one key of a row.
 *
 * @param values the order of its values, ascending
 * @param descending whether larger values come first
 * @param nullsFirst whether NULL comes before every value, whatever the direction
 */
public record KeyOrder(ValueOrder values, boolean descending, boolean nullsFirst) {
  /** The order of rows that this order of their keys means. */
  public static Comparator<@Nullable Object[]> ofRows(List<KeyOrder> keys) {
    KeyOrder[] orders = keys.toArray(KeyOrder[]::new);
    return (left, right) -> {
      for (int i = 0; i < orders.length; i++) {
        int compared = orders[i].compare(left[i], right[i]);
        if (compared != 0) {
          return compared;
        }
      }
      return 0;
    };
  }

  private int compare(@Nullable Object left, @Nullable Object right) {
    if (left == null || right == null) {
      return left == right ? 0 : (left == null) == nullsFirst ? -1 : 1;
    }
    return descending ? values.compare(right, left) : values.compare(left, right);
  }
}
