package dev.shardwright.router.internal.run;

/**
 * Decides what follows from a failed attempt. Performs nothing.
 *
 * <p>A write is never repeated where it may have happened already: an attempt is repeated only if
 * PostgreSQL said that it rolled back all of it, if nothing was sent, if a transaction's COMMIT was
 * not sent (losing the session rolls it back), or if repeating was declared harmless.
 */
public final class RetryRules {
  private RetryRules() {}

  /** What follows from a failed attempt. */
  public enum Verdict {
    /** Do it again after a pause. */
    AGAIN,
    /** Wait for the newer topology that the database spoke of, then do it again. */
    AGAIN_WHEN_NEWER,
    /** The work may or may not have been done; say so. */
    UNKNOWN,
    /** The work was not done, and doing it again would not help, or was done; say which and why. */
    FAIL
  }

  public static Verdict judge(Fault fault, Phase phase, Repeat repeat) {
    if (phase == Phase.ANSWERED && repeat != Repeat.ALWAYS) {
      return Verdict.FAIL; // whatever the caller's own code met since, the work is done
    }
    boolean partly = repeat == Repeat.UNTIL_SENT && phase != Phase.NOT_SENT;
    return switch (fault) {
      case POOL_CLOSED, OUTDATED -> Verdict.AGAIN;
      case STALE_EPOCH -> Verdict.AGAIN_WHEN_NEWER;
      case CONFLICT, FAILED_OVER -> partly ? Verdict.UNKNOWN : Verdict.AGAIN;
      case NOT_HERE, MOVED -> partly ? Verdict.UNKNOWN : Verdict.AGAIN_WHEN_NEWER;
      case LOST -> lost(phase, repeat);
      case CANCELLED, REFUSED -> partly ? Verdict.UNKNOWN : Verdict.FAIL;
      case NO_CONNECTION -> Verdict.FAIL;
    };
  }

  /** Whether the verdict depends on whether the work may be repeated. */
  static boolean isAboutRepeating(Fault fault, Phase phase) {
    return phase != Phase.NOT_SENT
        && switch (fault) {
          case CONFLICT, FAILED_OVER, NOT_HERE, MOVED, LOST -> true;
          case NO_CONNECTION, POOL_CLOSED, OUTDATED, STALE_EPOCH, CANCELLED, REFUSED -> false;
        };
  }

  private static Verdict lost(Phase phase, Repeat repeat) {
    boolean harmless =
        switch (phase) {
          case NOT_SENT -> true;
          case SENT -> repeat == Repeat.UNTIL_COMMIT || repeat == Repeat.ALWAYS;
          case COMMITTING, ANSWERED -> repeat == Repeat.ALWAYS;
        };
    return harmless ? Verdict.AGAIN : Verdict.UNKNOWN;
  }
}
