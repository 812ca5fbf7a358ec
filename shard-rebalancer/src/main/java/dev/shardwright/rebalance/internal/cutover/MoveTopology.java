package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.rebalance.internal.migration.CutoverDecider;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One range move in the topology, changed by compare-and-set on behalf of one leader. Thread-safe.
 *
 * <p>Who loses a race looks again, and changes what is in force then only if that is still right.
 * The same after a lost answer: what is in force tells whether the change was made.
 */
public final class MoveTopology {
  private static final int ATTEMPTS = 50;
  private static final int LONGEST_PAUSE_MILLIS = 20;

  private final TopologyStore store;
  private final int number;
  private final int token;
  private final BooleanSupplier leads;

  /** What was in force when this leader looked last, or changed something last. */
  private volatile @Nullable Topology seen;

  /**
   * @param token the leader's fencing token
   * @param leads whether no later leader has a token
   */
  public MoveTopology(TopologyStore store, int number, int token, BooleanSupplier leads) {
    this.store = store;
    this.number = number;
    this.token = token;
    this.leads = leads;
  }

  /** The newest topology. */
  public Topology read() {
    Topology newest = store.read();
    seen = newest;
    return newest;
  }

  /** The move as it is now; empty before it began and after it is over. */
  public Optional<RangeMove> move() {
    return read().move(number);
  }

  /**
   * Puts the move into the topology, or takes it over there.
   *
   * <p>That this one still leads is asked after the topology was read: a later leader that has
   * begun, and perhaps ended, the move since has made other epochs by then, and the change is lost.
   *
   * @param entry the topology with the move in it; empty if it cannot begin as that topology is
   * @return what is in force then; without the move if it cannot begin
   * @throws Superseded if a later leader carries it out, or has done so
   */
  public Topology begin(Function<Topology, Optional<Topology>> entry) {
    return change(
        topology -> {
          if (topology.move(number).isPresent()) {
            return takenOver(topology);
          }
          if (!leads.getAsBoolean()) {
            throw new Superseded(number, token);
          }
          return entry.apply(topology);
        });
  }

  /**
   * Makes this leader the one that carries the move out, if the move is in the topology.
   *
   * @throws Superseded if a later one does
   */
  public Topology takeOver() {
    return change(this::takenOver);
  }

  private Optional<Topology> takenOver(Topology topology) {
    return topology
        .move(number)
        .filter(move -> isEarlier(move.mover()))
        .map(move -> topology.withMove(move.withMover(token)));
  }

  /** Makes work on the ranges wait, if the move is as it was seen. */
  public Topology hold(RangeMove seen) {
    return replace(seen, seen.hold());
  }

  /** Ends a hold without a change of hands, if the move is as it was seen. */
  public Topology giveUp(RangeMove held) {
    return replace(held, held.giveUp());
  }

  /** Lets the ranges change hands, if the hold of that attempt is in force. */
  public Topology commit(RangeMove held) {
    return changeAtOnce(
        topology ->
            topology
                .move(number)
                .filter(inForce -> CutoverDecider.mayCommit(inForce, held.value(), token))
                .map(inForce -> topology.withOwnerOf(inForce.commit())));
  }

  /**
   * Takes the move out of the topology, if it is there. Makes an epoch either way, so that an
   * earlier leader that is about to begin the move comes too late.
   *
   * @param exit the topology without the move
   */
  public Topology end(UnaryOperator<Topology> exit) {
    return change(
        topology -> {
          Optional<RangeMove> move = topology.move(number);
          move.ifPresent(this::checkLeads);
          return Optional.of(move.isPresent() ? exit.apply(topology) : topology);
        });
  }

  /** Makes another epoch of the topology as it is, if the move is in it. */
  public Topology advance() {
    return change(
        topology -> {
          Optional<RangeMove> move = topology.move(number);
          move.ifPresent(this::checkLeads);
          return move.map(there -> topology);
        });
  }

  private Topology replace(RangeMove seen, RangeMove wanted) {
    return changeAtOnce(
        topology ->
            topology.move(number).filter(seen::equals).map(move -> topology.withMove(wanted)));
  }

  private boolean isEarlier(int mover) {
    if (mover > token) {
      throw new Superseded(number, token);
    }
    return mover < token;
  }

  private void checkLeads(RangeMove move) {
    if (move.mover() != token) {
      throw new Superseded(number, token);
    }
  }

  /**
   * @param edit what the topology should be instead; empty if nothing is to be changed, or any more
   * @return what is in force in the end
   */
  private Topology change(Function<Topology, Optional<Topology>> edit) {
    return change(read(), edit);
  }

  /**
   * The same where work waits: begins with what was seen last, so that nothing has to be read if
   * that is still in force. Is done to its end by a leader that is dismissed meanwhile, too: work
   * would wait until somebody helps. The request for it has its own deadline.
   */
  private Topology changeAtOnce(Function<Topology, Optional<Topology>> edit) {
    boolean dismissed = false;
    try {
      while (true) {
        dismissed |= Thread.interrupted();
        try {
          Topology last = seen;
          return last != null && edit.apply(last).isPresent() ? change(last, edit) : change(edit);
        } catch (TopologyUnavailable e) {
          if (!Thread.currentThread().isInterrupted()) {
            throw e;
          }
        }
      }
    } finally {
      if (dismissed) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Topology change(Topology first, Function<Topology, Optional<Topology>> edit) {
    Topology current = first;
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<Topology> wanted = edit.apply(current);
      if (wanted.isEmpty()) {
        return current;
      }
      Topology changed = wanted.get().withEpoch(current.epoch().next());
      if (store.compareAndSet(changed) instanceof CompareAndSet.Applied) {
        seen = changed;
        return changed;
      }
      pause();
      current = read();
    }
    throw new TopologyUnavailable(
        "range move %d: others changed the topology %d times in a row".formatted(number, ATTEMPTS),
        null);
  }

  private static void pause() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE_MILLIS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopologyUnavailable("interrupted before the topology was changed", e);
    }
  }
}
