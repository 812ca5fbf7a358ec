package dev.shardwright.router;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The connection was lost after a write was sent and before the answer came, so the write may or
 * may not have happened; or a text that may commit before it ends, such as {@code CALL} or {@code
 * DO}, met a conflict or a row that moves, so it may have been carried out in part. It was not
 * repeated. Look at the rows, then decide; work that may be repeated can be declared so with {@link
 * OneShard#idempotent}. Of such work it is said where a repetition has failed, with that failure as
 * the cause.
 */
public final class UnknownOutcome extends ShardException {
  /** For the router. */
  public UnknownOutcome(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
