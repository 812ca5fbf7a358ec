package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LeakCheckIT {
  private static final Duration SHORT = Duration.ofMillis(200);

  @Test
  void namesAThreadThatIsLeftWithItsStack() throws Exception {
    LeakCheck check = LeakCheck.begin().withPatience(SHORT);
    CountDownLatch end = new CountDownLatch(1);
    Thread forgotten = new Thread(() -> awaitForgotten(end), "forgotten-worker");
    forgotten.setDaemon(true);
    forgotten.start();
    assertThatThrownBy(check::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("1 left behind")
        .hasMessageContaining("thread \"forgotten-worker\" (daemon), WAITING")
        .hasMessageContaining("awaitForgotten");
    assertThatCode(() -> check.ignoringThreads("forgotten-").check()).doesNotThrowAnyException();
    end.countDown();
    forgotten.join();
  }

  @Test
  void waitsForThreadsThatAreAboutToEnd() throws Exception {
    LeakCheck check = LeakCheck.begin();
    CountDownLatch end = new CountDownLatch(1);
    Thread ending = new Thread(() -> awaitForgotten(end), "ending");
    ending.start();
    Thread ender =
        new Thread(
            () -> {
              Processes.pause(SHORT);
              end.countDown();
            },
            "ender");
    ender.start();
    assertThatCode(check::check).doesNotThrowAnyException();
  }

  @Test
  void namesAConnectionThatIsLeftOpenAndItsLastStatement() throws Exception {
    try (TestDatabase database = PostgresServer.shared().freshDatabase()) {
      LeakCheck check = LeakCheck.begin().withPatience(SHORT);
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("select 'forgotten'");
        for (var looked :
            List.<Runnable>of(check::check, () -> LeakCheck.checkNoConnections(database, SHORT))) {
          assertThatThrownBy(looked::run)
              .isInstanceOf(AssertionError.class)
              .hasMessageContaining("user postgres, database " + database.name())
              .hasMessageContaining("last statement: select 'forgotten'");
        }
      }
      assertThatCode(() -> check.withPatience(Duration.ofSeconds(5)).check())
          .doesNotThrowAnyException();
    }
  }

  @Test
  void namesAPortThatIsStillListenedOn() throws Exception {
    LeakCheck check = LeakCheck.begin().withPatience(SHORT);
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(check::check)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("socket listening on port " + socket.getLocalPort());
    }
    assertThatCode(() -> check.withPatience(Duration.ofSeconds(5)).check())
        .doesNotThrowAnyException();
  }

  @Test
  void findsNothingWhereServersProxiesAndSharedServersWereUsed() throws Exception {
    LeakCheck check = LeakCheck.begin();
    try (PostgresServer server = PostgresServer.start();
        FaultProxy proxy = FaultProxy.to(server.host(), server.port());
        ZooKeeperServer zooKeeper = ZooKeeperServer.start()) {
      zooKeeper.freshConnectString();
      proxy.heal();
    }
    try (ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.start()) {
      ensemble.stop(0);
    }
    ZooKeeperServer.shared().freshConnectString();
    PostgresServer.shared().freshDatabase().close();
    assertThatCode(check::check).doesNotThrowAnyException();
  }

  @Test
  void sharedServersCannotBeEndedByATest() throws Exception {
    PostgresServer postgres = PostgresServer.shared();
    for (Runnable ending :
        List.<Runnable>of(
            postgres::stop, postgres::kill, postgres::restart, postgres::freeze, postgres::close)) {
      assertThatThrownBy(ending::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("shared");
    }
    assertThatThrownBy(ZooKeeperServer.shared()::close).hasMessageContaining("shared");
  }

  private static void awaitForgotten(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
