package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** A network that is frozen holds nobody for ever, whatever was under way. */
@ExtendWith(LeakCheckExtension.class)
class FrozenNetworkIT {
  private static final long KEY = 1;
  private static final Duration STATEMENT = Duration.ofSeconds(8);

  /** At COMMIT. */
  private static final String SLOW_COMMIT =
      """
      create function slow() returns trigger language plpgsql as $$
      begin perform pg_sleep(60); return null; end $$;
      create constraint trigger slow after insert on users
      deferrable initially deferred for each row execute function slow();
      """;

  private static final String SLEEPING =
      "select count(*) from pg_stat_activity where datname = current_database()"
          + " and wait_event = 'PgSleep'";

  /** A COMMIT has no deadline on the server. */
  private static final String END_SLEEPING =
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
          + " and wait_event = 'PgSleep'";

  private static TestCluster cluster;
  private static FaultProxy proxy;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(1);
    proxy = cluster.proxy("s1");
    cluster.execute("s1", SLOW_COMMIT);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void endsWhateverWaitsForAnAnswer() throws Exception {
    ShardRouter router =
        cluster.router(cluster.options().withTimeouts(Timeouts.DEFAULTS.withStatement(STATEMENT)));
    OneShard shard = router.keyspace("shop").on(KEY);
    CountDownLatch frozen = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Throwable> read = failing(() -> shard.query("select pg_sleep(60)", row -> 1));
    CompletableFuture<Throwable> write =
        failing(() -> shard.update("insert into orders select ?, 1, 1 from pg_sleep(60)", KEY));
    CompletableFuture<Throwable> commit =
        failing(
            () ->
                shard.useTransaction(
                    connection -> execute(connection, "insert into users values (1, 'x')")));
    CompletableFuture<Throwable> rollback =
        failing(
            () ->
                shard.useTransaction(
                    connection -> {
                      execute(connection, "select 1");
                      begun.countDown();
                      await().until(() -> frozen.await(10, TimeUnit.SECONDS));
                      throw new IllegalStateException("the caller's own");
                    }));
    CompletableFuture<Throwable> lent =
        failing(
            () -> {
              try (Connection connection = shard.connection()) {
                execute(connection, "select pg_sleep(60)");
              }
            });
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    await().until(() -> cluster.count("s1", SLEEPING) == 4);
    proxy.freeze();
    frozen.countDown();
    assertThat(ended(read)).isInstanceOf(DeadlineExceeded.class).satisfies(this::isTimeout);
    assertThat(ended(write)).isInstanceOf(UnknownOutcome.class).satisfies(this::isTimeout);
    assertThat(ended(commit))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("COMMIT")
        .satisfies(this::isTimeout);
    assertThat(ended(rollback)).hasMessage("the caller's own");
    assertThat(ended(lent)).isInstanceOf(SQLException.class).satisfies(this::isTimeout);
    proxy.heal();
    cluster.execute("s1", END_SLEEPING);
    await()
        .ignoreException(ShardUnavailable.class)
        .until(() -> shard.query("select 1", row -> row.getInt(1)).size() == 1);
  }

  @Test
  void keepsAConnectionThatOnlyListens() throws SQLException {
    OneShard shard = cluster.router().shard("s1");
    try (Connection connection = shard.connection()) {
      execute(connection, "listen news");
      PGConnection driver = connection.unwrap(PGConnection.class);
      assertThat(driver.getNotifications(1_000)).isNullOrEmpty();
      cluster.execute("s1", "notify news, 'now'");
      assertThat(driver.getNotifications(10_000))
          .singleElement()
          .satisfies(news -> assertThat(news.getParameter()).isEqualTo("now"));
      execute(connection, "unlisten news");
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private interface Waiting {
    void run() throws Exception;
  }

  private static CompletableFuture<Throwable> failing(Waiting work) {
    return Background.supply(() -> catchThrowable(work::run));
  }

  private static Throwable ended(CompletableFuture<Throwable> work) throws Exception {
    return work.get(30, TimeUnit.SECONDS);
  }

  private void isTimeout(Throwable failure) {
    assertThat(failure).hasRootCauseInstanceOf(SocketTimeoutException.class);
  }
}
