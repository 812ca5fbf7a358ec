package dev.shardwright.admin;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The change broke on the way: a database was out of reach, a lock was not to be had, an answer was
 * lost. Every command of {@link ClusterAdmin} may be run again: it finishes what it finds half
 * done. Only {@link ClusterAdmin#removeShard} cannot, once the shard is removed.
 */
public final class ChangeFailed extends ShardException {
  ChangeFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
