package dev.shardwright.router.internal.route;

import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.topology.RangeMove;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Lets work begin under the newest snapshot, and lets it wait while that holds the rows that it is
 * about. Thread-safe.
 *
 * <p>Work counts itself, then looks whether its snapshot is still the newest. So whoever has put
 * another in its place, and then finds nothing under way in it, has missed nobody.
 */
public final class Admissions {
  private final TopologyFollower topology;
  private final RouterMeters meters;
  private final BooleanSupplier closed;
  private final Supplier<RouteRefused> refusal;

  /**
   * @param closed whether nothing is to begin any more; then nobody waits either
   * @param refusal what is thrown then
   */
  public Admissions(
      TopologyFollower topology,
      RouterMeters meters,
      BooleanSupplier closed,
      Supplier<RouteRefused> refusal) {
    this.topology = topology;
    this.meters = meters;
    this.closed = closed;
    this.refusal = refusal;
  }

  /**
   * Lets work begin, which has to end its stay.
   *
   * @param changes whether it may change rows
   * @param patience the most nanoseconds to wait for held rows
   * @throws RangeMoved if the rows are held for longer than that
   * @throws ShardUnavailable if the thread was interrupted while it waited
   * @throws RouteRefused if the router closes: where the rows are is not known then
   */
  public Stay admit(Reach reach, boolean changes, long patience) {
    return admit(reach, changes, patience, () -> false);
  }

  /**
   * The same for work that may be cancelled while it waits.
   *
   * @param unwanted whether it was; asked when those who wait are woken
   * @throws StatementFailed if it was
   */
  public Stay admit(Reach reach, boolean changes, long patience, BooleanSupplier unwanted) {
    Wait wait = null;
    while (true) {
      Routing routing = topology.current();
      Optional<RangeMove> held = routing.moves().heldFrom(reach, routing);
      if (held.isPresent()) {
        wait = wait == null ? new Wait(patience, unwanted) : wait;
        wait.once(routing, held.get());
        continue;
      }
      Stay stay = routing.stay(reach, changes);
      stay.begin();
      if (topology.current() == routing) {
        if (wait != null) {
          wait.over();
          return stay.after(wait.waited().toNanos());
        }
        return stay;
      }
      stay.end();
    }
  }

  /**
   * Lets a transaction go on with rows that it may not have been about before.
   *
   * @return whether it may; not if it has not changed these rows yet and they are held
   */
  public boolean extend(Admitted transaction, Reach reach) {
    while (true) {
      Routing routing = topology.current();
      List<RoutedMove> more = new ArrayList<>();
      for (RoutedMove touched : routing.moves().touchedBy(reach, routing)) {
        if (!transaction.changes(touched.move())) {
          if (touched.move().held()) {
            return false;
          }
          more.add(touched);
        }
      }
      if (more.isEmpty()) {
        return true;
      }
      Stay stay = new Stay(routing, more);
      stay.begin();
      if (topology.current() == routing) {
        transaction.add(stay);
        return true;
      }
      stay.end();
    }
  }

  /** The waiting of one piece of work. */
  private final class Wait {
    private final long began = System.nanoTime();
    private final long patience;
    private final BooleanSupplier unwanted;
    private String keyspace = Routing.NO_KEYSPACE;

    Wait(long patience, BooleanSupplier unwanted) {
      this.patience = patience;
      this.unwanted = unwanted;
    }

    /** Until there is another snapshot. */
    void once(Routing routing, RangeMove held) {
      keyspace = held.keyspace();
      long left = patience - (System.nanoTime() - began);
      if (left > 0) {
        topology.awaitOther(routing, left, () -> closed.getAsBoolean() || unwanted.getAsBoolean());
      }
      if (unwanted.getAsBoolean()) {
        over();
        throw Unwanted.failure();
      }
      if (closed.getAsBoolean()) {
        over();
        throw refusal.get();
      }
      boolean interrupted = Thread.currentThread().isInterrupted();
      if (left > 0 && !interrupted) {
        return;
      }
      over();
      String message =
          "keyspace %s: rows that are moving from shard %s to shard %s were held for %s ms, at epoch %s"
              .formatted(
                  keyspace, held.owner(), held.other(), waited().toMillis(), routing.epoch());
      throw interrupted
          ? new ShardUnavailable("interrupted while waiting: " + message, null)
          : new RangeMoved(message, null);
    }

    void over() {
      meters.held(keyspace, waited());
    }

    private Duration waited() {
      return Duration.ofNanos(System.nanoTime() - began);
    }
  }
}
