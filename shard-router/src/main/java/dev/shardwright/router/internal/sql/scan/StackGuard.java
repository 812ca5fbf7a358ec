package dev.shardwright.router.internal.sql.scan;

import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import java.util.function.Supplier;

/**
 * Refuses a statement that is too deep. Lengths and depths are bounded so that the stack of an
 * ordinary thread is enough by far, but the calling thread may have little of its own left, and the
 * walks over trees are recursive, the parser's among them.
 */
public final class StackGuard {
  private StackGuard() {}

  /** What the walk gives; it keeps nothing of its own until it is done. */
  public static <T> T guarded(Supplier<T> walk) {
    try {
      return walk.get();
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  public static SqlRefused tooDeep() {
    return new SqlRefused(
        Reason.SYNTAX,
        "the statement is nested too deeply, or has too many joins, or conditions joined by AND or"
            + " OR: write key = any (?) or key in (…) for many values");
  }
}
