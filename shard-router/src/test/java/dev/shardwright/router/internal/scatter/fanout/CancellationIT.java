package dev.shardwright.router.internal.scatter.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.postgresql.core.BaseConnection;

class CancellationIT {
  private static final String SENT = "00000";

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

  /** What a transaction has written so far is not to be lost for a question that was refused. */
  @Test
  void aRefusalLetsTheCallersTransactionEndItsStatement() throws Exception {
    assertThat(refusedWhileRunning("select pg_sleep(3)", cancellation -> {})).isEqualTo(SENT);
  }

  @Test
  void unlessNobodyWantsToWaitAnyLonger() throws Exception {
    String state =
        refusedWhileRunning(
            "select pg_sleep(60)",
            cancellation -> cancellation.stopAll(new IllegalStateException("deadline")));
    assertThat(state).isEqualTo("57014");
  }

  /** The first failure is what counts: those of the parts that it ended end nothing more. */
  @Test
  void noFailureThatARefusalCausesEndsIt() throws Exception {
    String state =
        refusedWhileRunning(
            "select pg_sleep(3)",
            cancellation -> cancellation.stop(new IllegalStateException("another part")));
    assertThat(state).isEqualTo(SENT);
  }

  /** The SQLSTATE of a transaction's statement during which a query is refused. */
  private static String refusedWhileRunning(String sql, Consumer<Cancellation> then)
      throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (TestDatabase database = PostgresServer.shared().freshDatabase();
        Connection connection = database.connect();
        Connection other = database.connect();
        Statement statement = connection.createStatement()) {
      Cancellation cancellation = new Cancellation(wish -> new Thread(wish).start(), clock);
      BaseConnection driver = connection.unwrap(BaseConnection.class);
      var refused =
          clock.submit(
              () -> {
                await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> isActive(other, driver.getBackendPID()));
                cancellation.stop(new SqlRefused(SqlRefused.Reason.TOO_MANY_ROWS, "too many"));
                then.accept(cancellation);
                return true;
              });
      try {
        cancellation.duringTransaction(driver, () -> statement.execute(sql));
        return SENT;
      } catch (SQLException e) {
        return String.valueOf(e.getSQLState());
      } finally {
        refused.get();
        assertThat(connection.isValid(5)).isTrue();
      }
    } finally {
      clock.shutdownNow();
    }
  }

  private static boolean isActive(Connection connection, int backend) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from pg_stat_activity where state = 'active' and pid = "
                    + backend)) {
      row.next();
      return row.getLong(1) > 0;
    }
  }
}
