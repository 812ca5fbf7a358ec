package dev.shardwright.router.internal.scatter.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;
import org.postgresql.core.BaseConnection;

class CancellationIT {
  @Test
  void closesNoConnectionThatMayBeSomebodyElsesByNow() throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    List<Runnable> late = new CopyOnWriteArrayList<>();
    try (TestDatabase database = PostgresServer.shared().freshDatabase();
        Connection connection = database.connect()) {
      Cancellation cancellation = new Cancellation(late::add, clock);
      cancellation.callerIs(Thread.currentThread());
      Cancellation.Running running = cancellation.begin(connection.unwrap(BaseConnection.class));
      cancellation.stop(new IllegalStateException("cancelled"));
      // One wish, which nobody sends, and then the closing.
      await().until(() -> late.size() == 2);
      running.end();
      late.forEach(Runnable::run);
      assertThat(connection.isValid(5)).isTrue();
    } finally {
      clock.shutdownNow();
    }
  }
}
