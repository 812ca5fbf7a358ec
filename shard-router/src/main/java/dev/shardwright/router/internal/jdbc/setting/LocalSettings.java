package dev.shardwright.router.internal.jdbc.setting;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSet;

/** What is known about settings that a transaction makes for itself on the shard where it is. */
final class LocalSettings {
  /** They change how the shard works, and not what it answers. */
  private static final ImmutableSet<String> HARMLESS =
      ImmutableSet.of(
          "application_name",
          "client_min_messages",
          "commit_delay",
          "commit_siblings",
          "cursor_tuple_fraction",
          "deadlock_timeout",
          "effective_cache_size",
          "effective_io_concurrency",
          "from_collapse_limit",
          "hash_mem_multiplier",
          "idle_in_transaction_session_timeout",
          "join_collapse_limit",
          "lock_timeout",
          "logical_decoding_work_mem",
          "maintenance_work_mem",
          "plan_cache_mode",
          "statement_timeout",
          "synchronous_commit",
          "temp_buffers",
          "transaction_read_only",
          "transaction_timeout",
          "work_mem");

  private static final ImmutableSet<String> HARMLESS_KINDS =
      ImmutableSet.of("cpu_", "enable_", "geqo", "jit", "log_", "random_page_", "seq_page_");

  private LocalSettings() {}

  /** Whether every shard answers the same, be it set or not. */
  static boolean isHarmless(String setting) {
    String name = Ascii.toLowerCase(setting);
    return HARMLESS.contains(name) || HARMLESS_KINDS.stream().anyMatch(name::startsWith);
  }

  /** Whether it is one of the application's own, of which PostgreSQL knows the name only. */
  static boolean isOwn(String setting) {
    return setting.contains(".");
  }
}
