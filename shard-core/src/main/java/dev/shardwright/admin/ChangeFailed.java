package dev.shardwright.admin;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The change broke on the way: a database was out of reach, a lock was not to be had, an answer was
 * lost. Every command of {@link ClusterAdmin} may be run again: it finishes what it finds half
 * done. Where their work was done, {@link ClusterAdmin#init}, {@link ClusterAdmin#dropKeyspace},
 * {@link ClusterAdmin#removeShard} and {@link ClusterAdmin#restore} are refused then.
 */
public final class ChangeFailed extends ShardException {
  ChangeFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
