package dev.shardwright.router.internal.pool;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Why a pool gave no connection. Nothing was sent to the database on behalf of the caller. */
public final class NoConnection extends SQLException {
  private final Reason reason;

  /** What kept the pool from giving a connection. */
  public enum Reason {
    /** None was idle, and none could be opened: the shard is down, or refuses the router. */
    CANNOT_CONNECT,
    /** The database requires a newer topology than the router has. */
    STALE_EPOCH,
    /** None became free in time, or none was opened in time. */
    TIMED_OUT,
    /**
     * The pool was closed: its endpoint left the topology, or the router was closed, or cut off by
     * a mover.
     */
    CLOSED,
    /**
     * The work goes by an older topology than the one under which the router has entered: its rows
     * may have left the shard in between.
     */
    OUTDATED,
    /** The waiting thread was interrupted; its interrupt flag is set. */
    INTERRUPTED
  }

  NoConnection(Reason reason, String message, @Nullable Throwable cause) {
    super(message, sqlState(cause), cause);
    this.reason = reason;
  }

  /** What kept the pool from giving a connection. */
  public Reason reason() {
    return reason;
  }

  /** This failure as one of another caller, so that the stack is that of the caller. */
  NoConnection again() {
    return new NoConnection(reason, String.valueOf(getMessage()), getCause());
  }

  private static @Nullable String sqlState(@Nullable Throwable cause) {
    return cause instanceof SQLException sql ? sql.getSQLState() : null;
  }
}
