package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.jdbc.statement.Running;
import dev.shardwright.router.internal.jdbc.statement.StatementOptions;
import dev.shardwright.router.internal.loan.Loan;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Carries something out on the shard of a transaction.
 *
 * @param <T> what comes of it
 */
@FunctionalInterface
public interface OnShard<T> {
  T on(Loan loan, int limitSeconds) throws SQLException;

  /** How long it may take where it binds the transaction, what it waits for included. */
  default Duration deadline(Duration usual) {
    return usual;
  }

  /** Whether nobody wants it any more, where it waits to bind the transaction. */
  default boolean isUnwanted() {
    return false;
  }

  /** What the caller asked for, as long as its options let it, and until it is cancelled. */
  static <T> OnShard<T> asked(StatementOptions options, Running running, OnShard<T> what) {
    return new OnShard<>() {
      @Override
      public T on(Loan loan, int limitSeconds) throws SQLException {
        return what.on(loan, limitSeconds);
      }

      @Override
      public Duration deadline(Duration usual) {
        return options.deadline(usual);
      }

      @Override
      public boolean isUnwanted() {
        return running.isCancelled();
      }
    };
  }
}
