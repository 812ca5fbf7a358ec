package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.PostgresStandby;
import dev.shardwright.testkit.junit.PostgresExtension;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The server of the source or of the target is lost in the middle of a move, and an asynchronous
 * standby takes its place that lacks the last of its log. Then nothing may be missing but what that
 * server itself had acknowledged since.
 */
@Timeout(300)
@Tag("embedded")
@Tag("slow")
class StandbysThatLackIT {
  @RegisterExtension static final PostgresExtension SOURCE = new PostgresExtension();
  @RegisterExtension static final PostgresExtension TARGET = new PostgresExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  /** So long that a server can be lost in it. */
  private static final Duration WINDOW = Duration.ofSeconds(10);

  /** Where nobody waits for it. */
  private static final Duration SHORT_WINDOW = Duration.ofSeconds(1);

  private static final ShardId S = ShardId.of("s-1");
  private static final ShardId T = ShardId.of("s-2");

  /** Those that last long enough to be seen, in their order. */
  private static final List<String> STATES =
      List.of(
          "PLANNED",
          "REGISTERING",
          "PREPARING",
          "INSTALLING",
          "COPYING",
          "CATCHING_UP",
          "VERIFYING",
          "CUTTING_OVER",
          "IN_WINDOW",
          "CLEANING_UP");

