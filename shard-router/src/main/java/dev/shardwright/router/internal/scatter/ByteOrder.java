package dev.shardwright.router.internal.scatter;

import dev.shardwright.ring.ShardId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells which collations order text by its bytes in UTF-8, so that Java can do the same.
 * Thread-safe.
 */
final class ByteOrder {
  /** As {@code pg_collation_for} spells them. */
  private static final Set<String> BY_BYTES =
      Set.of(
          "\"C\"",
          "\"POSIX\"",
          "ucs_basic",
          "\"C.UTF-8\"",
          "\"C.utf8\"",
          "pg_c_utf8",
          "pg_unicode_fast");

  private static final String DEFAULT = "\"default\"";

  /** Whether the database of a shard, as its default, orders text by bytes. */
  private final Map<ShardId, Boolean> defaults = new ConcurrentHashMap<>();

  private final Predicate<ShardId> defaultIsByBytes;

  /**
   * @param defaultIsByBytes asks a shard whether the default of its database orders by bytes; asked
   *     once for each shard, since a database cannot change it
   */
  ByteOrder(Predicate<ShardId> defaultIsByBytes) {
    this.defaultIsByBytes = defaultIsByBytes;
  }

  /**
   * Whether a collation orders by bytes.
   *
   * @param collation what {@code pg_collation_for} said on that shard; null if it said nothing
   */
  boolean isBy(@Nullable String collation, ShardId shard) {
    if (collation == null) {
      return false;
    }
    return collation.equals(DEFAULT)
        ? defaults.computeIfAbsent(shard, defaultIsByBytes::test)
        : BY_BYTES.contains(collation);
  }
}
