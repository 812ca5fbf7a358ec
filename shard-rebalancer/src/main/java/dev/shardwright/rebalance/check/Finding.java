package dev.shardwright.rebalance.check;

import java.util.Locale;

/**
 * Something that stands in the way of a migration, or may.
 *
 * @param severity whether it keeps the migration from beginning
 * @param check the name of the check that found it
 * @param what what was found, and on which shard
 * @param remedy what to do about it
 */
public record Finding(Severity severity, String check, String what, String remedy) {
  /** Whether it keeps the migration from beginning. */
  public boolean isBlocking() {
    return severity == Severity.BLOCKING;
  }

  @Override
  public String toString() {
    return "%s (%s): %s. Remedy: %s"
        .formatted(severity.name().toLowerCase(Locale.ROOT), check, what, remedy);
  }
}
