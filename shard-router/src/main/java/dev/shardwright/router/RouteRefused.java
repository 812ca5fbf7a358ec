package dev.shardwright.router;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The call cannot be carried out as it was made: an unknown keyspace or shard, a key that no row
 * can have, a row whose key is not the one that was named, a closed router. Nothing was changed.
 * Fix the call.
 */
public final class RouteRefused extends ShardException {
  /** For the router. */
  public RouteRefused(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** For the router. */
  public RouteRefused(String message) {
    this(message, null);
  }
}
