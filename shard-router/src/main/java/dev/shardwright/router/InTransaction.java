package dev.shardwright.router;

import dev.shardwright.router.internal.loan.AbortedTransaction;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.run.OnConnection;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.Repeat;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** A transaction around a callback. */
final class InTransaction<T> extends OnConnection<T> {
  private final Optional<Isolation> isolation;
  private final TransactionCallback<T> callback;
  private final boolean idempotent;
  private boolean spent;

  /**
   * @param isolation empty for the default of role and database
   */
  InTransaction(
      Optional<Isolation> isolation, TransactionCallback<T> callback, boolean idempotent) {
    super(StatementKind.TRANSACTION);
    this.isolation = isolation;
    this.callback = callback;
    this.idempotent = idempotent;
  }

  @Override
  public T on(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    if (isolation.isPresent()) {
      try (Statement statement = connection.createStatement()) {
        // The driver sends BEGIN along with it.
        statement.execute(isolation.get().sql());
      }
    }
    phase = Phase.SENT;
    T result = called(connection);
    AbortedTransaction.check(connection);
    phase = Phase.COMMITTING;
    connection.commit();
    phase = Phase.ANSWERED;
    return result;
  }

  private T called(Connection connection) throws SQLException {
    LentConnection lent = LentConnection.inTransaction(connection);
    try {
      return callback.run(lent.asConnection());
    } finally {
      lent.end();
      spent = lent.isUnwrapped();
    }
  }

  /** Whatever is under way there the server ends, and nobody meets what was set. */
  @Override
  protected boolean isSpent() {
    return spent;
  }

  @Override
  public Repeat repeat() {
    return idempotent ? Repeat.ALWAYS : Repeat.UNTIL_COMMIT;
  }

  @Override
  public Optional<Repeat> undeclared() {
    return idempotent ? Optional.of(Repeat.UNTIL_COMMIT) : Optional.empty();
  }
}
