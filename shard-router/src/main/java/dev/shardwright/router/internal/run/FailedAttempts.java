package dev.shardwright.router.internal.run;

import dev.shardwright.ShardException;
import dev.shardwright.router.DeadlineExceeded;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.UnknownOutcome;
import dev.shardwright.router.internal.metrics.Outcome;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.ShardRoute;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.route.Unwanted;
import dev.shardwright.topology.RangeMove;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one piece of work that failed so far. After each, does what {@link RetryRules}
 * decides: pauses and lets the work go on, or ends it with an error that tells the whole story.
 * Used by one thread.
 */
public final class FailedAttempts {
  private static final String LONGER =
      "; for what needs longer raise Timeouts.withStatement, or the property deadline, and a"
          + " network timeout that the connection was given";

  private final Runner runner;
  private final Target target;
  private final Work<?> work;
  private final long began;
  private final List<Exception> earlier = new ArrayList<>();

  /** Whether an attempt may have been carried out all the same, of work that may be repeated. */
  private boolean perhapsDone;

  /**
   * @param began when the first attempt began, by {@link System#nanoTime}
   */
  public FailedAttempts(Runner runner, Target target, Work<?> work, long began) {
    this.runner = runner;
    this.target = target;
    this.work = work;
    this.began = began;
  }

  /**
   * Returns when the work is to be attempted again; otherwise throws.
   *
   * @throws RuntimeException the end of the work
   */
  public void add(Routing routing, ShardRoute route, Exception failure) {
    RuntimeException found = endOrPause(routing, route, failure);
    if (found != null) {
      RuntimeException end = end(found);
      route.timers().failed(work.kind(), Outcome.of(end), System.nanoTime() - began);
      throw end;
    }
    earlier.add(failure);
    work.phase = Phase.NOT_SENT;
  }

  /**
   * What the caller is told where the work ends with that. What its own code threw knows nothing of
   * an attempt that may have been carried out.
   */
  RuntimeException end(RuntimeException found) {
    RuntimeException end =
        perhapsDone && !(found instanceof UnknownOutcome)
            ? new UnknownOutcome(
                "it was repeated since the answer was lost, and may have happened the first time: "
                    + found.getMessage(),
                found)
            : found;
    earlier.stream().filter(attempt -> attempt != end).forEach(end::addSuppressed);
    return end;
  }

  /** Whether an attempt that is repeated may have been carried out, by what is known of it. */
  private boolean mayBeDone(Fault fault, Repeat undeclared) {
    return RetryRules.judge(fault, work.phase, undeclared) == RetryRules.Verdict.UNKNOWN
        || (work.phase == Phase.ANSWERED && undeclared != Repeat.ALWAYS);
  }

  /** Null once the work may be attempted again. */
  private @Nullable RuntimeException endOrPause(
      Routing routing, ShardRoute route, Exception failure) {
    SQLException said = Fault.sqlCause(failure);
    if (said == null || failure instanceof ShardException) {
      return unchecked(failure);
    }
    Fault fault = Fault.of(said);
    if (fault == Fault.LOST) {
      route.pool().suspect();
    }
    // To know it may take a question, which is not asked where nothing depends on it.
    Repeat repeat =
        RetryRules.isAboutRepeating(fault, work.phase)
            ? work.repeat()
            : work.mayCommitWithin() ? Repeat.UNTIL_SENT : Repeat.NEVER;
    RetryRules.Verdict verdict = RetryRules.judge(fault, work.phase, repeat);
    perhapsDone |=
        verdict != RetryRules.Verdict.FAIL // which says itself whether the work is done
            && work.undeclared().map(without -> mayBeDone(fault, without)).orElse(false);
    RuntimeException end =
        switch (verdict) {
          case AGAIN ->
              !timedOut(said) && pause(fault) ? null : exhausted(routing, route, fault, said);
          case AGAIN_WHEN_NEWER -> awaitNewer(routing, route, fault, said);
          case UNKNOWN -> unknown(routing, route, fault, said);
          case FAIL -> failed(routing, route, fault, said);
        };
    if (end == null) {
      route.timers().retried(fault.tag);
    }
    // What the caller's own code made of an SQLException is the caller's business.
    return end != null && failure instanceof RuntimeException callers ? callers : end;
  }

  private static RuntimeException unchecked(Exception failure) {
    return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
  }

