package dev.shardwright.router.internal.run;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.router.internal.pool.NoConnection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** What kind of failure ended an attempt. */
public enum Fault {
  /** No connection could be had: the shard is down, or all connections are taken. */
  NO_CONNECTION,
  /** The pool was closed between the choice of the route and the use of it. */
  POOL_CLOSED,
  /** The topology that the route was chosen by was older than one that the shard was told of. */
  OUTDATED,
  /** The database requires a newer topology than the router has. */
  STALE_EPOCH,
  /** The guard in the database refused a row: it belongs elsewhere. */
  NOT_HERE,
  /** A gate refused a row: its range is just changing hands, or has. */
  MOVED,
  /** A gate does not know what a range move has come to: its server has just been promoted. */
  FAILED_OVER,
  /** A serialization failure or a deadlock: PostgreSQL rolled everything back. */
  CONFLICT,
  /** The connection was lost, or ended by the server. */
  LOST,
  /** The server ended the statement. */
  CANCELLED,
  /** Anything else that PostgreSQL or its driver said. */
  REFUSED;

  /** The tag {@code reason} of the retry counter. */
  final String tag = name().toLowerCase(Locale.ROOT);

  private static final Set<String> KINDS_OF_ANSWER =
      Set.of(PSQLState.TOO_MANY_RESULTS.getState(), PSQLState.NO_DATA.getState());

  /** Serialization failure, deadlock detected. */
  private static final Set<String> CONFLICTS = Set.of("40001", "40P01");

  /** Administrator shutdown, crash shutdown, cannot connect now, idle session timeout. */
  private static final Set<String> ENDED_BY_SERVER = Set.of("57P01", "57P02", "57P03", "57P05");

  private static final String CONNECTION_CLASS = "08";
  private static final String QUERY_CANCELLED = "57014";

  /** As far as chains of failures are followed. */
  private static final int MANY = 20;

  public static Fault of(SQLException e) {
    if (e instanceof NoConnection none) {
      return switch (none.reason()) {
        case STALE_EPOCH -> STALE_EPOCH;
        case CLOSED -> POOL_CLOSED;
        case OUTDATED -> OUTDATED;
        case CANNOT_CONNECT, TIMED_OUT, INTERRUPTED -> NO_CONNECTION;
      };
    }
    String state = e.getSQLState();
    if (wasLostThen(e)) {
      return LOST;
    }
    if (state == null) {
      return REFUSED;
    }
    if (CONFLICTS.contains(state)) {
      return CONFLICT;
    }
    if (state.startsWith(CONNECTION_CLASS) || ENDED_BY_SERVER.contains(state)) {
      return wasSaidWithinSession(e) ? REFUSED : LOST;
    }
    return switch (state) {
      case SqlStates.ROW_NOT_HERE -> NOT_HERE;
      case SqlStates.RANGE_MOVED -> MOVED;
      case SqlStates.TIMELINE_CHANGED -> FAILED_OVER;
      case QUERY_CANCELLED -> CANCELLED;
      default -> REFUSED;
    };
  }

  /**
   * Whether the driver alone failed, about an answer that it had read to its end: the statement has
   * been carried out.
   */
  public static boolean isAboutAnswerAlone(SQLException e) {
    return rowsDidNotFit(e) || isAnotherKindOfAnswer(e);
  }

  /** Rows where a count was expected, or none where they were. */
  private static boolean isAnotherKindOfAnswer(SQLException e) {
    return e instanceof PSQLException said
        && said.getServerErrorMessage() == null
        && KINDS_OF_ANSWER.contains(String.valueOf(said.getSQLState()));
  }

  /**
   * Whether it was the driver alone that had no room for the rows. The server carried the statement
   * out, and its answer was read to the end: what failed there would be among those failures.
   */
  private static boolean rowsDidNotFit(SQLException e) {
    SQLException said = e;
    for (int depth = 0; said != null && depth < MANY; depth++) {
      if (!(said.getCause() instanceof OutOfMemoryError)) {
        return false;
      }
      said = said.getNextException();
    }
    return said == null;
  }

  /** As functions do that speak to other servers: the statement failed, and the session goes on. */
  private static boolean wasSaidWithinSession(SQLException e) {
    SQLException origin = e.getCause() instanceof SQLException cause ? cause : e;
    ServerErrorMessage said =
        origin instanceof PSQLException server ? server.getServerErrorMessage() : null;
    return said != null && "ERROR".equals(said.getSeverity());
  }

  /** Whether the server said so and was gone: what its last word was about may have happened. */
  private static boolean wasLostThen(SQLException said) {
    SQLException next = said.getNextException();
    for (int depth = 0; next != null && depth < MANY; depth++) {
      if (String.valueOf(next.getSQLState()).startsWith(CONNECTION_CLASS)) {
        return true;
      }
      next = next.getNextException();
    }
    return false;
  }

  /** The first failure among the causes that a database or driver reported; null if none did. */
  public static @Nullable SQLException sqlCause(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MANY; depth++) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
      cause = cause.getCause();
    }
    return null;
  }
}
