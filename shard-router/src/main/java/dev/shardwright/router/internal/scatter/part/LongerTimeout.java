package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.router.Timeouts;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/**
 * More time for a statement than its pool allows, until its connection is given back.
 *
 * @param deadline by when the query ends it in any case
 */
public record LongerTimeout(Duration deadline) {
  /** How much later the client gives up on a statement than the server. */
  private static final Duration BACKSTOP = Duration.ofSeconds(3);

  /** Empty if the pool allows enough. */
  public static Optional<LongerTimeout> of(Duration deadline, Timeouts pooled) {
    return deadline.compareTo(pooled.statement()) > 0
        ? Optional.of(new LongerTimeout(deadline))
        : Optional.empty();
  }

  /** Begins a transaction that ends with the loan, and the server's limit with it. */
  void applyTo(Connection pooled) throws SQLException {
    pooled.setAutoCommit(false);
    try (Statement statement = pooled.createStatement()) {
      statement.execute(sql());
    }
    // The pool restores it.
    pooled.setNetworkTimeout(
        Runnable::run, (int) Math.min(deadline.plus(BACKSTOP).toMillis(), Integer.MAX_VALUE));
  }

  private String sql() {
    return "set local statement_timeout = " + Math.min(deadline.toMillis(), Integer.MAX_VALUE);
  }
}
