package dev.shardwright.router.internal.metrics;

import java.util.Locale;

/** The tag {@code kind} of the statement timer. */
public enum StatementKind {
  QUERY,
  UPDATE,
  TRANSACTION,
  CONNECTION;

  public final String tag = name().toLowerCase(Locale.ROOT);
}
