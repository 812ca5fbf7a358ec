package dev.shardwright.router.internal.sql.scan;

/**
 * A statement that is not carried out, because its answer could differ from PostgreSQL's, or
 * because it cannot be understood. The message names the construct and says what to write instead.
 */
public final class SqlRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why, in the terms of docs/errors.md. */
  public enum Reason {
    /** The text is not one statement in PostgreSQL's syntax, or is too long or too deep. */
    SYNTAX("42601"),
    /** A setting's value that cannot be, or would have to be another. */
    VALUE("22023"),
    /** The text cannot be analysed for certain; it runs where its key is said. */
    NOT_UNDERSTOOD("SW101"),
    /** A table that is not registered in the cluster. */
    UNKNOWN_TABLE("SW102"),
    /** The statement needs a sharding key, or another one. */
    KEY("SW103"),
    /** The statement would span shards in a way that cannot be answered exactly. */
    NOT_OVER_SHARDS("SW104"),
    /** A write to several shards without consent to its not being atomic. */
    WRITES_SEVERAL_SHARDS("SW105"),
    /** A session feature that has no meaning over several shards. */
    SESSION_FEATURE("SW106"),
    /** The rows needed are more than the limits allow. */
    TOO_MANY_ROWS("SW107");

    private final String sqlState;

    Reason(String sqlState) {
      this.sqlState = sqlState;
    }

    /** The SQLSTATE that JDBC reports. */
    public String sqlState() {
      return sqlState;
    }
  }

  public SqlRefused(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
