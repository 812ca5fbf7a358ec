package dev.shardwright.router.internal.sql;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.functions.SessionCheck;
import java.util.List;
import java.util.Optional;

/**
 * A statement that is about the session or its transaction rather than about rows. Names and values
 * are as PostgreSQL reads them: without quotes, unquoted words in lower case.
 */
public sealed interface SessionStatement {
  /** {@code BEGIN} and {@code START TRANSACTION}. */
  record Begin(TransactionModes modes) implements SessionStatement {}

  /**
   * {@code COMMIT} and {@code END}.
   *
   * @param chain whether a new transaction of the same kind begins at once
   */
  record Commit(boolean chain) implements SessionStatement {}

  /**
   * {@code ROLLBACK} and {@code ABORT}.
   *
   * @param chain whether a new transaction of the same kind begins at once
   */
  record Rollback(boolean chain) implements SessionStatement {}

  /** {@code SAVEPOINT name}. */
  record Savepoint(String name) implements SessionStatement {}

  /** {@code RELEASE SAVEPOINT name}. */
  record Release(String name) implements SessionStatement {}

  /** {@code ROLLBACK TO SAVEPOINT name}. */
  record RollbackTo(String name) implements SessionStatement {}

  /** {@code SET TRANSACTION}: for the current transaction. */
  record SetTransaction(TransactionModes modes) implements SessionStatement {}

  /** {@code SET SESSION CHARACTERISTICS AS TRANSACTION}: for the transactions to come. */
  record SetCharacteristics(TransactionModes modes) implements SessionStatement {}

  /**
   * {@code SET name TO values}.
   *
   * @param name such as {@code search_path} or {@code timezone}
   * @param values at least one
   * @param local whether it holds for the current transaction only
   */
  record Assign(String name, List<String> values, boolean local) implements SessionStatement {
    public Assign {
      values = List.copyOf(values);
      checkArgument(!values.isEmpty(), "SET %s has no value", name);
    }
  }

  /**
   * {@code RESET name}, and {@code SET name TO DEFAULT}.
   *
   * @param name empty for all
   * @param local whether it holds for the current transaction only
   */
  record Reset(Optional<String> name, boolean local) implements SessionStatement {}

  /**
   * {@code SHOW name}.
   *
   * @param name such as {@code search_path}, or {@code all}
   */
  record Show(String name) implements SessionStatement {
    /** Whether it shows something of the transaction that it is in. */
    boolean isOfTransaction() {
      String shown = Ascii.toLowerCase(name);
      return shown.startsWith(SessionCheck.OF_TRANSACTION) || shown.equals("all");
    }
  }

  /** {@code DISCARD ALL}: the session is as new. */
  record DiscardAll() implements SessionStatement {}

  /**
   * Has a meaning on one shard only, such as {@code LISTEN}, {@code COPY} or {@code CALL}: needs a
   * connection that is bound to a key.
   *
   * @param command its name, in capitals
   */
  record OneShardOnly(String command) implements SessionStatement {}

  /** What a transaction is told at its begin; empty where the session's default holds. */
  record TransactionModes(
      Optional<Isolation> isolation, Optional<Boolean> readOnly, Optional<Boolean> deferrable) {}

  /** How far a transaction is isolated from others. */
  enum Isolation {
    READ_UNCOMMITTED,
    READ_COMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE
  }
}
