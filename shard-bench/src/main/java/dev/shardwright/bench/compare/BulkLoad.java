package dev.shardwright.bench.compare;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Fills a table that nobody else uses on each of some servers, until it is closed. */
final class BulkLoad implements AutoCloseable {
  private static final String INSERT =
      "insert into bulk (filling) select repeat('filling', 20) from generate_series(1, 10000)";

  /** Then the table is emptied. */
  private static final int TURNS = 50;

  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<SQLException> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean ended;

  BulkLoad(List<PostgresServer> servers) {
    for (PostgresServer server : servers) {
      Thread thread = new Thread(() -> fill(server), "bulk-load");
      threads.add(thread);
      thread.start();
    }
  }

  private void fill(PostgresServer server) {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      for (int turn = 1; !ended; turn++) {
        statement.execute(turn % TURNS == 0 ? "truncate bulk" : INSERT);
      }
    } catch (SQLException e) {
      failures.add(e);
    }
  }

  /**
   * @throws SQLException if a load had failed
   */
  @Override
  public void close() throws SQLException {
    ended = true;
    threads.forEach(Uninterruptibles::joinUninterruptibly);
    if (!failures.isEmpty()) {
      throw failures.element();
    }
  }
}
