package dev.shardwright.router;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The rows are on another shard by now, and this router was not told in time where; or they were
 * just about to change hands for longer than the work could wait. A router follows by itself, so
 * this surfaces only where no newer topology arrived. Nothing was changed. Try again.
 */
public final class RangeMoved extends ShardException {
  /** For the router. */
  public RangeMoved(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
