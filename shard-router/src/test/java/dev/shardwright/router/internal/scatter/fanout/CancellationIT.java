package dev.shardwright.router.internal.scatter.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
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
      // One wish, which nobody sends, and then the closing, again and again.
      await().until(() -> late.size() >= 2);
      running.end();
      late.forEach(Runnable::run);
      assertThat(connection.isValid(5)).isTrue();
    } finally {
      clock.shutdownNow();
    }
  }

  /** The thread that keeps all deadlines must not wait for one server. */
  @Test
  void aWishThatIsRejectedIsSentLater() throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    AtomicInteger rejected = new AtomicInteger();
    try (TestDatabase database = PostgresServer.shared().freshDatabase();
        Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      Cancellation cancellation =
          new Cancellation(
              wish -> {
                if (rejected.incrementAndGet() <= 3) {
                  throw new RejectedExecutionException("all are busy");
                }
                new Thread(wish).start();
              },
              clock);
      Cancellation.Running running = cancellation.begin(connection.unwrap(BaseConnection.class));
      var stopped = clock.submit(() -> cancellation.stop(new IllegalStateException("cancelled")));
      assertThatThrownBy(() -> statement.execute("select pg_sleep(60)"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
      stopped.get();
      running.end();
      assertThat(rejected).hasValueGreaterThan(3);
    } finally {
      clock.shutdownNow();
    }
  }
}
