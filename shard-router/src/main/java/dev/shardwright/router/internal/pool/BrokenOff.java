package dev.shardwright.router.internal.pool;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.core.BaseConnection;

/**
 * What follows from an {@link Error}, such as a {@link StackOverflowError}, while the driver spoke
 * with a server: it may have stopped in the middle of an answer, and whoever used the connection
 * next would be given the rest of it.
 */
public final class BrokenOff {
  private BrokenOff() {}

  /** Where the driver was. */
  @FunctionalInterface
  public interface Place {
    Connection connection() throws SQLException;
  }

  /** Closes the connection, which is good for nothing any more, at once and without a word. */
  public static void close(Place place, Throwable why) {
    try {
      place.connection().unwrap(BaseConnection.class).abort(Runnable::run);
    } catch (SQLException | RuntimeException e) {
      why.addSuppressed(e);
    }
  }
}
