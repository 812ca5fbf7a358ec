package dev.shardwright.router.internal.metrics;

import dev.shardwright.ShardException;
import dev.shardwright.router.DeadlineExceeded;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.UnknownOutcome;
import java.util.Locale;

/** The tag {@code outcome} of the statement timer. */
public enum Outcome {
  OK,
  REFUSED,
  UNAVAILABLE,
  MOVED,
  DEADLINE,
  UNKNOWN,
  FAILED,
  /** The caller's own code threw. */
  THROWN;

  public final String tag = name().toLowerCase(Locale.ROOT);

  public static Outcome of(RuntimeException failure) {
    if (!(failure instanceof ShardException)) {
      return THROWN;
    }
    if (failure instanceof RouteRefused) {
      return REFUSED;
    }
    if (failure instanceof ShardUnavailable) {
      return UNAVAILABLE;
    }
    if (failure instanceof RangeMoved) {
      return MOVED;
    }
    if (failure instanceof DeadlineExceeded) {
      return DEADLINE;
    }
    return failure instanceof UnknownOutcome ? UNKNOWN : FAILED;
  }
}