  private static final String NOWHERE = "";

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final Effects effects = Effects.andMoments();
  private Detours detours;
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Incrementing writers;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    detours = new Detours(SOURCE.server(), TARGET.server(), effects);
    cluster = new LiveCluster(500, detours.sites());
    rebalancer = cluster.rebalancer();
    writers = Incrementing.throughCrashes(cluster, seed);
  }

  @AfterEach
  void close() throws Exception {
    writers.end();
    rebalancer.close();
    cluster.close();
    detours.close();
  }

  @ParameterizedTest(name = "{0}: detached while {1}, gone while {2}")
  @CsvSource({
    "source, COPYING, VERIFYING",
    "target, COPYING, VERIFYING",
    "source, VERIFYING, IN_WINDOW",
    "target, VERIFYING, IN_WINDOW",
    "source, PLANNED, REGISTERING",
    "target, REGISTERING, INSTALLING",
  })
  void onlyWhatItHadAcknowledgedItselfIsLost(String which, String detached, String gone)
      throws Exception {
    moveWithLoss(which, detached, gone);
  }

  @Tag("long")
  @ParameterizedTest(name = "{0}: detached while {1}, gone while {2}")
  @CsvSource({
    "source, REGISTERING, REGISTERING",
    "source, PLANNED, PREPARING",
    "source, REGISTERING, INSTALLING",
    "source, INSTALLING, INSTALLING",
    "target, PLANNED, REGISTERING",
    "target, REGISTERING, REGISTERING",
    "target, PLANNED, PREPARING",
    "target, INSTALLING, INSTALLING",
    "source, PLANNED, COPYING",
    "source, INSTALLING, COPYING",
    "source, COPYING, COPYING",
    "source, COPYING, CUTTING_OVER",
    "source, VERIFYING, CUTTING_OVER",
    "source, PLANNED, IN_WINDOW",
    "source, IN_WINDOW, IN_WINDOW",
    "source, VERIFYING, CLEANING_UP",
    "source, CLEANING_UP, CLEANING_UP",
    "target, PLANNED, COPYING",
    "target, INSTALLING, COPYING",
    "target, COPYING, COPYING",
    "target, COPYING, CUTTING_OVER",
    "target, VERIFYING, CUTTING_OVER",
    "target, PLANNED, IN_WINDOW",
    "target, IN_WINDOW, IN_WINDOW",
    "target, IN_WINDOW, CLEANING_UP",
    "target, CLEANING_UP, CLEANING_UP",
  })
  void theSameAtOtherMoments(String which, String detached, String gone) throws Exception {
    moveWithLoss(which, detached, gone);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"source", "target"})
  void theSameWhileAMoveIsTakenBack(String which) throws Exception {
    moveWithLoss(which, "IN_WINDOW", "VERIFYING", "IN_WINDOW");
  }

  @ParameterizedTest
  @ValueSource(strings = {"source", "target"})
  void theSameWhileAMoveIsGivenUp(String which) throws Exception {
    moveWithLoss(which, "COPYING", "ABORTING", "COPYING");
  }

  /** The source has acknowledged it; so it may not be taken from there on the way back. */
  @Test
  void whatTheTargetLacksComesAgainThoughTheMoveIsTakenBack() throws Exception {
    moveWithLoss("target", "VERIFYING", "IN_WINDOW", "IN_WINDOW");
  }

  /** The source's rows would be removed else before anybody could bring them again. */
  @Test
  void theWindowDoesNotEndWhileTheTargetIsAway() throws Exception {
    int number = start(WINDOW, 40_000);
    rebalancer.campaign("one");
    try (PostgresStandby standby = TARGET.server().standby()) {
      untilCome(number, "VERIFYING");
      writers.risk(T);
      standby.detach();
      long before = writers.count();
      await().atMost(PATIENCE).until(() -> writers.count() > before + 20);
      untilCome(number, "IN_WINDOW");
      TARGET.server().kill();
      Instant over = status(number).entered().plus(WINDOW);
      await().atMost(PATIENCE).until(() -> Instant.now().isAfter(over.plusSeconds(2)));
      assertThat(status(number).state()).isEqualTo("IN_WINDOW");
      TARGET.server().failOverTo(standby);
      writers.riskNoMore();
    }
    endsWell(number, MigrationStatus.Outcome.MOVED);
  }

  /** A gate refuses the ranges until the registers are asserted on the new server. */
  @Test
  void theRangesAreServedThoughTheMoveIsPaused() throws Exception {
    int number = start(SHORT_WINDOW, 10_000);
    rebalancer.campaign("one");
    try (PostgresStandby standby = SOURCE.server().standby()) {
      untilCome(number, "VERIFYING");
      rebalancer.pause(number);
      rebalancer.await(number, status -> status.hindrance() == Hindrance.PAUSED, PATIENCE);
      assertThat(status(number).state()).isEqualTo("VERIFYING");
      writers.risk(S);
      standby.detach();
      SOURCE.server().failOverTo(standby);
      writers.riskNoMore();
    }
    long soFar = writers.count();
    await().atMost(PATIENCE).until(() -> writers.count() > soFar + 50);
    rebalancer.resume(number);
    endsWell(number, MigrationStatus.Outcome.MOVED);
  }

  /** Nobody asserts registers of a move that is not in the topology any more. */
  @ParameterizedTest
  @CsvSource({"target, IN_WINDOW", "source, COPYING"})
  void theRangesAreServedThoughTheServerLacksTheEndOfTheMove(String which, String detached)
      throws Exception {
    PostgresServer server = which.equals("source") ? SOURCE.server() : TARGET.server();
    ShardId shard = which.equals("source") ? S : T;
    int number = start(WINDOW, 10_000);
    rebalancer.campaign("one");
    try (PostgresStandby standby = server.standby()) {
      untilCome(number, detached);
      assertThat(status(number).state()).isEqualTo(detached);
      writers.risk(shard);
      standby.detach();
      if (detached.equals("COPYING")) {
        rebalancer.abort(number);
      }
      rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      server.failOverTo(standby);
      writers.riskNoMore();
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(() -> cluster.execute(shard.value(), "update account set note = 'served'"));
    long soFar = writers.count();
    await().atMost(PATIENCE).until(() -> writers.count() > soFar + 20);
    writers.end();
    cluster.check(writers.acknowledged(), writers.atRisk(), writers.unknown());
    assertThat(cluster.leftOvers(number)).isNotEmpty();
  }

  /** For all that it knows, the ranges are with the target; and what is there has come back. */
  @ParameterizedTest
  @ValueSource(strings = {"source", "target"})
  void theSourceAloneServesTheRangesThoughAServerLacksTheWayBack(String which) throws Exception {
    PostgresServer server = which.equals("source") ? SOURCE.server() : TARGET.server();
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    rebalancer.campaign("one");
    try (PostgresStandby standby = server.standby()) {
      untilCome(number, "IN_WINDOW");
      long soFar = writers.count();
      await().atMost(PATIENCE).until(() -> writers.count() > soFar + 20);
      writers.end(); // so that the source has all that was acknowledged before its standby is alone
      await().atMost(PATIENCE).until(() -> cluster.count("s-2", keyLog(number)) == 0);
      standby.detach();
      rebalancer.rollBack(number);
      MigrationStatus back = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(back.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
      cluster.check(writers.acknowledged(), writers.unknown());
      server.failOverTo(standby);
    }
    String write = "update account set note = 'served' where hashint8extended(id, 0) >= 0";
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(() -> cluster.execute("s-1", write));
    if (which.equals("source")) {
      cluster.check(writers.acknowledged(), Map.of(), writers.unknown());
    } else {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> cluster.execute("s-2", write))
                      .isInstanceOfSatisfying(
                          SQLException.class,
                          e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.ROW_NOT_HERE)));
    }
    assertThat(cluster.count("s-1", "account")).isEqualTo(cluster.accounts);
    assertThat(cluster.leftOvers(number)).isNotEmpty();
  }

  /** What a state is about was done by the time that the pause is heeded, and is no more. */
  @Test
  void triggersThatTheTargetLacksComeAgainThoughTheMoveIsPaused() throws Exception {
    int number = start(SHORT_WINDOW, 40_000);
    try (PostgresStandby standby = TARGET.server().standby();
        Rebalancer leader = cluster.rebalancer(detachedWhenInstalling(standby, number))) {
      leader.campaign("one");
      rebalancer.await(number, status -> status.hindrance() == Hindrance.PAUSED, PATIENCE);
      assertThat(status(number).state()).isEqualTo("INSTALLING");
      TARGET.server().failOverTo(standby);
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(SQLException.class)
          .until(() -> isAsserted(number));
      rebalancer.resume(number);
      untilCome(number, "COPYING");
      assertThat(
              cluster.count(
                  "s-2", "pg_trigger where tgname = 'zzz_shardwright_gate_" + number + "'"))
          .isEqualTo(2);
      endsWell(number, MigrationStatus.Outcome.MOVED);
    }
  }

  /** Detaches it and has the move paused before the first session that is to install triggers. */
  private RebalancerOptions detachedWhenInstalling(PostgresStandby standby, int number) {
    AtomicBoolean detached = new AtomicBoolean();
    return cluster
        .options()
        .withCredentials(
            (shard, endpoint, role) -> {
              if (status(number).state().equals("INSTALLING") && !detached.getAndSet(true)) {
                rebalancer.pause(number);
                try {
                  standby.detach();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              }
              return cluster.credentials().credentialsFor(shard, endpoint, role);
            });
  }

  /** One move has nothing to bring again, and is done at once; the other must, and cannot yet. */
  @Test
  void routersAreKeptOutUntilTheLastMoveHasItsRowsAgain() throws Exception {
    long middle = Long.MIN_VALUE / 2;
    int resting = start(new KeyRange(Long.MIN_VALUE, middle - 1));
    int moved = start(new KeyRange(middle, -1));
    rebalancer.campaign("one");
    try (PostgresStandby standby = TARGET.server().standby()) {
      for (int number : List.of(resting, moved)) {
        untilCome(number, "COPYING");
        rebalancer.pause(number);
        rebalancer.await(number, status -> status.hindrance() == Hindrance.PAUSED, PATIENCE);
      }
      standby.detach();
      writers.end(); // so that nothing may be missing that only the target has acknowledged
      rebalancer.resume(moved);
      untilCome(moved, "IN_WINDOW");
      try (Connection inTheWay = cluster.connect(S)) {
        inTheWay.setAutoCommit(false);
        inTheWay
            .createStatement()
            .execute("lock table %s in access exclusive mode".formatted(keyLog(moved)));
        TARGET.server().failOverTo(standby);
        await().atMost(PATIENCE).until(() -> isAsserted(resting));
        await()
            .during(Duration.ofSeconds(3))
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(
                () -> assertThatThrownBy(this::enterTarget).hasMessageContaining("timeline"));
        assertThat(isAsserted(moved)).isFalse();
      }
    }
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(this::enterTarget);
    assertThat(isAsserted(moved)).isTrue();
    rebalancer.rollBack(moved);
    rebalancer.abort(resting);
    for (int number : List.of(resting, moved)) {
      rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(cluster.leftOvers(number)).isEmpty();
    }
    cluster.check(writers.acknowledged(), Map.of(), writers.unknown());
  }

  private int start(KeyRange range) {
    RebalanceRequest request =
        new RebalanceRequest.MoveTokens(new RingId("bank", Region.ALL), KeyRangeSet.of(range), T);
    return rebalancer
        .start(
            rebalancer.plan(request),
            new MoveOptions(Duration.ofMinutes(10), 12_000, 2, Duration.ofMillis(500)))
        .get(0);
  }

  private static String keyLog(int number) {
    return "shardwright.key_log_%d_1".formatted(number);
  }

  /** Whether the move has made its register count on the present server of the target. */
  private boolean isAsserted(int number) throws SQLException {
    return cluster.count(
            "s-2",
            "shardwright.register_timeline_%d where last_value = shardwright.timeline()"
                .formatted(number))
        == 1;
  }

  /** As a router does that knows everything. */
  private boolean enterTarget() throws SQLException {
    cluster.execute("s-2", "select shardwright.enter(7, 1000000)");
    return true;
  }

  private void moveWithLoss(String which, String detached, String gone) throws Exception {
    moveWithLoss(which, detached, gone, NOWHERE);
  }

  /**
   * In each of these states, before the mover goes on in it.
   *
   * @param turned in which of them the ranges are asked back, or the move is given up
   */
  private void moveWithLoss(String which, String detached, String gone, String turned)
      throws Exception {
    PostgresServer server = which.equals("source") ? SOURCE.server() : TARGET.server();
    ShardId shard = which.equals("source") ? S : T;
    List<String> struck = new CopyOnWriteArrayList<>();
    int number = start(windowFor(List.of(detached, gone), turned), 40_000);
    try (PostgresStandby standby = server.standby();
        Rebalancer mover =
            Rebalancer.connect(detours.zooKeeper(), LiveCluster.NAME, cluster.options())) {
      Blow loss =
          () -> {
            struck.add(steered(number, turned));
            Topology then = cluster.topology();
            server.failOverTo(standby);
            writers.riskNoMore();
            writers.isSafe(account -> !cluster.ownerOf(then, account).equals(shard));
          };
      Blow detachment =
          () -> {
            struck.add(steered(number, turned));
            writers.risk(shard);
            standby.detach();
            long before = writers.count();
            await().atMost(PATIENCE).until(() -> writers.count() > before + 5);
            at(gone.equals(detached) ? Moment.after(1) : momentIn(gone), loss);
          };
      if (detached.equals("PLANNED")) {
        detachment.fall();
      } else {
        at(momentIn(detached), detachment);
      }
      mover.campaign("one");
      await().atMost(PATIENCE).until(() -> effects.isOver() || status(number).isOver());
      assertThat(struck).containsExactly(detached, gone);
      endsWell(
          number,
          turned.equals(NOWHERE)
              ? MigrationStatus.Outcome.MOVED
              : MigrationStatus.Outcome.TAKEN_BACK);
    }
  }

  private static Duration windowFor(List<String> states, String turned) {
    if (!turned.equals(NOWHERE)) {
      return Duration.ofMinutes(10);
    }
    return states.contains("IN_WINDOW") ? WINDOW : SHORT_WINDOW;
  }

  /** The state that it is in, where it may be asked back, or given up. */
  private String steered(int number, String turned) {
    String state = status(number).state();
    if (state.equals(turned) && state.equals("IN_WINDOW")) {
      rebalancer.rollBack(number);
    } else if (state.equals(turned)) {
      rebalancer.abort(number);
    }
    return state;
  }

  private interface Blow {
    void fall() throws Exception;
  }

  private void at(Moment moment, Blow blow) {
    effects.at(
        moment,
        () -> {
          try {
            blow.fall();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** As the state begins, or once there is a session for it; with a hold, while work waits. */
  private Moment momentIn(String state) {
    return state.equals("CUTTING_OVER")
        ? Moment.afterHold(random.nextInt(4))
        : Moment.afterEntering(state, random.nextInt(3));
  }

  private int start(Duration window, long bytesPerSecond) {
    return rebalancer
        .start(
            rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
            new MoveOptions(window, bytesPerSecond, 2, Duration.ofMillis(500)))
        .get(0);
  }

  private void endsWell(int number, MigrationStatus.Outcome outcome) throws Exception {
    MigrationStatus over = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(over.outcome()).as("%s", over).isEqualTo(outcome);
    long soFar = writers.count();
    await().atMost(PATIENCE).until(() -> writers.count() > soFar + 20);
    writers.end();
    System.out.println("at risk were " + writers.atRisk().size() + " accounts");
    cluster.check(writers.acknowledged(), writers.atRisk(), writers.unknown());
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.topology().moves()).isEmpty();
  }

  private void untilCome(int number, String state) {
    int place = STATES.indexOf(state);
    await()
        .atMost(PATIENCE)
        .pollInterval(LOOK_AGAIN)
        .until(
            () -> status(number).state(),
            now -> STATES.indexOf(now) >= place || now.equals("DONE"));
  }

  private MigrationStatus status(int number) {
    return rebalancer.migration(number).orElseThrow();
  }
}
