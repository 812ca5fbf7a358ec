package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.PostgresExtension;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The server of the source or of the target is killed and comes back, or a standby takes its place,
 * in each state of a move.
 */
@Timeout(300)
@Tag("slow")
class ServersCrashIT {
  @RegisterExtension
  static final PostgresExtension SOURCE =
      new PostgresExtension(PostgresOptions.DEFAULTS.with("max_prepared_transactions", "2"));

  @RegisterExtension static final PostgresExtension TARGET = new PostgresExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** On the way there, so that each state lasts. */
  private static final MoveOptions UNHURRIED =
      new MoveOptions(Duration.ofSeconds(2), 40_000, 2, Duration.ofMillis(500));

  /** Those in which both servers have something to do, in their order. */
  private static final List<String> STATES =
      List.of(
          "REGISTERING",
          "PREPARING",
          "INSTALLING",
          "COPYING",
          "CATCHING_UP",
          "VERIFYING",
          "CUTTING_OVER",
          "IN_WINDOW",
          "CLEANING_UP");

  private static final List<String> STATES_OF_THE_WAY_BACK =
      List.of("CATCHING_UP", "VERIFYING", "CUTTING_OVER", "CLEANING_UP");

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final Effects effects = Effects.andMoments();
  private final List<String> struck = new CopyOnWriteArrayList<>();
  private final BlockingQueue<PostgresServer> down = new LinkedBlockingQueue<>();
  private Detours detours;
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Rebalancer mover;
  private Incrementing writers;
  private int number;

