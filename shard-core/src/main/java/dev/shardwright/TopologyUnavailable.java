package dev.shardwright;

import org.jspecify.annotations.Nullable;

/**
 * The topology could not be read or changed: ZooKeeper is out of reach, or what it holds cannot be
 * understood. Call the operator.
 */
public final class TopologyUnavailable extends ShardException {
  public TopologyUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
