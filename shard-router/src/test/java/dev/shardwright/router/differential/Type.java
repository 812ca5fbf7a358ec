package dev.shardwright.router.differential;

/** The types of columns and expressions that are generated; text by its collation. */
enum Type {
  INT,
  BIGINT,
  NUMERIC,
  FLOAT,
  TEXT,
  GERMAN,
  FOLDED,
  BOOL,
  DATE,
  INSTANT,
  LOCAL,
  SPAN,
  MOOD,
  TEXTS,
  INTS,
  JSON,
  BYTES,
  UUID;

  /** Whether values that are equal may look different, as 1.0 and 1.00 do. */
  boolean hasFaces() {
    return this == NUMERIC || this == FLOAT || this == FOLDED || this == SPAN || this == JSON;
  }

  boolean isNumber() {
    return this == INT || this == BIGINT || this == NUMERIC || this == FLOAT;
  }

  boolean isText() {
    return this == TEXT || this == GERMAN || this == FOLDED;
  }
}
