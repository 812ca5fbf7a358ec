package dev.shardwright.router.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The first connection of a pool, which HikariCP takes for an example of all. */
@ExtendWith(LeakCheckExtension.class)
class FirstConnectionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final PoolSettings ONE_CONNECTION =
      new PoolSettings(
          1,
          Duration.ofMinutes(1),
          Duration.ofMinutes(30),
          PATIENCE,
          PATIENCE,
          Duration.ofSeconds(30),
          false);

  private final ScheduledExecutorService housekeeping = Executors.newScheduledThreadPool(1);
  private final SocketWatch watch = SocketWatch.by(System::nanoTime);
  private TestCluster cluster;

  @BeforeEach
  void start() {
    cluster = TestCluster.withShards(1);
  }

  @AfterEach
  void stop() {
    cluster.close();
    watch.close();
    housekeeping.shutdownNow();
  }

  @Test
  void isLostWhileHikariSetsItUpAndOthersAreGiven() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    try (EndpointPool pool =
        pool(
            begins -> {
              if (opened.incrementAndGet() == 1) {
                cluster.proxy("s1").cutOnNextResponse();
              }
            })) {
      await()
          .ignoreExceptions()
          .untilAsserted(
              () -> assertThat(isolation(pool)).isEqualTo(Connection.TRANSACTION_READ_COMMITTED));
      assertThat(opened).hasValueGreaterThan(1);
    }
  }

  /** Also when somebody has set another on a connection, and given that back. */
  @Test
  void keepsTheIsolationThatTheRoleBeginsWith() throws Exception {
    cluster.execute(
        "s1",
        "alter role " + cluster.app + " set default_transaction_isolation = 'repeatable read'");
    try (EndpointPool pool = pool(begins -> {})) {
      Connection lent = pool.borrow(cluster.epoch());
      assertThat(lent.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
      lent.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      pool.giveBack(lent);
      assertThat(isolation(pool)).isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
    }
  }

  private EndpointPool pool(Consumer<SessionDefaults> onDefaults) {
    Shard shard = cluster.shard("s1");
    return new EndpointPool(
        shard.id(),
        shard.primary(),
        ONE_CONNECTION,
        (of, endpoint, role) -> Credentials.of(endpoint.user(), TestCluster.APP_PASSWORD),
        new RouterIdentity(cluster.name, 1, cluster::epoch),
        housekeeping,
        watch,
        onDefaults,
        null);
  }

  /** Of a connection that is lent, as its session has it. */
  private int isolation(EndpointPool pool) throws SQLException {
    Connection lent = pool.borrow(cluster.epoch());
    try {
      return lent.getTransactionIsolation();
    } finally {
      pool.giveBack(lent);
    }
  }
}
