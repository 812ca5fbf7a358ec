package dev.shardwright.admin;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Long statements that end when the calling thread is interrupted. A thread that waits for a
 * database does not notice an interrupt, so the statements run on a thread of their own, and are
 * cancelled on the server.
 */
final class Interruptible {
  private static final Duration AGAIN = Duration.ofMillis(100);
  private static final int MOST_CANCELS = 50;

  private Interruptible() {}

  /**
   * Runs the work to its end.
   *
   * @throws ChangeFailed if the calling thread is interrupted; it stays interrupted
   */
  static void run(Connection connection, ShardDatabases.Task work) throws SQLException {
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              work.run(connection);
              return true;
            });
    Thread thread = new Thread(task, Thread.currentThread().getName() + "-statements");
    thread.setDaemon(true);
    thread.start();
    try {
      task.get();
    } catch (InterruptedException e) {
      cancel(connection, thread, e);
      Thread.currentThread().interrupt();
      throw new ChangeFailed("interrupted", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  /** Again and again: a cancel that comes between two statements ends none. */
  private static void cancel(
      Connection connection, Thread thread, InterruptedException interruption) {
    try {
      for (int i = 0; i < MOST_CANCELS && thread.isAlive(); i++) {
        connection.unwrap(PGConnection.class).cancelQuery();
        thread.join(AGAIN.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the connection is closed next, and ends it as well
    } catch (SQLException e) {
      interruption.addSuppressed(e); // likewise
    }
  }

  private static SQLException failure(@Nullable Throwable cause) {
    if (cause instanceof SQLException failed) {
      return failed;
    }
    if (cause instanceof RuntimeException failed) {
      throw failed;
    }
    throw new IllegalStateException(cause);
  }
}
