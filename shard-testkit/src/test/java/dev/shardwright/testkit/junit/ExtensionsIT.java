package dev.shardwright.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.shardwright.testkit.PostgresOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

class ExtensionsIT {
  private static final CountDownLatch END = new CountDownLatch(1);

  // Held here, or else the driver closes what the garbage collector finds.
  private static final List<Connection> FORGOTTEN = new ArrayList<>();

  @Test
  void giveATidyClassItsServers() {
    assertThat(failures(Tidy.class)).isEmpty();
  }

  @Test
  void failAClassThatLeavesAThread() {
    try {
      assertThat(failuresAtOnce(LeavesAThread.class))
          .singleElement()
          .asString()
          .contains("forgotten");
    } finally {
      END.countDown();
    }
  }

  @Test
  void failAClassThatLeavesAConnectionToItsOwnServer() {
    assertThat(failuresAtOnce(LeavesAConnection.class))
        .singleElement()
        .asString()
        .contains("connection to PostgreSQL");
  }

  @Test
  void sayHowToBeRegisteredWhereTheyAreUsedOutsideAClass() {
    assertThatThrownBy(new PostgresExtension()::server).hasMessageContaining("@RegisterExtension");
    assertThatThrownBy(new ZooKeeperExtension()::server).hasMessageContaining("@RegisterExtension");
    assertThatThrownBy(new DatabaseExtension()::database)
        .hasMessageContaining("@RegisterExtension");
  }

  /** With the ordinary patience: servers that were just closed have threads that end soon. */
  static List<String> failures(Class<?> testClass) {
    return failures(EngineTestKit.engine("junit-jupiter"), testClass);
  }

  /** Of a class that is waited for in vain. */
  private static List<String> failuresAtOnce(Class<?> testClass) {
    return failures(
        EngineTestKit.engine("junit-jupiter").configurationParameter(Patience.PARAMETER, "300"),
        testClass);
  }

  private static List<String> failures(EngineTestKit.Builder engine, Class<?> testClass) {
    return engine.selectors(selectClass(testClass)).execute().allEvents().failed().stream()
        .map(Event::toString)
        .toList();
  }

  /** Run by the tests above, never by itself: its name ends neither in Test nor in IT. */
  @ExtendWith(LeakCheckExtension.class)
  static class Tidy {
    @RegisterExtension static final DatabaseExtension SHARD = new DatabaseExtension();
    @RegisterExtension static final ZooKeeperExtension ZOO_KEEPER = new ZooKeeperExtension();

    @RegisterExtension
    static final PostgresExtension POSTGRES =
        new PostgresExtension(PostgresOptions.DEFAULTS.with("max_connections", "20"));

    @Test
    void usesThem() throws SQLException {
      SHARD.database().execute("create table t (id int)");
      POSTGRES.server().execute("create table t (id int)");
      POSTGRES.server().kill();
      assertThat(ZOO_KEEPER.server().running()).isTrue();
    }
  }

  @ExtendWith(LeakCheckExtension.class)
  static class LeavesAThread {
    @Test
    void starts() {
      Thread thread =
          new Thread(
              () -> {
                try {
                  END.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "forgotten");
      thread.setDaemon(true);
      thread.start();
    }
  }

  static class LeavesAConnection {
    @RegisterExtension static final PostgresExtension POSTGRES = new PostgresExtension();

    @Test
    void connects() throws SQLException {
      FORGOTTEN.add(POSTGRES.server().connect());
    }
  }
}
