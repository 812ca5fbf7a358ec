package dev.shardwright.router.internal.sql;

import org.jspecify.annotations.Nullable;

/** The values of a statement's parameters, as far as routing needs them. */
@FunctionalInterface
public interface ParameterValues {
  /**
   * The value that the caller gave.
   *
   * @param place from 1
   * @return null for NULL
   */
  @Nullable Object value(int place);
}
