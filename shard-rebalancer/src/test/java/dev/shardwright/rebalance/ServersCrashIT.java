package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.PostgresExtension;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The server of the source or of the target is killed and comes back, or a standby takes its place,
 * in each state of a move.
 */
@Timeout(300)
class ServersCrashIT {
  @RegisterExtension
  static final PostgresExtension SOURCE =
      new PostgresExtension(PostgresOptions.DEFAULTS.with("max_prepared_transactions", "2"));

  @RegisterExtension static final PostgresExtension TARGET = new PostgresExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  /** Those that last long enough to be seen, in their order. */
  private static final List<String> STATES =
      List.of(
          "REGISTERING",
          "INSTALLING",
          "COPYING",
          "CATCHING_UP",
          "VERIFYING",
          "CUTTING_OVER",
          "IN_WINDOW",
          "CLEANING_UP");

  private final long seed = new Random().nextLong();
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Incrementing writers;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    cluster = new LiveCluster(500, Sites.on(SOURCE.server(), TARGET.server()));
    rebalancer = cluster.rebalancer();
    writers = Incrementing.throughCrashes(cluster, seed);
    rebalancer.campaign("one");
  }

  @AfterEach
  void close() throws Exception {
    writers.end();
    rebalancer.close();
    cluster.close();
  }

  @Test
  void nothingIsLostWhenOneOfThemCrashesInEachState() throws Exception {
    crashByTurns(new Random(seed).nextBoolean());
  }

  @Test
  @Tag("long")
  void theSameWithTheSourceFirst() throws Exception {
    crashByTurns(true);
  }

  @Test
  @Tag("long")
  void theSameWithTheTargetFirst() throws Exception {
    crashByTurns(false);
  }

  @Test
  void nothingIsLostWhenStandbysTakeTheirPlaces() throws Exception {
    byTurns(List.of("COPYING", "CUTTING_OVER", "IN_WINDOW"), true, PostgresServer::failOver);
  }

  @Test
  @Tag("long")
  void theSameInEachStateWithTheSourceFirst() throws Exception {
    byTurns(STATES, true, PostgresServer::failOver);
  }

  @Test
  @Tag("long")
  void theSameInEachStateWithTheTargetFirst() throws Exception {
    byTurns(STATES, false, PostgresServer::failOver);
  }

  /** The triggers are there already, so that no lock on the tables is needed. */
  @Test
  void theRangesAreServedAgainWhileATableIsBeingMaintained() throws Exception {
    int number = start(12_000);
    assertThat(hasCome(number, "COPYING")).isTrue();
    // As a vacuum that begins on the promoted server at once: a prepared transaction outlives it.
    cluster.execute(
        "s-1",
        "begin; lock table account, entry in share update exclusive mode;"
            + " prepare transaction 'maintenance'");
    SOURCE.server().failOver();
    long soFar = writers.count();
    await().atMost(Duration.ofMinutes(1)).until(() -> writers.count() > soFar + 50);
    assertThat(cluster.count("s-1", "pg_prepared_xacts")).isEqualTo(1);
    cluster.execute("s-1", "rollback prepared 'maintenance'");
    endsWell(number);
  }

  private interface Blow {
    void to(PostgresServer server) throws Exception;
  }

  private void crashByTurns(boolean sourceFirst) throws Exception {
    byTurns(STATES, sourceFirst, ServersCrashIT::crash);
  }

  private void byTurns(List<String> states, boolean sourceFirst, Blow blow) throws Exception {
    int number = start(40_000);
    for (int i = 0; i < states.size(); i++) {
      if (hasCome(number, states.get(i))) {
        blow.to((i % 2 == 0) == sourceFirst ? SOURCE.server() : TARGET.server());
        System.out.println(states.get(i) + ", then " + status(number).state());
      }
    }
    endsWell(number);
  }

  private int start(long bytesPerSecond) {
    return rebalancer
        .start(
            rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
            new MoveOptions(Duration.ofSeconds(2), bytesPerSecond, 2, Duration.ofMillis(500)))
        .get(0);
  }

  private void endsWell(int number) throws Exception {
    MigrationStatus over = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(over.outcome()).as("%s", over).isEqualTo(MigrationStatus.Outcome.MOVED);
    long soFar = writers.count();
    await().atMost(PATIENCE).until(() -> writers.count() > soFar + 20);
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.topology().moves()).isEmpty();
  }

  /** Waits for a state; false if it was over before it was seen. */
  private boolean hasCome(int number, String state) {
    int place = STATES.indexOf(state);
    String seen =
        await()
            .atMost(PATIENCE)
            .pollInterval(LOOK_AGAIN)
            .until(
                () -> status(number).state(),
                now -> STATES.indexOf(now) >= place || now.equals("DONE"));
    return seen.equals(state);
  }

  private MigrationStatus status(int number) {
    return rebalancer.migration(number).orElseThrow();
  }

  private static void crash(PostgresServer server) {
    server.kill();
    server.restart();
  }
}
