package dev.shardwright.router;

import java.util.Locale;

/** The tag {@code kind} of the statement timer. */
enum StatementKind {
  QUERY,
  UPDATE,
  TRANSACTION,
  CONNECTION;

  final String tag = name().toLowerCase(Locale.ROOT);
}
