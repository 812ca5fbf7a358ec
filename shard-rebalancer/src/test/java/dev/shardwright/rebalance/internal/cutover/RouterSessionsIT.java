package dev.shardwright.rebalance.internal.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RouterSessionsIT {
  private static final int LOST = 5;
  private static final int OTHER = 6;
  private static final Set<Integer> ROUTERS = Set.of(LOST);

  @Test
  void allSessionsAreEndedBeforeAnyIsWaitedFor() throws Exception {
    try (TestDatabase first = PostgresServer.shared().freshDatabase();
        TestDatabase second = PostgresServer.shared().freshDatabase();
        Connection one = first.connect();
        Connection other = second.connect();
        Connection stuck = router(first, LOST);
        Connection beside = router(first, LOST);
        Connection elsewhere = router(second, LOST);
        Connection stays = router(second, OTHER)) {
      int process = process(stuck);
      signal(first, "STOP", process);
      try {
        FutureTask<Boolean> ending =
            new FutureTask<>(() -> RouterSessions.end(one, other, ROUTERS, Duration.ofMinutes(1)));
        new Thread(ending, "ending").start();
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> !beside.isValid(10) && !elsewhere.isValid(10));
        assertThat(ending.isDone()).as("one is not gone yet").isFalse();
        signal(first, "CONT", process);
        assertThat(ending.get(30, TimeUnit.SECONDS)).isTrue();
      } finally {
        signal(first, "CONT", process);
      }
      assertThat(stuck.isValid(10)).isFalse();
      assertThat(stays.isValid(10)).isTrue();
      assertThat(RouterSessions.of(one, other)).containsExactly(OTHER);
    }
  }

  @Test
  void sessionsThatDoNotEndInTimeAreNotTakenForGone() throws Exception {
    try (TestDatabase first = PostgresServer.shared().freshDatabase();
        TestDatabase second = PostgresServer.shared().freshDatabase();
        Connection one = first.connect();
        Connection other = second.connect();
        Connection stuck = router(first, LOST)) {
      int process = process(stuck);
      signal(first, "STOP", process);
      try {
        assertThat(RouterSessions.end(one, other, ROUTERS, Duration.ZERO)).isFalse();
      } finally {
        signal(first, "CONT", process);
      }
      assertThat(RouterSessions.end(one, other, ROUTERS, Duration.ofMinutes(1))).isTrue();
    }
  }

  private static Connection router(TestDatabase database, int number) throws SQLException {
    Connection session = database.connect();
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "select pg_advisory_lock_shared(%d, %d)".formatted(AdvisoryLocks.ROUTER, number));
    }
    return session;
  }

  private static int process(Connection session) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  /** By way of the server, wherever it runs. */
  private static void signal(TestDatabase database, String signal, int process)
      throws SQLException {
    database.execute(
        "copy (select) to program 'cat > /dev/null; kill -s %s %d || true'"
            .formatted(signal, process));
  }
}
