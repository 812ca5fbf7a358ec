package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.capture.TableLocking;
import dev.shardwright.rebalance.internal.cutover.Stopwatch;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.ComparedRows;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.internal.throttle.Signal;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes the work of each state of one migration. */
final class Phases implements AutoCloseable {
  /** How often long work looks whether it is to rest, and tells how far it is. */
  static final Duration LOOK_AT_SIGNALS = Duration.ofMillis(500);

  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(30);

  private final Keeper keeper;
  private final Journal journal;
  private final MoveAcknowledgements acknowledgements;
  private final Preparing.Beginning beginning = new Preparing.Beginning();
  private final OlderWork older = new OlderWork();
  private final TableLocking locking;

  /** Outlives attempts: of one that broke it may turn out only later that it was successful. */
  private final Stopwatch stopwatch = new Stopwatch();

  private @Nullable Strain strain;

  Phases(
      Keeper keeper,
      Journal journal,
      MoveAcknowledgements acknowledgements,
      RandomGenerator random) {
    this.keeper = keeper;
    this.journal = journal;
    this.acknowledgements = acknowledgements;
    this.locking =
        new TableLocking(TableLocking.LONGEST_WAIT, LOCK_PATIENCE, random, this::waitsFor);
  }

  /** What makes both databases know this mover. */
  Registering registering(MoveContext at) {
    return new Registering(
        at,
        locking,
        () -> keeper.record(Migration::unverified),
        () -> keeper.record(migration -> migration.withOpenedAt(OptionalLong.empty())));
  }

  /** How long work on the ranges waited when they changed hands last; empty if not known. */
  Optional<CutoverPause> pause() {
    return stopwatch.pause();
  }

  /** The work of the migration's state. */
  Phase of(Migration migration, MoveContext at) {
    Direction direction = migration.direction();
    if (!isBesideTheService(migration.state())) {
      close();
    }
    return switch (migration.state()) {
      case PLANNED -> new Planned(at);
      case REGISTERING -> () -> true; // done with the context
      case PREPARING -> new Preparing(at, acknowledgements, beginning, older);
      case INSTALLING -> installing(at);
      case COPYING -> copying(at, migration.definitions());
      case CATCHING_UP -> new CatchingUp(at, direction, throttle(List.of(wish(at))));
      case VERIFYING ->
          new Verifying(
              at, direction, patient(at), migration.definitions(), this::defined, this::compared);
      case CUTTING_OVER -> cuttingOver(at, migration);
      case IN_WINDOW -> new CatchingUp(at, Direction.BACK, throttle(List.of()));
      case CLEANING_UP -> cleaningUp(at, patient(at));
      case ABORTING -> new Aborting(at, cleaningUp(at, throttle(List.of(strain(at)))));
      case DONE, ABORTED ->
          throw new IllegalStateException("there is no work as " + migration.state());
    };
  }

  /** Whether the work may take long, and can wait. */
  private static boolean isBesideTheService(MigrationState state) {
    return switch (state) {
      case COPYING, VERIFYING, CLEANING_UP, ABORTING -> true;
      case PLANNED,
          REGISTERING,
          PREPARING,
          INSTALLING,
          CATCHING_UP,
          CUTTING_OVER,
          IN_WINDOW,
          DONE,
          ABORTED ->
          false;
    };
  }

  /** What is changed between the look at the tables and the triggers on them is found later. */
  private Phase installing(MoveContext at) {
    return () -> {
      defined(at.definitions());
      return new Installing(at, locking).work();
    };
  }

  private void defined(String definitions) {
    keeper.record(migration -> migration.withDefinitions(definitions));
  }

  private void compared(ComparedRows rows) {
    keeper.record(migration -> migration.withCompared(rows));
  }

  private CuttingOver cuttingOver(MoveContext at, Migration migration) {
    return new CuttingOver(
        at,
        migration.direction(),
        migration.definitions().orElseThrow(),
        migration.compared(),
        () -> keeper.record(Migration::unverified),
        stopwatch);
  }

  /** The progress comes first: it is told during a pause, too. */
  private Copying copying(MoveContext at, Optional<String> definitions) {
    return new Copying(
        at,
        definitions.orElseThrow(),
        progress -> throttle(List.of(progress, wish(at), strain(at))),
        progress -> keeper.record(migration -> migration.withProgress(progress)));
  }

  private CleaningUp cleaningUp(MoveContext at, Throttle throttle) {
    return new CleaningUp(at, acknowledgements, locking, throttle, older);
  }

  /** What may rest for as long as people like, and gives way to the service. */
  private Throttle patient(MoveContext at) {
    return throttle(List.of(wish(at), strain(at)));
  }

  /** One for a context, whose sessions it keeps. */
  private Strain strain(MoveContext at) {
    Strain present = strain;
    if (present != null && present.context() == at) {
      return present;
    }
    close();
    Strain made = new Strain(at, keeper);
    strain = made;
    return made;
  }

  /** Ends the sessions that are kept. */
  @Override
  public void close() {
    Strain open = strain;
    strain = null;
    if (open != null) {
      open.close();
    }
  }

  /** For a lock, in whatever state: a server that was replaced gets its triggers again first. */
  private void waitsFor(String others) {
    Wish.leaveIfAborted(journal, keeper);
    keeper.record(migration -> migration.withNote(MigrationDecider.WAITS + others));
  }

  private Signal wish(MoveContext at) {
    return new Wish(journal, keeper, at);
  }

  private Throttle throttle(List<Signal> signals) {
    return new Throttle(keeper.migration().options().bytesPerSecond(), signals, LOOK_AT_SIGNALS);
  }
}
