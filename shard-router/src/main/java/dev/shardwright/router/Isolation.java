package dev.shardwright.router;

import java.util.Locale;

/** What a transaction sees of others. */
public enum Isolation {
  /** Each statement sees what was committed before it began. */
  READ_COMMITTED,
  /** All statements see what was committed before the first began. */
  REPEATABLE_READ,
  /** As if transactions ran one after the other. */
  SERIALIZABLE;

  /** Applies to the transaction that begins with this statement, and to no later one. */
  String sql() {
    return "set transaction isolation level " + name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
