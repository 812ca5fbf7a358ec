package dev.shardwright.router;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The shard could not be used: it is down, refuses the router, or all connections to it are taken.
 * Nothing was changed. Wait, or call the operator.
 */
public final class ShardUnavailable extends ShardException {
  /** For the router. */
  public ShardUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
