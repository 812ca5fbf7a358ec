package dev.shardwright.router.internal.moves;

import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.TopologyFollower;
import dev.shardwright.router.internal.run.RegisterAdvance;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends holds that whoever began them does not end, so that work does not wait for somebody who is
 * gone. Several routers may try, and the mover may go on meanwhile: one of them wins, and the
 * others see what has been decided. Thread-safe.
 */
public final class HoldHelper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HoldHelper.class);

  /** How long a hold may last. */
  private static final Duration LONGEST = Duration.ofSeconds(2);

  /** So that not all routers come at the same moment. */
  private static final int JITTER_MILLIS = 300;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final TopologyStore store;
  private final TopologyFollower topology;
  private final Runner runner;
  private final Background background;

  public HoldHelper(TopologyStore store, TopologyFollower topology, Runner runner, String cluster) {
    this.store = store;
    this.topology = topology;
    this.runner = runner;
    this.background = new Background("shardwright-holds-" + cluster);
    switchedTo(topology.current());
  }

  /** New work goes by this snapshot from now on. */
  public void switchedTo(Routing next) {
    for (RangeMove move : next.topology().moves().values()) {
      if (move.held()) {
        background.runIn(LONGEST.plus(jitter()), () -> end(Subject.of(move)));
      }
    }
  }

  @Override
  public void close() {
    background.close();
  }

  /** Ends the hold if it is still in force. */
  private void end(Subject hold) {
    if (inForce(topology.current().topology(), hold).isEmpty()) {
      return;
    }
    try {
      Topology read = store.read();
      Optional<RangeMove> held = inForce(read, hold);
      if (held.isPresent()) {
        end(read, held.get());
      }
    } catch (RuntimeException e) { // whatever it was, work waits for the end of the hold
      log.warn("a hold that lasts too long could not be ended: {}", hold, e);
      background.runIn(PAUSE, () -> end(hold));
    }
  }

  private void end(Topology read, RangeMove held) {
    RangeMove ended = held.giveUp();
    CompareAndSet made = store.compareAndSet(read.next().withMove(ended));
    if (made instanceof CompareAndSet.Applied
        || (made instanceof CompareAndSet.Unknown && isInForce(ended))) {
      log.warn("ended a hold that lasted too long: {}", held);
      RegisterAdvance.run(runner, ended, runner.timeouts().statement());
    } else {
      // Somebody else has decided, about this move or another thing.
      background.runIn(jitter(), () -> end(Subject.of(held)));
    }
  }

  private boolean isInForce(RangeMove ended) {
    return store.read().move(ended.number()).filter(ended::equals).isPresent();
  }

  private static Duration jitter() {
    return Duration.ofMillis(ThreadLocalRandom.current().nextInt(JITTER_MILLIS));
  }

  private static Optional<RangeMove> inForce(Topology topology, Subject hold) {
    return topology.move(hold.move()).filter(move -> Subject.of(move).equals(hold));
  }
}
