package dev.shardwright.router.internal.jdbc.failure;

import dev.shardwright.ShardException;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.router.DeadlineExceeded;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.UnknownOutcome;
import dev.shardwright.router.internal.pool.NoConnection;
import dev.shardwright.router.internal.run.Fault;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/**
 * The {@link SQLException}s of this driver, one for each state that docs/errors.md lists. What
 * PostgreSQL or its driver said stays as it is.
 */
public final class SqlFailures {
  /** A wrong URL, property or sharding key. */
  static final String WRONG_CALL = "SW109";

  /** A transaction that would touch a second shard. */
  static final String SECOND_SHARD = "SW108";

  static final String UNAVAILABLE = "SW201";
  public static final String DEADLINE = "SW202";
  static final String ROUTE = "SW203";
  static final String NO_TOPOLOGY = "SW204";

  /** A write that was carried out, and of which no more can be told. */
  public static final String CARRIED_OUT = "SW205";

  /** A write of which a part was carried out, and another was not, for a reason that may pass. */
  public static final String NOT_WHOLE = "SW206";

  /** States of these classes tell callers, or frameworks, to try again; so do some others. */
  private static final Set<String> PASSING = Set.of("08", "40", "53", "57", "58");

  private static final Set<String> PASSING_TOO =
      Set.of("55P03", UNAVAILABLE, DEADLINE, NO_TOPOLOGY);

  /** A serialization failure: do the transaction again. */
  public static final String AGAIN = "40001";

  public static final String UNKNOWN_OUTCOME = "08007";
  static final String CLOSED = "08003";
  public static final String READ_ONLY = "25006";
  public static final String ABORTED = "25P02";
  public static final String ACTIVE_TRANSACTION = "25001";
  public static final String NO_TRANSACTION = "25P01";
  public static final String NO_SAVEPOINT = "3B001";

  private SqlFailures() {}

  /** What failed, as JDBC reports it. */
  public static SQLException of(RuntimeException failure) {
    if (failure instanceof SqlRefused refused) {
      return of(refused);
    }
    if (failure instanceof StatementFailed said && said.getCause() instanceof SQLException cause) {
      for (Throwable earlier : said.getSuppressed()) {
        if (earlier != cause) {
          cause.addSuppressed(earlier);
        }
      }
      return cause;
    }
    if (failure instanceof ShardException known) {
      return of(known);
    }
    throw failure;
  }

  private static SQLException of(SqlRefused refused) {
    String state = refused.reason().sqlState();
    String message = refused.getMessage();
    return switch (refused.reason()) {
      case SYNTAX -> new SQLSyntaxErrorException(message, state, refused);
      case VALUE -> new SQLDataException(message, state, refused);
      case NOT_UNDERSTOOD,
          UNKNOWN_TABLE,
          KEY,
          NOT_OVER_SHARDS,
          WRITES_SEVERAL_SHARDS,
          SESSION_FEATURE,
          TOO_MANY_ROWS ->
          new SQLFeatureNotSupportedException(message, state, refused);
    };
  }

  private static SQLException of(ShardException failure) {
    String message = failure.getMessage();
    if (failure instanceof UnknownOutcome) {
      return new SQLNonTransientConnectionException(message, UNKNOWN_OUTCOME, failure);
    }
    if (failure instanceof RangeMoved) {
      return new SQLTransactionRollbackException(message, AGAIN, failure);
    }
    if (failure instanceof DeadlineExceeded) {
      return new SQLTimeoutException(message, DEADLINE, failure);
    }
    if (failure instanceof ShardUnavailable) {
      return new SQLTransientConnectionException(message, UNAVAILABLE, failure);
    }
    if (failure instanceof TopologyUnavailable) {
      return new SQLTransientConnectionException(message, NO_TOPOLOGY, failure);
    }
    if (failure instanceof RouteRefused) {
      return new SQLNonTransientException(message, ROUTE, failure);
    }
    return new SQLException(message, UNAVAILABLE, failure);
  }

  /**
   * The failure of a statement within a transaction, in which nothing is done again. A row that has
   * moved away means that the transaction as a whole is to be done again.
   *
   * @param where the shard of the transaction
   */
  public static SQLException inTransaction(SQLException failure, String where) {
    if (failure instanceof NoConnection none) {
      return new SQLTransientConnectionException(none.getMessage(), UNAVAILABLE, none);
    }
    Fault fault = Fault.of(failure);
    if (fault == Fault.FAILED_OVER) {
      return new SQLTransactionRollbackException(
          "%s: its server has just been promoted: do the transaction again: %s"
              .formatted(where, failure.getMessage()),
          AGAIN,
          failure);
    }
    return fault == Fault.NOT_HERE || fault == Fault.MOVED
        ? new SQLTransactionRollbackException(
            "%s: the row is not here, or not any more: do the transaction again: %s"
                .formatted(where, failure.getMessage()),
            AGAIN,
            failure)
        : failure;
  }

  /**
   * The state of a failure that left another part of the same write carried out. To do the whole
   * again would do that part twice, so it is none for which that is done.
   */
  public static @Nullable String besideWhatWasDone(@Nullable String state) {
    if (state == null || state.length() != 5 || state.equals(UNKNOWN_OUTCOME)) {
      return state;
    }
    boolean passes = PASSING.contains(state.substring(0, 2)) || PASSING_TOO.contains(state);
    return passes ? NOT_WHOLE : state;
  }

  /** A write has committed, and what it gave could not be had. */
  public static SQLException carriedOut(SQLException failure) {
    return new SQLNonTransientException(
        "the statement was carried out and committed, but what it gave could not be had: "
            + failure.getMessage(),
        CARRIED_OUT,
        failure);
  }

  /** COMMIT was sent, and its answer did not arrive. */
  public static SQLException commitUnknown(String where, SQLException failure) {
    return new SQLNonTransientConnectionException(
        "%s: the connection was lost after COMMIT was sent; the transaction may or may not have"
                .formatted(where)
            + " happened: "
            + failure.getMessage(),
        UNKNOWN_OUTCOME,
        failure);
  }

  /** Something broke that nobody expects to, while a write was carried out. */
  public static SQLException broken(Throwable cause) {
    return new SQLNonTransientException(
        "a part of the write broke, and may or may not have happened: " + cause,
        UNKNOWN_OUTCOME,
        cause);
  }

  public static SQLException wrongCall(String message) {
    return new SQLNonTransientException(message, WRONG_CALL);
  }

  public static SQLException secondShard(String message) {
    return new SQLFeatureNotSupportedException(message, SECOND_SHARD);
  }

  public static SQLException closed(String what) {
    return new SQLNonTransientConnectionException("this " + what + " is closed", CLOSED);
  }

  public static SQLException closedStatement() {
    return new SQLNonTransientException(
        "this statement is closed", PSQLState.OBJECT_NOT_IN_STATE.getState());
  }

  public static SQLException aborted() {
    return new SQLNonTransientException(
        "current transaction is aborted, commands ignored until end of transaction block", ABORTED);
  }

  public static SQLException notInState(String message, String state) {
    return new SQLNonTransientException(message, state);
  }

  /** For calls that this driver does not carry out. */
  public static SQLFeatureNotSupportedException notSupported(String message) {
    return new SQLFeatureNotSupportedException(message, PSQLState.NOT_IMPLEMENTED.getState());
  }
}
