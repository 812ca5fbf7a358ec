package dev.shardwright.rebalance.internal.driver;

import com.google.common.base.Ticker;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.capture.TableBusy;
import dev.shardwright.rebalance.internal.cutover.MoveTopology;
import dev.shardwright.rebalance.internal.cutover.RouterWatch;
import dev.shardwright.rebalance.internal.cutover.Superseded;
import dev.shardwright.rebalance.internal.events.Events;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.Decision;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.internal.migration.Situation;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.zookeeper.FencingToken;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one migration out, from wherever its journal says it is, to its end or until this leader
 * is dismissed: observes, decides, records, performs. Used by one thread.
 */
final class MigrationRun {
  private static final Logger LOG = LoggerFactory.getLogger(MigrationRun.class);

  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final CredentialsProvider credentials;
  private final int token;
  private final Clock clock;
  private final Journal journal;
  private final Keeper keeper;
  private final News news;
  private final MoveTopology topology;
  private final RouterWatch routers;
  private final Phases phases;
  private final Attempts attempts = new Attempts(Ticker.systemTicker());
  private final Pace pace;

  /** Made with the first work in the databases, and again after a server was replaced. */
  private Optional<MoveContext> context = Optional.empty();

  private boolean complete;
  private Optional<String> obstacle = Optional.empty();
  private Optional<Since> progressRecorded = Optional.empty();

  MigrationRun(
      ZooKeeperCluster cluster,
      CredentialsProvider credentials,
      Events events,
      Journal.Entry entry,
      int token,
      Clock clock,
      RandomGenerator random) {
    this.credentials = credentials;
    this.token = token;
    this.clock = clock;
    this.pace = new Pace(random);
    this.journal = new Journal(cluster.migrations());
    this.keeper = new Keeper(journal, entry, token);
    this.news = new News(events, keeper::migration);
    int number = entry.migration().number();
    this.topology =
        new MoveTopology(
            cluster.topologyStore(),
            number,
            token,
            () -> cluster.election().isNewest(new FencingToken(token)));
    this.routers = new RouterWatch(cluster, news::cutOff);
    this.phases = new Phases(keeper, journal, cluster.acknowledgements(), random);
  }

  /**
   * Goes on until the migration is over.
   *
   * @throws Superseded if another leader carries it out
   * @throws InterruptedException if this leader is dismissed
   */
  void run() throws InterruptedException {
    try (phases) {
      toTheEnd();
    } catch (Superseded e) {
      throw e;
    } catch (RuntimeException | Error e) {
      keepTold(e);
      throw e;
    }
  }

