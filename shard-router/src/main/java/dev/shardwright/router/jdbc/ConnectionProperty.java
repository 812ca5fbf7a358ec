package dev.shardwright.router.jdbc;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The properties of a {@code jdbc:shardwright:} URL; each may stand in the URL or among the
 * properties that are given with it. The URL counts where both say one.
 */
public enum ConnectionProperty {
  /** The role. */
  USER("user", "the PostgreSQL role on all shards; default: the one that the topology names"),
  /** The role's password. */
  PASSWORD("password", "its password; default: from the environment, then from pgpass"),
  /** The region of keys that are named without one. */
  REGION("region", "where sharding keys given through ShardingKey are; default: none"),
  /** What becomes of writes to several shards. */
  MULTI_SHARD_WRITES(
      "multiShardWrites",
      "what becomes of a write to several shards: it is refused, or it is one transaction per shard",
      "refused",
      "per-shard"),
  /** The time that a statement may take. */
  DEADLINE("deadline", "the time that a statement may take, such as 500ms, 30s, 2m; default: 30s"),
  /** Rows to fetch at a time. */
  FETCH_SIZE("fetchSize", "rows to fetch at a time where nothing else is set; default: 0, all"),
  /** The size of the pools. */
  PROFILE(
      "profile",
      "the size of the pools: for a service that runs for long, or for functions that come and go",
      "server",
      "serverless");

  private final String key;
  private final String description;
  private final ImmutableList<String> choices;

  ConnectionProperty(String key, String description, String... choices) {
    this.key = key;
    this.description = description;
    this.choices = ImmutableList.copyOf(choices);
  }

  /** How it is written. */
  public String key() {
    return key;
  }

  /** What it says, and what holds without it. */
  public String description() {
    return description;
  }

  /** The values it may have, the default first; empty if there are too many to list. */
  public List<String> choices() {
    return choices;
  }

  static Optional<ConnectionProperty> of(String key) {
    return Arrays.stream(values()).filter(property -> property.key.equals(key)).findFirst();
  }

  static String known() {
    return Arrays.stream(values()).map(ConnectionProperty::key).collect(Collectors.joining(", "));
  }
}
