package dev.shardwright.router;

import dev.shardwright.ShardException;
import java.util.Locale;

/** The tag {@code outcome} of the statement timer. */
enum Outcome {
  OK,
  REFUSED,
  UNAVAILABLE,
  MOVED,
  DEADLINE,
  UNKNOWN,
  FAILED,
  /** The caller's own code threw. */
  THROWN;

  final String tag = name().toLowerCase(Locale.ROOT);

  static Outcome of(RuntimeException failure) {
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