  /** It is begun again, and may fail again: people are told. */
  private void keepTold(Throwable failure) {
    if (Thread.currentThread().isInterrupted()) {
      return; // this leader is dismissed
    }
    try {
      keeper.record(migration -> noted(migration, failure.toString()));
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private void toTheEnd() throws InterruptedException {
    topologyOrRest(topology::takeOver);
    news.takenOver(token);
    while (!Thread.interrupted()) {
      try {
        if (!step()) {
          return;
        }
        pace.wentWell();
      } catch (Wish.WorkLeft e) {
        LOG.info("Migration {} leaves its work: it is to be aborted", number());
        leaveContext(); // ends sessions of lanes that are at work still
      } catch (Obstacle e) {
        met(e);
      } catch (SQLException e) {
        failed(e);
      } catch (TopologyUnavailable e) {
        awaitZooKeeper(e);
      }
    }
    throw new InterruptedException();
  }

  /** One turn of the loop; false once the migration is over. */
  private boolean step() throws SQLException, InterruptedException {
    Migration migration = keeper.migration();
    Decision decision =
        MigrationDecider.next(migration.state(), migration.direction(), situation(migration));
    if (decision instanceof Decision.Over) {
      return false;
    }
    if (decision instanceof Decision.Enter enter) {
      if (migration.state() == MigrationState.IN_WINDOW) {
        // What the target may have lost, the source has until the clean-up.
        contextOf(migration).checkServers();
      }
      enter(enter);
    } else if (decision instanceof Decision.Rest rest) {
      rest(rest.reason());
    } else {
      work(migration);
    }
    return true;
  }

  private Situation situation(Migration migration) {
    Instant now = clock.instant();
    return new Situation(
        journal.desired(number()),
        topology.move(),
        complete && !attempts.isAtLeisure(),
        migration.verified(),
        attempts.areLeft(),
        attempts.waitedFor(),
        !now.isBefore(migration.windowEnds()),
        obstacle);
  }

  private void enter(Decision.Enter enter) {
    Migration before = keeper.migration();
    boolean handsChanged = haveHandsChanged(before.state(), enter.state());
    Optional<CutoverPause> pause = handsChanged ? phases.pause() : before.pause();
    OptionalLong openedAt =
        enter.direction() == before.direction() ? before.openedAt() : openedAt(before);
    keeper.record(
        migration ->
            migration
                .enter(enter.state(), enter.direction(), noteOf(before, enter), clock.instant())
                .withPause(pause)
                .withOpenedAt(openedAt));
    news.entered(before.state(), enter);
    if (handsChanged) {
      news.changedHands(pause);
    }
    attempts.entered(enter.state());
    complete = false;
    obstacle = Optional.empty();
    if (enter.state() == MigrationState.CLEANING_UP || enter.state() == MigrationState.ABORTING) {
      leaveContext(); // where the next is made, the shard that keeps the ranges stops logging them
    }
  }

  /** Where the ranges turn back: the value of their opening, if all of them were compared. */
  private OptionalLong openedAt(Migration migration) {
    Optional<RangeMove> move = topology.move();
    return migration.verified() && move.isPresent()
        ? OptionalLong.of(move.get().value())
        : OptionalLong.empty();
  }

  /** There, also if the COMMIT came before an abort, or back. */
  private static boolean haveHandsChanged(MigrationState before, MigrationState after) {
    return after == MigrationState.IN_WINDOW
        || (before == MigrationState.CUTTING_OVER && after == MigrationState.CLEANING_UP);
  }

  private static String noteOf(Migration before, Decision.Enter enter) {
    // That the copy is complete is nothing to be told as if it were in the way.
    boolean goesWell =
        before.state() == MigrationState.COPYING || before.state() == MigrationState.VERIFYING;
    return switch (enter.state()) {
      case ABORTED, ABORTING -> enter.reason();
      case CATCHING_UP -> goesWell ? "" : enter.reason();
      case PLANNED,
          REGISTERING,
          PREPARING,
          INSTALLING,
          COPYING,
          VERIFYING,
          CUTTING_OVER,
          IN_WINDOW,
          CLEANING_UP,
          DONE ->
          "";
    };
  }

  private void rest(String reason) throws SQLException, InterruptedException {
    String note = obstacle.map(why -> MigrationDecider.CANNOT + why).orElse(reason);
    keeper.record(migration -> migration.withNote(note));
    news.rested(reason);
    Thread.sleep(Pace.REST.toMillis());
    // What was in the way may be gone: it is tried again after a while.
    obstacle = Optional.empty();
    if (keeper.migration().state() != MigrationState.PLANNED) {
      contextOf(keeper.migration()).checkServers();
    }
  }

  private void work(Migration migration) throws SQLException, InterruptedException {
    keeper.record(Migration::goesOn);
    Phase phase = phase(migration);
    if (migration.verified() && !keeper.migration().verified()) {
      return; // a server was replaced: what comes next is decided anew
    }
    complete = phase.work();
    tell(phase.waitsFor());
    news.worked();
    recordProgress(phase);
    boolean isAttempt = phase instanceof CuttingOver;
    if (isAttempt && !complete) {
      attemptFailed(phase.waitsFor());
      Thread.sleep(pace.afterAttempt().toMillis());
    }
    if (!complete) {
      boolean others = phase.waitsFor().isPresent() && !isAttempt; // attempts go on as before
      Thread.sleep(pace.beforeMore(others).toMillis());
    } else if (migration.state() == MigrationState.IN_WINDOW || attempts.isAtLeisure()) {
      Thread.sleep(Pace.REST.toMillis());
    } else {
      pace.completed();
    }
  }

  /** Work that went well is kept by nobody but those for whom it waits. */
  private void tell(Optional<String> waitsFor) {
    keeper.record(
        migration ->
            waitsFor
                .map(others -> migration.withNote(MigrationDecider.WAITS + others))
                .orElseGet(migration::unhindered));
  }

  /** Not each time: catching up is many small pieces of work. */
  private void recordProgress(Phase phase) {
    if (complete || isLongAgo(progressRecorded)) {
      keeper.record(migration -> migration.withProgress(phase.progress(migration.progress())));
      progressRecorded = Optional.of(Since.now());
    }
  }

  private static boolean isLongAgo(Optional<Since> recorded) {
    return recorded.isEmpty() || recorded.get().isLongerAgoThan(Phases.LOOK_AT_SIGNALS);
  }

  private void attemptFailed(Optional<String> others) {
    attempts.failed(others);
    keeper.record(Migration::attempted);
    news.attemptFailed(others);
  }

  /** Before anything of it is registered, a migration needs nothing but two sessions. */
  private Phase phase(Migration migration) throws SQLException, InterruptedException {
    return phases.of(
        migration,
        migration.state() == MigrationState.PLANNED ? newContext(migration) : contextOf(migration));
  }

  /** By now this leader is the one that both databases know. */
  private MoveContext contextOf(Migration migration) throws SQLException, InterruptedException {
    if (context.isPresent()) {
      return context.get();
    }
    MoveContext made = phases.registering(newContext(migration)).work();
    context = Optional.of(made);
    return made;
  }

  /** What was done with it, a server that is replaced meanwhile may lack. */
  private void leaveContext() {
    context = Optional.empty();
    complete = false;
  }

  private MoveContext newContext(Migration migration) {
    return new MoveContext(migration, token, topology.read(), credentials, topology, routers);
  }

  /** While nothing is applied, writes are logged on: what needs room has to be seen. */
  private void countWhatWaits(SQLException failure) {
    Migration migration = keeper.migration();
    try {
      OptionalLong waiting = WaitingWrites.count(migration, () -> newContext(migration));
      waiting.ifPresent(
          writes -> keeper.record(now -> now.withProgress(now.progress().withKeyLog(writes))));
    } catch (SQLException | Obstacle | TopologyUnavailable e) {
      failure.addSuppressed(e); // then that side is away, or a table of it, or ZooKeeper
    }
  }

  /** Who keeps the tables locked, if the work has waited for a lock in vain. */
  private Optional<String> lockers(SQLException failure) {
    boolean locked = LOCK_NOT_AVAILABLE.equals(failure.getSQLState());
    if (!locked || failure instanceof TableBusy) {
      return Optional.empty();
    }
    try {
      return TableLockers.find(newContext(keeper.migration()));
    } catch (SQLException | Obstacle | TopologyUnavailable e) {
      failure.addSuppressed(e); // then a side is away, or ZooKeeper
      return Optional.empty();
    }
  }

  private void failed(SQLException e) throws InterruptedException {
    String sqlState = String.valueOf(e.getSQLState());
    if (sqlState.equals(SqlStates.MOVER_SUPERSEDED)) {
      throw new Superseded(number(), token);
    }
    countWhatWaits(e);
    Optional<String> lockers = lockers(e);
    news.failed(e);
    // Whatever became of the servers, both are made to know this mover and their registers again.
    leaveContext();
    keeper.record(
        migration ->
            lockers
                .map(others -> migration.withNote(MigrationDecider.WAITS + others))
                .orElseGet(() -> noted(migration, String.valueOf(e.getMessage()))));
    if (keeper.migration().state() == MigrationState.CUTTING_OVER) {
      attemptFailed(lockers);
    }
    Thread.sleep(pace.afterFailure().toMillis());
  }

  /** What goes back is not given up: it is compared anew, with the tables as they are by then. */
  private void met(Obstacle e) {
    leaveContext(); // ends sessions of lanes that are at work still
    obstacle = Optional.of(String.valueOf(e.getMessage()));
    news.obstacle(e);
    if (e.outdatesComparison() && keeper.migration().direction() == Direction.BACK) {
      keeper.record(Migration::afresh);
    }
  }

  private static Migration noted(Migration migration, String failure) {
    return migration.withNote(MigrationDecider.FAILED + failure);
  }

  private void topologyOrRest(Runnable change) throws InterruptedException {
    while (true) {
      try {
        change.run();
        return;
      } catch (TopologyUnavailable e) {
        awaitZooKeeper(e);
      }
    }
  }

  /** Who is dismissed in the middle of a request has nothing to warn of. */
  private void awaitZooKeeper(TopologyUnavailable e) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    LOG.warn("Migration {} waits for ZooKeeper", number(), e);
    Thread.sleep(pace.afterFailure().toMillis());
  }

  private int number() {
    return keeper.migration().number();
  }
}
