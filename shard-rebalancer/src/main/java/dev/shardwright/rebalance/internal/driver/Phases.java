package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.capture.TableLocking;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.throttle.Signal;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes the work of each state of one migration. */
final class Phases {
  /** How often long work looks whether it is to rest, and tells how far it is. */
  static final Duration LOOK_AT_SIGNALS = Duration.ofMillis(500);

  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(30);

  private final Keeper keeper;
  private final Journal journal;
  private final MoveAcknowledgements acknowledgements;
  private final Clock clock;
  private final TableLocking locking;

  Phases(
      Keeper keeper,
      Journal journal,
      MoveAcknowledgements acknowledgements,
      Clock clock,
      RandomGenerator random) {
    this.keeper = keeper;
    this.journal = journal;
    this.acknowledgements = acknowledgements;
    this.clock = clock;
    this.locking = new TableLocking(TableLocking.LONGEST_WAIT, LOCK_PATIENCE, random);
  }

  /** What makes both databases know this mover. */
  Registering registering(MoveContext at) {
    return new Registering(at, locking, () -> keeper.record(Migration::unverified));
  }

  /** The work of the migration's state. */
  Phase of(Migration migration, MoveContext at) {
    Direction direction = migration.direction();
    return switch (migration.state()) {
      case PLANNED -> new Planned(at);
      case REGISTERING -> () -> true; // done with the context
      case PREPARING -> new Preparing(at, acknowledgements, migration.entered(), clock);
      case INSTALLING -> new Installing(at, locking);
      case COPYING -> copying(at);
      case CATCHING_UP -> new CatchingUp(at, direction, throttle(direction, at));
      case VERIFYING -> new Verifying(at, direction, throttle(direction, at));
      case CUTTING_OVER -> new CuttingOver(at, direction);
      case IN_WINDOW -> new CatchingUp(at, Direction.BACK, unhurried());
      case CLEANING_UP -> cleaningUp(at);
      case ABORTING -> new Aborting(at, cleaningUp(at));
      case DONE, ABORTED ->
          throw new IllegalStateException("there is no work as " + migration.state());
    };
  }

  /** The progress comes first: it is told during a pause, too. */
  private Copying copying(MoveContext at) {
    return new Copying(
        at,
        progress -> throttle(List.of(progress, wish(at))),
        progress -> keeper.record(migration -> migration.withProgress(progress)));
  }

  private CleaningUp cleaningUp(MoveContext at) {
    return new CleaningUp(at, acknowledgements, locking, unhurried());
  }

  /** What goes back is not aborted any more. */
  private Throttle throttle(Direction direction, MoveContext at) {
    return direction == Direction.FORWARD ? throttle(List.of(wish(at))) : unhurried();
  }

  private Signal wish(MoveContext at) {
    return new Wish(journal, keeper, at);
  }

  /** Clean-up is not left half-way because somebody wants the migration aborted. */
  private Throttle unhurried() {
    return throttle(List.of());
  }

  private Throttle throttle(List<Signal> signals) {
    return new Throttle(keeper.migration().options().bytesPerSecond(), signals, LOOK_AT_SIGNALS);
  }
}
