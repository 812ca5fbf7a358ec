package dev.shardwright.router.internal.sql.destination;

import org.jspecify.annotations.Nullable;

/** The values of a statement's parameters, as far as routing needs them. */
@FunctionalInterface
public interface ParameterValues {
  /**
   * The value that the caller gave, as PostgreSQL will take it: a text that is sent as {@code
   * bpchar} without the blanks at its end, an array as a Java array or a {@code Collection} of its
   * elements. A value whose type PostgreSQL will see differently (a text sent as another type, a
   * time without time zone) is of a Java type that says so, or of none that routing knows: that
   * costs speed only.
   *
   * @param place from 1
   * @return null for NULL
   */
  @Nullable Object value(int place);

  /**
   * Whether the values of two places are sent as the same type, so that one can be sent in the
   * place of the other. The answer "no" is always safe: it only costs speed.
   *
   * @param place from 1
   * @param other from 1
   */
  default boolean areAlike(int place, int other) {
    return false;
  }
}
