package dev.shardwright.ring;

/** The PostgreSQL type of a sharding key. */
public enum KeyType {
  SMALLINT,
  INTEGER,
  BIGINT,
  TEXT,
  UUID,
  TIMESTAMPTZ;

  /** The name of the type in SQL. */
  public String sqlName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
