package dev.shardwright.rebalance;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.internal.driver.Leadership;
import dev.shardwright.rebalance.internal.driver.Pinning;
import dev.shardwright.rebalance.internal.events.Events;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.metrics.ContentMeters;
import dev.shardwright.rebalance.internal.metrics.MigrationMeters;
import dev.shardwright.rebalance.internal.migration.Desired;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.internal.preflight.PlanPreflight;
import dev.shardwright.rebalance.internal.sample.AdminSessions;
import dev.shardwright.rebalance.internal.sample.ClusterContent;
import dev.shardwright.rebalance.internal.sample.ClusterSampler;
import dev.shardwright.rebalance.internal.sample.RingSampler;
import dev.shardwright.rebalance.internal.sample.SampleOptions;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.PlannedMove;
import dev.shardwright.rebalance.plan.PlannedRing;
import dev.shardwright.rebalance.plan.Planner;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.ring.Pin;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Moves ranges of keys between the shards of a live cluster. Any process may plan, start, watch and
 * steer; what was started is carried out by whoever leads among those that {@link #campaign}, and
 * what happens is told there ({@link RebalancerOptions#withListener}). Thread-safe.
 *
 * <p>Calls throw {@link dev.shardwright.TopologyUnavailable} if ZooKeeper gives no answer in time.
 */
public final class Rebalancer implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final ZooKeeperCluster cluster;
  private final RebalancerOptions options;
  private final Journal journal;
  private final Leadership leadership;
  private final ClusterSampler sampler;
  private final ContentMeters contentMeters;
  private final Events events;

  private Rebalancer(ZooKeeperCluster cluster, RebalancerOptions options) {
    this.cluster = cluster;
    this.options = options;
    this.journal = new Journal(cluster.migrations());
    this.sampler =
        new ClusterSampler(
            cluster,
            new RingSampler(new AdminSessions(options.credentials()), SampleOptions.DEFAULTS));
    MeterRegistry meters = options.meters().orElseGet(CompositeMeterRegistry::new);
    this.contentMeters = new ContentMeters(meters);
    MigrationMeters migrationMeters = new MigrationMeters(meters);
    this.events = new Events(migrationMeters, options.listener());
    this.leadership =
        new Leadership(
            cluster,
            options.credentials(),
            migrationMeters,
            events,
            Clock.systemUTC(),
            new SplittableRandom());
  }

  /**
   * Connects to a cluster.
   *
   * @param zookeeper {@code host:port}, several divided by commas
   * @param cluster the cluster's name
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper cannot be reached in time
   */
  public static Rebalancer connect(String zookeeper, String cluster, RebalancerOptions options) {
    return new Rebalancer(
        ZooKeeperCluster.connect(zookeeper, cluster, options.zookeeper()), options);
  }

  /**
   * The plan for a request, from samples of what is where now and from what routers report of their
   * load. Only rings that the request is about are sampled. Changes nothing.
   *
   * @throws IllegalArgumentException if the request names what is not there
   */
  public RebalancePlan plan(RebalanceRequest request) {
    ClusterContent content = sampler.sample(request::isAbout);
    if (content.isWhole()) {
      measure(content);
    }
    return new Planner(options.planning()).plan(content.topology(), content.rings(), request);
  }

  /**
   * How uneven each ring is by tokens, and by rows, bytes and load as far as there are any: from
   * samples of what is where now, and from what routers report. Changes nothing. Keyspaces that are
   * not sharded have no skew. Metrics show the same until the next call, of this or of a {@link
   * #plan} about all rings.
   */
  public List<Skew> skew() {
    return measure(sampler.sample());
  }

  /**
   * What stands in the way of a plan, or may: whether its ranges are still where it says and nobody
   * else moves them, and what is on both shards of each move. Changes nothing.
   */
  public PlanCheck check(RebalancePlan plan) {
    return new PlanPreflight(
            options.credentials(),
            cluster.topologyStore().read(),
            journal.legible(),
            cluster.routers())
        .run(plan);
  }

  /**
   * Makes a migration of each move of a plan. A key that is to be pinned becomes a pin when its
   * move begins, and is none any more if that is taken back; one that is to stay is pinned here.
   * They begin as soon as somebody leads, in the order of the plan, as many at a time as the shards
   * can bear.
   *
   * @return their numbers, in the order of the plan's moves
   * @throws SteeringRefused if {@link #check} finds what blocks a move of the plan, which would be
   *     given up at once; or if a key that is to be pinned where it is has moved
   * @throws StartIncomplete if ZooKeeper gives no answer in time once some may be there
   */
  public List<Integer> start(RebalancePlan plan, MoveOptions moves) {
    PlanCheck check = check(plan);
    if (check.isBlocked()) {
      throw new SteeringRefused(check.describe());
    }
    plan.rings().forEach(ring -> pinInPlace(plan, ring));
    List<Integer> numbers = new ArrayList<>();
    try {
      for (PlannedMove move : plan.moves()) {
        Optional<String> key = plan.pinOf(move).map(Pin::key);
        journal.create(
            number -> {
              numbers.add(number);
              return planned(number, move, key, moves);
            });
      }
    } catch (TopologyUnavailable e) {
      if (numbers.isEmpty()) {
        throw e;
      }
      throw new StartIncomplete(numbers, plan.moves().size(), e);
    }
    return List.copyOf(numbers);
  }

  /** All migrations that are kept, those that cannot be read too. */
  public KeptMigrations kept() {
    Journal.Wanted wanted = journal.wanted();
    List<MigrationStatus> legible =
        wanted.desired().entrySet().stream()
            .map(each -> MigrationStatus.of(each.getKey(), each.getValue()))
            .toList();
    return new KeptMigrations(legible, wanted.illegible());
  }

  /** Those of {@link #kept} that can be read. */
  public List<MigrationStatus> migrations() {
    return kept().legible();
  }

  /**
   * That migration, if it is kept.
   *
   * @throws TopologyUnavailable also if it cannot be read
   */
  public Optional<MigrationStatus> migration(int number) {
    return journal.read(number).map(entry -> status(entry.migration()));
  }

  /**
   * Lets a migration rest at the next place where that does no harm; not within a cutover.
   *
   * @throws SteeringRefused if there is no such migration, it is over, or it is to be aborted or
   *     rolled back and has not begun to: a pause would take that back
   */
  public void pause(int number) {
    steer(number, Desired.PAUSE, Rebalancer::whyNotPaused);
  }

  /**
   * Lets a paused migration go on; so does one that is to be aborted or rolled back and has not
   * begun to.
   *
   * @throws SteeringRefused if there is no such migration, or it is over
   */
  public void resume(int number) {
    steer(number, Desired.RUN, Rebalancer::whyOver);
  }

  /**
   * Gives a migration up and removes what it has copied.
   *
   * @throws SteeringRefused if there is no such migration, it is over, or the ranges have changed
   *     hands, or are on their way back; the message says what can be done instead
   */
  public void abort(int number) {
    steer(number, Desired.ABORT, Rebalancer::whyNotAborted);
  }

  /**
   * Takes the ranges of a migration back to where they came from, with all that was written since.
   *
   * @throws SteeringRefused if there is no such migration, or its window is not open
   */
  public void rollBack(int number) {
    steer(
        number,
        Desired.ROLL_BACK,
        status ->
            status.state().equals("IN_WINDOW")
                ? Optional.empty()
                : Optional.of("it is not in its rollback window"));
  }

  /**
   * Forgets a migration that is over.
   *
   * @throws SteeringRefused if there is no such migration, or it is not over
   */
  public void forget(int number) {
    MigrationStatus status = status(number);
    if (!status.isOver()) {
      throw new SteeringRefused(
          "migration %d is %s: only one that is DONE or ABORTED can be forgotten"
              .formatted(number, status.state()));
    }
    journal.remove(number);
  }

  /**
   * Waits until a migration is as wanted.
   *
   * @return what it came to
   * @throws TimeoutException if it is not within that time
   * @throws SteeringRefused if there is no such migration
   */
  public MigrationStatus await(int number, Predicate<MigrationStatus> wanted, Duration patience)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      MigrationStatus status = status(number);
      if (wanted.test(status)) {
        return status;
      }
      if (System.nanoTime() - end >= 0) {
        throw new TimeoutException("after %s: %s".formatted(patience, status));
      }
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
  }

  /**
   * Stands for election from now on: while it leads, this process carries out all migrations. Call
   * once.
   *
   * @param name what people call this candidate
   */
  public void campaign(String name) {
    leadership.campaign(name);
  }

  /**
   * Steps down and disconnects. What was under way is left for the next leader. Safe to call twice.
   */
  @Override
  public void close() {
    leadership.close();
    events.close();
    contentMeters.close();
    cluster.close();
  }

  private List<Skew> measure(ClusterContent content) {
    List<Skew> skews =
        content.rings().stream()
            .flatMap(ring -> Skew.allOf(content.topology(), ring).stream())
            .toList();
    contentMeters.show(content.rings(), skews);
    return skews;
  }

  /** A key that moves is pinned by its migration. */
  private void pinInPlace(RebalancePlan plan, PlannedRing ring) {
    boolean moves = plan.moves().stream().anyMatch(move -> plan.pinOf(move).isPresent());
    ring.pinned()
        .filter(pin -> !moves)
        .ifPresent(
            pin -> {
              if (!Pinning.pin(cluster.topologyStore(), ring.id(), pin)) {
                throw new SteeringRefused(
                    "key '%s' is not on shard %s any more, or moves: make a new plan"
                        .formatted(pin.key(), pin.shard()));
              }
            });
  }

  private static Migration planned(
      int number, PlannedMove move, Optional<String> key, MoveOptions options) {
    return Migration.planned(
        number,
        move.ring().keyspace(),
        move.ring().region(),
        move.transfer(),
        key,
        move.reason(),
        options,
        Clock.systemUTC().instant());
  }

  /**
   * @param objection why that cannot be wanted of such a migration; empty if it can
   */
  private void steer(
      int number, Desired desired, Function<MigrationStatus, Optional<String>> objection) {
    journal.want(
        number,
        desired,
        () -> {
          MigrationStatus status = status(number);
          objection
              .apply(status)
              .ifPresent(
                  why -> {
                    throw new SteeringRefused(
                        "migration %d is %s: %s".formatted(number, status.state(), why));
                  });
        });
  }

  private static Optional<String> whyOver(MigrationStatus status) {
    return status.isOver() ? Optional.of("it is over") : Optional.empty();
  }

  private static Optional<String> whyNotPaused(MigrationStatus status) {
    Desired desired = Desired.valueOf(status.desired());
    boolean turns =
        MigrationDecider.isToTurn(
            MigrationState.valueOf(status.state()), direction(status), desired);
    return turns
        ? Optional.of(
            "it is to be %s, and a pause would take that back: resume it first if that is meant"
                .formatted(desired == Desired.ABORT ? "aborted" : "rolled back"))
        : whyOver(status);
  }

  private static Direction direction(MigrationStatus status) {
    return status.rollingBack() ? Direction.BACK : Direction.FORWARD;
  }

  private static Optional<String> whyNotAborted(MigrationStatus status) {
    MigrationState state = MigrationState.valueOf(status.state());
    boolean back = status.rollingBack();
    if (state == MigrationState.ABORTING || MigrationDecider.mayGiveUp(state, direction(status))) {
      return Optional.empty();
    }
    return Optional.of(
        switch (state) {
          case IN_WINDOW -> "the ranges have changed hands: roll it back, while its window is open";
          case CLEANING_UP ->
              back
                  ? "its ranges were taken back, there is nothing to abort"
                  : "the ranges have changed hands, and its window is over: let it end, and take"
                      + " them back with a new plan";
          case DONE ->
              back
                  ? "its ranges were taken back, there is nothing to abort"
                  : "the ranges have changed hands: take them back with a new plan";
          case ABORTED -> "nothing has moved, there is nothing to abort";
          case PLANNED,
              REGISTERING,
              PREPARING,
              INSTALLING,
              COPYING,
              CATCHING_UP,
              VERIFYING,
              CUTTING_OVER,
              ABORTING ->
              "it takes its ranges back already, and that cannot be aborted: let it end";
        });
  }

  private MigrationStatus status(Migration migration) {
    return MigrationStatus.of(migration, journal.desired(migration.number()));
  }

  private MigrationStatus status(int number) {
    return migration(number)
        .orElseThrow(() -> new SteeringRefused("there is no migration %d".formatted(number)));
  }
}
