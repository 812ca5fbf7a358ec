package dev.shardwright.router.internal.moves;

import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.router.internal.route.InFlight;
import dev.shardwright.router.internal.route.RoutedMove;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of each range move of the newest snapshot when nothing runs any more that began before the
 * move had come so far. Where the move's ranges are held, it is enough that nothing runs that may
 * change them. Thread-safe.
 *
 * <p>Whoever ends work under an older snapshot wakes it, so it says so within a moment.
 */
public final class Acknowledger implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Acknowledger.class);

  /** How long after a failure it is tried again. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Consumer<Subject> acknowledgements;
  private final RouterMeters meters;
  private final Background background;
  private final AtomicBoolean due = new AtomicBoolean();
  private final List<Routing> older = new ArrayList<>();
  private final Map<Integer, Subject> said = new HashMap<>();
  private Routing newest;

  /**
   * @param acknowledgements writes one down; throws {@link dev.shardwright.ShardException} if it
   *     could not
   * @param first the first snapshot; nothing older has ever run
   */
  public Acknowledger(
      Consumer<Subject> acknowledgements, RouterMeters meters, Routing first, String cluster) {
    this(
        acknowledgements,
        meters,
        first,
        Background.lasting("shardwright-acknowledgements-" + cluster, Thread::new));
  }

  /**
   * @param background has its thread from the first task on, so that later ones need none
   */
  Acknowledger(
      Consumer<Subject> acknowledgements,
      RouterMeters meters,
      Routing first,
      Background background) {
    this.acknowledgements = acknowledgements;
    this.meters = meters;
    this.newest = first;
    this.background = background;
    wake();
  }

  /** New work goes by this snapshot from now on. */
  public void switchedTo(Routing next) {
    synchronized (this) {
      Routing before = newest;
      older.add(before);
      newest = next;
      before.inFlight().onEnd(this::wake);
    }
    wake();
  }

  /** Whether this router has said that of a move in this form, and nothing of it since. */
  public synchronized boolean hasSaid(RangeMove move) {
    return Subject.of(move).equals(said.get(move.number()));
  }

  @Override
  public void close() {
    background.close();
  }

  /** Whoever ends work calls it, and has nothing to do with what fails here. */
  private void wake() {
    if (due.compareAndSet(false, true)) {
      try {
        background.run(this::look);
      } catch (RuntimeException | Error e) { // such as a thread that could not be started
        due.set(false);
        log.error("could not look for what is to be acknowledged, until work ends again", e);
      }
    }
  }

  private void look() {
    due.set(false);
    for (Subject subject : due()) {
      try {
        acknowledgements.accept(subject);
        said(subject);
      } catch (RuntimeException e) { // whatever it was, a mover waits for the answer
        if (Thread.currentThread().isInterrupted()) { // only close interrupts it
          log.debug("closed before {} was acknowledged", subject, e);
          return;
        }
        meters.acknowledgementFailed();
        log.warn("could not acknowledge {}, and will try again", subject, e);
        background.runIn(PAUSE, this::wake);
        return;
      }
    }
  }

  private synchronized void said(Subject subject) {
    said.put(subject.move(), subject);
  }

  /** What is to be said now. */
  private synchronized List<Subject> due() {
    older.removeIf(snapshot -> snapshot.inFlight().isQuiescent());
    said.keySet().retainAll(newest.topology().moves().keySet());
    List<Subject> subjects = new ArrayList<>();
    for (RoutedMove routed : newest.moves().all()) {
      Subject subject = Subject.of(routed.move());
      if (!subject.equals(said.get(subject.move())) && isDone(routed.move())) {
        subjects.add(subject);
      }
    }
    return subjects;
  }

  private boolean isDone(RangeMove move) {
    Subject subject = Subject.of(move);
    for (Routing snapshot : older) {
      RoutedMove then = snapshot.moves().move(move.number()).orElse(null);
      if (then != null && Subject.of(then.move()).equals(subject)) {
        continue;
      }
      InFlight counted = move.held() && then != null ? then.changes() : snapshot.inFlight();
      if (!counted.isQuiescent()) {
        return false;
      }
    }
    return true;
  }
}
