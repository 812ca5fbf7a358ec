package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.testkit.junit.PostgresExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
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
@Tag("slow")
class ServersCrashIT {
  @RegisterExtension
  static final PostgresExtension SOURCE =
      new PostgresExtension(PostgresOptions.DEFAULTS.with("max_prepared_transactions", "2"));

  @RegisterExtension static final PostgresExtension TARGET = new PostgresExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Those in which both servers have something to do, in their order. */
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
  private final Random random = new Random(seed);
  private final Effects effects = Effects.andMoments();
  private final List<String> struck = new CopyOnWriteArrayList<>();
  private final BlockingQueue<PostgresServer> down = new LinkedBlockingQueue<>();
  private final List<EffectProxy> proxies = new ArrayList<>();
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Rebalancer mover;
  private Incrementing writers;

  /** All that the mover does goes through proxies, so that it can be told where it is. */
  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    Map<String, String> ways = new HashMap<>();
    for (PostgresServer server : List.of(SOURCE.server(), TARGET.server())) {
      String address = server.host() + ":" + server.port();
      ways.put(address, proxied(server.host(), server.port(), PostgresDialogue::new));
    }
    Sites direct = Sites.on(SOURCE.server(), TARGET.server());
    cluster = new LiveCluster(500, direct.by(address -> ways.getOrDefault(address, address)));
    String root = cluster.zooKeeper.substring(cluster.zooKeeper.indexOf('/'));
    rebalancer = cluster.rebalancer();
    mover =
        Rebalancer.connect(
            proxied("127.0.0.1", ZooKeeperServer.shared().port(), ZooKeeperDialogue::new) + root,
            LiveCluster.NAME,
            cluster.options());
    writers = Incrementing.throughCrashes(cluster, seed);
  }

  private String proxied(String host, int port, Supplier<EffectProxy.Dialogue> dialogues) {
    EffectProxy proxy = EffectProxy.to(host, port, dialogues, effects);
    proxies.add(proxy);
    return proxy.address();
  }

  @AfterEach
  void close() throws Exception {
    writers.end();
    mover.close();
    rebalancer.close();
    cluster.close();
    proxies.forEach(EffectProxy::close);
  }

  @Test
  void nothingIsLostWhenOneOfThemCrashesInEachState() throws Exception {
    crashByTurns(random.nextBoolean());
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
    endsWell(number);
  }

  private interface Blow {
    void to(PostgresServer server) throws Exception;
  }

  /** They are back some time after the mover has met them dead. */
  private void crashByTurns(boolean sourceFirst) throws Exception {
    byTurns(
        STATES,
        sourceFirst,
        server -> {
          server.kill();
          down.add(server);
        });
  }

  private void byTurns(List<String> states, boolean sourceFirst, Blow blow) throws Exception {
    int number = start(40_000);
    strikeNext(number, states, sourceFirst, blow);
    mover.campaign("one");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              PostgresServer dead = down.poll();
              if (dead != null) {
                dead.restart();
              }
              return effects.isOver() || status(number).isOver();
            });
    for (PostgresServer dead : down) {
      dead.restart();
    }
    endsWell(number);
    assertThat(struck).isEqualTo(states);
  }

  /** In the first of these states, then in the others, before the mover goes on in any. */
  private void strikeNext(int number, List<String> states, boolean onSource, Blow blow) {
    String state = states.get(0);
    List<String> later = states.subList(1, states.size());
    effects.at(
        momentIn(state),
        () -> {
          strike(blow, onSource ? SOURCE.server() : TARGET.server());
          struck.add(status(number).state());
          if (!later.isEmpty()) {
            strikeNext(number, later, !onSource, blow);
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

  private MigrationStatus status(int number) {
    return rebalancer.migration(number).orElseThrow();
  }
}
