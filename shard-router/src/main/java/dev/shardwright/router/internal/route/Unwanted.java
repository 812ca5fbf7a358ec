package dev.shardwright.router.internal.route;

import dev.shardwright.router.StatementFailed;
import java.sql.SQLException;

/** What becomes of work that was cancelled before anything was sent for it. */
public final class Unwanted {
  private static final String QUERY_CANCELLED = "57014";

  private Unwanted() {}

  /** The end of the work. */
  public static StatementFailed failure() {
    String message = "the statement was cancelled before a shard had carried it out";
    return new StatementFailed(message, new SQLException(message, QUERY_CANCELLED));
  }
}
