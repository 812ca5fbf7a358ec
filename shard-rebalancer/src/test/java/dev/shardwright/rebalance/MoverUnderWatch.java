package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.testkit.ChildJvm;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * A migration under writers whose mover is a process of its own, with all that it does for good
 * counted; and a second mover at hand in this process.
 */
final class MoverUnderWatch implements AutoCloseable {
  private static final int ACCOUNTS = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Longer than a mover waits before it tries again what has failed. */
  private static final Duration QUIET = Duration.ofMillis(700);

  /** More than the session of a frozen mover lasts, so that the second one leads. */
  private static final int SUCCESSION_MILLIS = 2_000;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  final LiveCluster cluster;
  final Effects effects;
  private final Journey journey;
  private final EffectProxy toPostgres;
  private final EffectProxy toZooKeeper;
  private final ChildJvm first;
  private final Rebalancer second;
  private final Incrementing writers;
  private int migration;
  private boolean turned;

  MoverUnderWatch(Journey journey, Effects effects, long seed) throws SQLException {
    this.journey = journey;
    this.effects = effects;
    Sites direct = Sites.shared();
    PostgresServer postgres = PostgresServer.shared();
    this.toPostgres =
        EffectProxy.to(postgres.host(), postgres.port(), PostgresDialogue::new, effects);
    this.toZooKeeper =
        EffectProxy.to(
            "127.0.0.1", ZooKeeperServer.shared().port(), ZooKeeperDialogue::new, effects);
    String root = direct.zooKeeper().substring(direct.zooKeeper().indexOf('/'));
    this.first =
        MoverProcess.start(
            toZooKeeper.address() + root, Credentials.of(postgres.user(), postgres.password()));
    this.cluster = new LiveCluster(ACCOUNTS, direct.by(address -> toPostgres.address()));
    this.second = cluster.rebalancer();
    this.writers = Incrementing.gently(cluster, seed);
  }

  /** The process. */
  ChildJvm mover() {
    return first;
  }

  /**
   * Begins, and waits for that moment on the interesting part of the journey, or for its end.
   *
   * @param does what befalls the mover then
   * @return whether it came to that moment
   */
  boolean comesTo(Moment moment, Runnable does) {
    RebalancePlan plan = second.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
    if (journey == Journey.THERE) {
      effects.at(moment, does);
    }
    migration = second.start(plan, journey.options()).get(0);
    until(() -> effects.isOver() || takeTurn(moment, does).isOver());
    return effects.isOver();
  }

  /** Which effect was the last one, for people. */
  String lastEffect() {
    List<String> seen = effects.seen();
    String last = seen.isEmpty() ? "" : seen.get(seen.size() - 1);
    return "%s, effect %d: %s"
        .formatted(journey, seen.size(), last.substring(0, Math.min(100, last.length())));
  }

  /** Lets the second mover finish what the first one has left. */
  void finish() {
    second.campaign("second");
    until(() -> takeTurn(Moment.NEVER, () -> {}).isOver());
  }

  /** The same, and lets the first mover, which is frozen, go on in the middle of that. */
  void finishBesideTheFirst(Random random) throws InterruptedException {
    second.campaign("second");
    Thread.sleep(random.nextInt(SUCCESSION_MILLIS, 2 * SUCCESSION_MILLIS));
    first.thaw();
    until(() -> takeTurn(Moment.NEVER, () -> {}).isOver());
    await().atMost(PATIENCE).during(QUIET).until(() -> cluster.moverSessions(migration) == 0);
  }

  /** Lets the first mover go on, until it has found out that it leads no more, and has given up. */
  void wakeUp() {
    int before = effects.seen().size();
    first.thaw();
    until(() -> effects.seen().stream().skip(before).anyMatch(MoverUnderWatch::isCandidacy));
    await().atMost(PATIENCE).during(QUIET).until(() -> cluster.moverSessions(migration) == 0);
  }

  private static boolean isCandidacy(String effect) {
    return effect.contains("/leader/");
  }

  /** Nothing was lost or doubled, and nothing is left behind. */
  void check() throws SQLException {
    endWriters();
    MigrationStatus status = status();
    assertThat(status.outcome()).as("%s", status).isEqualTo(journey.outcome);
    assertThat(writers.count()).isPositive();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.leftOvers(migration)).isEmpty();
    assertThat(cluster.topology().moves()).isEmpty();
  }

  MigrationStatus status() {
    return second.migration(migration).orElseThrow();
  }

  private MigrationStatus takeTurn(Moment moment, Runnable does) {
    MigrationStatus status = status();
    if (!turned && status.state().equals(journey.from)) {
      turned = true;
      if (journey != Journey.THERE && !effects.isOver()) {
        effects.at(moment, does);
      }
      journey.turn(second, migration);
    }
    return status;
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(PATIENCE).pollInterval(LOOK_AGAIN).until(condition);
  }

  @Override
  public void close() throws SQLException {
    first.close();
    endWriters();
    second.close();
    cluster.close();
    toPostgres.close();
    toZooKeeper.close();
  }

  private void endWriters() {
    try {
      writers.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the writers ended", e);
    }
  }
}