  /** All that the mover does goes through proxies, so that it can be told where it is. */
  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    detours = new Detours(SOURCE.server(), TARGET.server(), effects);
    cluster = new LiveCluster(500, detours.sites());
    rebalancer = cluster.rebalancer();
    mover = Rebalancer.connect(detours.zooKeeper(), LiveCluster.NAME, cluster.options());
    writers = Incrementing.throughCrashes(cluster, seed);
  }

  @AfterEach
  void close() throws Exception {
    writers.end();
    mover.close();
    rebalancer.close();
    cluster.close();
    detours.close();
  }

  @Test
  void nothingIsLostWhenOneOfThemCrashesInEachState() throws Exception {
    byTurns(Journey.THERE, STATES, random.nextBoolean(), this::crash);
  }

  @Test
  void norWhenOneCrashesWhileTheRangesAreTakenBack() throws Exception {
    int one = random.nextInt(STATES_OF_THE_WAY_BACK.size());
    byTurns(
        Journey.BACK,
        STATES_OF_THE_WAY_BACK.subList(one, one + 1),
        random.nextBoolean(),
        this::crash);
  }

  @Test
  void norWhenOneCrashesWhileTheMoveIsGivenUp() throws Exception {
    byTurns(Journey.ABORTED, List.of("ABORTING"), random.nextBoolean(), this::crash);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("long")
  void theSameWithEachOfThemFirst(boolean sourceFirst) throws Exception {
    byTurns(Journey.THERE, STATES, sourceFirst, this::crash);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("long")
  void theSameInEachStateOfTheWayBack(boolean sourceFirst) throws Exception {
    byTurns(Journey.BACK, STATES_OF_THE_WAY_BACK, sourceFirst, this::crash);
  }

  @Test
  void nothingIsLostWhenStandbysTakeTheirPlaces() throws Exception {
    byTurns(
        Journey.THERE,
        List.of("COPYING", "CUTTING_OVER", "IN_WINDOW"),
        true,
        PostgresServer::failOver);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("long")
  void theSameInEachState(boolean sourceFirst) throws Exception {
    byTurns(Journey.THERE, STATES, sourceFirst, PostgresServer::failOver);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("long")
  void theSameWhileTheRangesAreTakenBack(boolean sourceFirst) throws Exception {
    byTurns(Journey.BACK, STATES_OF_THE_WAY_BACK, sourceFirst, PostgresServer::failOver);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("long")
  void theSameWhileTheMoveIsGivenUp(boolean source) throws Exception {
    byTurns(Journey.ABORTED, List.of("ABORTING"), source, PostgresServer::failOver);
  }

  /** The triggers are there already, so that no lock on the tables is needed. */
  @Test
  void theRangesAreServedAgainWhileATableIsBeingMaintained() throws Exception {
    number = start(new MoveOptions(Duration.ofSeconds(2), 12_000, 2, Duration.ofMillis(500)));
    mover.campaign("one");
    rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
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
    endsWell(MigrationStatus.Outcome.MOVED);
  }

  /**
   * A write that did not wait for the disk had come over when the source lost it. Whether a crash
   * does is luck: so it comes over by the test's hand.
   */
  @Test
  void whatTheSourceLostIsComparedAnewBeforeTheRangesChangeHands() throws Exception {
    number = start(UNHURRIED);
    mover.campaign("one");
    rebalancer.await(number, status -> status.state().equals("COPYING"), PATIENCE);
    try (Connection inTheWay = cluster.connect(ShardId.of("s-1"))) {
      inTheWay.setAutoCommit(false);
      inTheWay
          .createStatement()
          .execute(
              "select pg_advisory_xact_lock_shared(%d, %d)".formatted(AdvisoryLocks.GATE, number));
      rebalancer.await(number, status -> status.state().equals("CUTTING_OVER"), PATIENCE);
      writers.end(); // who wrote the row once more would bring it over again
      SOURCE.server().kill();
    }
    cluster.execute(
        "s-2",
        """
        select shardwright.begin_mover(%1$d, token) from shardwright.mover where migration = %1$d;
        delete from account where id = (select min(id) from account)
        """
            .formatted(number));
    SOURCE.server().restart();
    MigrationStatus over = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(over.outcome()).as("%s", over).isEqualTo(MigrationStatus.Outcome.MOVED);
    cluster.check(writers.acknowledged(), writers.unknown());
  }

  private interface Blow {
    void to(PostgresServer server) throws Exception;
  }

  /** It is back some time after the mover has met it dead. */
  private void crash(PostgresServer server) {
    server.kill();
    down.add(server);
  }

  private void byTurns(Journey journey, List<String> states, boolean sourceFirst, Blow blow)
      throws Exception {
    if (journey == Journey.THERE) {
      number = start(UNHURRIED);
      strikeNext(states, sourceFirst, blow);
      mover.campaign("one");
    } else {
      number = start(journey.options());
      mover.campaign("one");
      rebalancer.await(number, status -> status.state().equals(journey.from), PATIENCE);
      strikeNext(states, sourceFirst, blow);
      journey.turn(rebalancer, number);
    }
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              PostgresServer dead = down.poll();
              if (dead != null) {
                dead.restart();
              }
              return effects.isOver() || status().isOver();
            });
    for (PostgresServer dead : down) {
      dead.restart();
    }
    endsWell(journey.outcome);
    assertThat(struck).isEqualTo(states);
  }

  /** In the first of these states, then in the others, before the mover goes on in any. */
  private void strikeNext(List<String> states, boolean onSource, Blow blow) {
    String state = states.get(0);
    List<String> later = states.subList(1, states.size());
    effects.at(
        momentIn(state),
        () -> {
          strike(blow, onSource ? SOURCE.server() : TARGET.server());
          struck.add(status().state());
          if (!later.isEmpty()) {
            strikeNext(later, !onSource, blow);
          }
        });
  }

  /** As the state begins, or once there is a session for it; with a hold, while work waits. */
  private Moment momentIn(String state) {
    return state.equals("CUTTING_OVER")
        ? Moment.afterHold(random.nextInt(4))
        : Moment.afterEntering(state, random.nextInt(3));
  }

  private static void strike(Blow blow, PostgresServer server) {
    try {
      blow.to(server);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private int start(MoveOptions options) {
    return rebalancer
        .start(rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)), options)
        .get(0);
  }

  private void endsWell(MigrationStatus.Outcome outcome) throws Exception {
    MigrationStatus over = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(over.outcome()).as("%s", over).isEqualTo(outcome);
    long soFar = writers.count();
    await().atMost(PATIENCE).until(() -> writers.count() > soFar + 20);
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.topology().moves()).isEmpty();
  }

  private MigrationStatus status() {
    return rebalancer.migration(number).orElseThrow();
  }
}
