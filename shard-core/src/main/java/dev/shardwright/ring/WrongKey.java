package dev.shardwright.ring;

import org.jspecify.annotations.Nullable;

/** The refusals of keys that no row can have. They show types, never what a text key says. */
final class WrongKey {
  private WrongKey() {}

  static IllegalArgumentException type(KeyType expected, String javaTypes, @Nullable Object given) {
    return new IllegalArgumentException(
        "key of type "
            + expected.sqlName()
            + " must be "
            + javaTypes
            + ", was "
            + (given == null ? "null" : given.getClass().getName()));
  }

  static IllegalArgumentException text(KeyType expected, String given, RuntimeException cause) {
    return new IllegalArgumentException("'" + given + "' is no " + expected.sqlName(), cause);
  }
}
