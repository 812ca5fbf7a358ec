package dev.shardwright.router.internal.merge;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * One value of a row of groups; never NULL.
 *
 * @param value its text, as PostgreSQL writes it, or the number that a fold gave
 * @param key as the order of its type compares it; null where nothing compares it
 */
public record Cell(Object value, @Nullable Object key) {
  /** As PostgreSQL writes it. */
  public String text() {
    return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
  }
}
