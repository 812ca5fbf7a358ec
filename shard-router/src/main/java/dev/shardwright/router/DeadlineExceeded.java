package dev.shardwright.router;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The work took longer than it may, and was ended. Nothing was changed. Make it smaller, or allow
 * it more time.
 */
public final class DeadlineExceeded extends ShardException {
  /** For the router. */
  public DeadlineExceeded(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