  /** Pauses before the next attempt; false if there is to be none. */
  private boolean pause(Fault fault) {
    int failures = earlier.size() + 1;
    long nanos = Backoff.nanosAfter(failures, ThreadLocalRandom.current());
    boolean enough =
        failures >= Backoff.MAX_ATTEMPTS
            && (fault != Fault.FAILED_OVER // the leader asserts the new server within seconds
                || leftOf(runner.timeouts().acquire()) <= 0);
    if (enough || nanos > left() || runner.isClosed()) {
      return false;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private @Nullable RuntimeException awaitNewer(
      Routing routing, ShardRoute route, Fault fault, SQLException said) {
    GuardDetail detail = GuardDetail.of(said);
    if (fault == Fault.MOVED) {
      return moved(routing, route, detail, said);
    }
    if (fault == Fault.NOT_HERE && !detail.epoch().isAfter(routing.epoch())) {
      return notHere(routing, route, detail, said);
    }
    long patience = Math.min(left(), runner.timeouts().acquire().toNanos());
    if (runner.topology().await(detail.epoch(), patience, work::isUnwanted) && pause(fault)) {
      return null;
    }
    if (work.isUnwanted()) {
      return Unwanted.failure();
    }
    String message =
        "%s: the database knows of epoch %s, this router of %s%s: %s"
            .formatted(
                where(routing, route),
                detail.epoch(),
                runner.topology().current().epoch(),
                soFar(),
                said.getMessage());
    return fault == Fault.STALE_EPOCH
        ? new ShardUnavailable(message, said)
        : new RangeMoved(message, said);
  }

  /**
   * A gate refused a row. Either the router does not know yet what the range move has come to, or
   * the database does not, which then is told.
   */
  private @Nullable RuntimeException moved(
      Routing routing, ShardRoute route, GuardDetail detail, SQLException said) {
    Optional<RangeMove> behind = RegisterAdvance.missing(routing, route.shard(), detail);
    long patience = Math.min(left(), runner.timeouts().acquire().toNanos());
    boolean hope =
        behind.isPresent()
            ? RegisterAdvance.run(runner, behind.get(), Duration.ofNanos(Math.max(0, patience)))
            : runner.topology().await(routing.epoch().next(), patience, work::isUnwanted);
    if (work.isUnwanted()) {
      return Unwanted.failure();
    }
    return hope && pause(Fault.MOVED)
        ? null
        : new RangeMoved(
            "%s: the row is in a range that moves, and nothing newer is known%s: %s"
                .formatted(where(routing, route), soFar(), said.getMessage()),
            said);
  }

  /** The guard refused a row, and knows of nothing newer than the router does. */
  private @Nullable RuntimeException notHere(
      Routing routing, ShardRoute route, GuardDetail detail, SQLException said) {
    if (!target.means(detail.token(), routing)) {
      return new RouteRefused(
          ("%s: a row of %s does not belong here: its sharding key is not the one that the work was"
                  + " routed by; say the key of the row that is written%s: %s")
              .formatted(where(routing, route), detail.table(), soFar(), said.getMessage()),
          said);
    }
    // The topology says here, the guard does not yet: it is just being told.
    return pause(Fault.NOT_HERE)
        ? null
        : new RangeMoved(
            "%s: the guard refuses a row that the topology places here%s: %s"
                .formatted(where(routing, route), soFar(), said.getMessage()),
            said);
  }

  private RuntimeException exhausted(
      Routing routing, ShardRoute route, Fault fault, SQLException said) {
    if (runner.isClosed()) {
      return runner.closed(said);
    }
    String message = where(routing, route) + soFar() + ": " + said.getMessage();
    return switch (fault) {
      case CONFLICT -> new StatementFailed(message, said);
      case LOST ->
          timedOut(said)
              ? new DeadlineExceeded(message + LONGER, said)
              : new ShardUnavailable(message, said);
      case NO_CONNECTION,
          POOL_CLOSED,
          OUTDATED,
          STALE_EPOCH,
          NOT_HERE,
          MOVED,
          FAILED_OVER,
          CANCELLED,
          REFUSED ->
          new ShardUnavailable(message, said);
    };
  }

  private RuntimeException unknown(
      Routing routing, ShardRoute route, Fault fault, SQLException said) {
    if (fault != Fault.LOST) {
      return new UnknownOutcome(
          ("%s: the text may commit before it ends, and failed after it was sent%s; it may have"
                  + " been carried out in part: %s")
              .formatted(where(routing, route), soFar(), said.getMessage()),
          said);
    }
    String sent = work.phase == Phase.COMMITTING ? "COMMIT" : "a write";
    return new UnknownOutcome(
        "%s: the connection was lost after %s was sent%s; it may or may not have happened: %s"
            .formatted(where(routing, route), sent, soFar(), said.getMessage()),
        said);
  }

  private RuntimeException failed(
      Routing routing, ShardRoute route, Fault fault, SQLException said) {
    if (work.phase == Phase.ANSWERED) {
      return new StatementFailed(
          "%s: the statement was carried out, but its rows could not be used%s: %s"
              .formatted(where(routing, route), soFar(), said.getMessage()),
          said);
    }
    boolean endedByUs = fault == Fault.CANCELLED || fault == Fault.NO_CONNECTION;
    if (endedByUs && runner.isClosed()) {
      return runner.closed(said);
    }
    if (fault == Fault.NO_CONNECTION && work.isUnwanted()) {
      return Unwanted.failure();
    }
    String message = where(routing, route) + soFar() + ": " + said.getMessage();
    if (fault == Fault.NO_CONNECTION) {
      return new ShardUnavailable(message, said);
    }
    if (fault == Fault.CANCELLED && leftOf(runner.timeouts().statement()) <= 0) {
      return new DeadlineExceeded(message + LONGER, said);
    }
    return new StatementFailed(message, said);
  }

  private long left() {
    return leftOf(work.deadline(runner.timeouts().statement()));
  }

  private long leftOf(Duration all) {
    return all.toNanos() - (System.nanoTime() - began);
  }

  /** Whoever waited as long as it would for an answer would as soon wait for another. */
  private static boolean timedOut(SQLException said) {
    return said.getCause() instanceof SocketTimeoutException;
  }

  private static String where(Routing routing, ShardRoute route) {
    return "shard %s at %s, epoch %s"
        .formatted(route.shard(), route.pool().endpoint(), routing.epoch());
  }

  private String soFar() {
    return " (attempt %s, after %s ms)"
        .formatted(earlier.size() + 1, Duration.ofNanos(System.nanoTime() - began).toMillis());
  }
}
