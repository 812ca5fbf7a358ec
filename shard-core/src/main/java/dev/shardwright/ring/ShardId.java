package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.regex.Pattern;

/**
 * The name of a shard within its cluster: a lower-case letter, then up to 30 lower-case letters,
 * digits or hyphens.
 *
 * @param value the name as operators write it
 */
public record ShardId(String value) implements Comparable<ShardId> {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9-]{0,30}");

  /**
   * @throws IllegalArgumentException if {@code value} is not a valid name
   */
  public ShardId {
    checkArgument(VALID.matcher(value).matches(), "shard id '%s' does not match %s", value, VALID);
  }

  /** The shard of that name. */
  public static ShardId of(String value) {
    return new ShardId(value);
  }

  @Override
  public int compareTo(ShardId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
