package dev.shardwright.admin;

import dev.shardwright.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * The change is not possible as things are; the message says what stands in the way and what to do
 * about it. The topology was not changed.
 */
public final class ChangeRefused extends ShardException {
  ChangeRefused(String message) {
    this(message, null);
  }

  ChangeRefused(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
