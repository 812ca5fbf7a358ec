package dev.shardwright.router.internal.run;

import dev.shardwright.ShardException;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.Timeouts;
import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.router.internal.route.Admissions;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.ShardRoute;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.route.TopologyFollower;
import dev.shardwright.router.internal.route.Unwanted;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Carries work out: takes a snapshot, finds the route, does the work there, and does it again where
 * that is right. The one place where these follow each other. Thread-safe.
 */
public final class Runner {
  private final TopologyFollower topology;
  private final Admissions admissions;
  private final Timeouts timeouts;
  private final String cluster;
  private volatile boolean closed;

  public Runner(TopologyFollower topology, Timeouts timeouts, RouterMeters meters, String cluster) {
    this.topology = topology;
    this.admissions = new Admissions(topology, meters, this::isClosed, () -> closed(null));
    this.timeouts = timeouts;
    this.cluster = cluster;
  }

  /**
   * Does the work and gives its result.
   *
   * @throws dev.shardwright.ShardException if it could not be done
   * @throws RuntimeException what the caller's own code threw
   */
  public <T> T run(Target target, Work<T> work) {
    return run(target, work, System.nanoTime());
  }

  /**
   * The same for work whose deadline runs already, since it was tried elsewhere.
   *
   * @param began when that began, by {@link System#nanoTime}
   */
  public <T> T run(Target target, Work<T> work, long began) {
    Duration deadline = work.deadline(timeouts.statement());
    work.begin(began, deadline);
    FailedAttempts failed = null;
    while (true) {
      long left = deadline.toNanos() - (System.nanoTime() - began);
      Stay stay;
      try {
        stay = admit(target, work, left);
      } catch (ShardException e) {
        throw failed == null ? e : failed.end(e);
      }
      Routing routing = stay.routing();
      ShardRoute route;
      Exception failure;
      boolean kept = false;
      try {
        route = target.in(routing);
        if (failed == null) {
          target.sample(routing);
        }
        try {
          T result = work.attempt(route.pool(), routing.epoch());
          route.timers().succeeded(work.kind(), System.nanoTime() - began);
          return result;
        } catch (SQLException | RuntimeException e) {
          failure = e;
        } finally {
          kept = work.keeps(stay);
        }
      } catch (ShardException e) { // there is no route
        throw failed == null ? e : failed.end(e);
      } finally {
        if (!kept) {
          stay.end();
        }
      }
      failed = failed == null ? new FailedAttempts(this, target, work, began) : failed;
      failed.add(routing, route, failure);
    }
  }

  private Stay admit(Target target, Work<?> work, long left) {
    checkOpen();
    if (work.isUnwanted()) {
      throw Unwanted.failure();
    }
    return admissions.admit(target, work.changes(), left, work::isUnwanted);
  }

  /** Lets work begin that is divided into several pieces, or goes on after one. */
  public Admissions admissions() {
    checkOpen();
    return admissions;
  }

  /** The newest snapshot. */
  public Routing routing() {
    checkOpen();
    return topology.current();
  }

  public TopologyFollower topology() {
    return topology;
  }

  public Timeouts timeouts() {
    return timeouts;
  }

  /** From here on no work begins. */
  public void close() {
    closed = true;
    topology.wake();
  }

  public boolean isClosed() {
    return closed;
  }

  public RouteRefused closed(@Nullable Throwable cause) {
    return new RouteRefused("the router of cluster " + cluster + " is closed", cause);
  }

  private void checkOpen() {
    if (closed) {
      throw closed(null);
    }
  }
}
