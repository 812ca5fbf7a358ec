package dev.shardwright;

import org.jspecify.annotations.Nullable;

/** What Shardwright itself has to say about work that failed. Each kind says who can act on it. */
public abstract class ShardException extends RuntimeException {
  protected ShardException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
