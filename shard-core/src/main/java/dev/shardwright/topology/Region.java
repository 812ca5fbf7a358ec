package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.regex.Pattern;

/**
 * A label on shards and rows. In a keyspace with regions each region has a ring of its own, so data
 * never leaves it.
 *
 * @param name a lower-case letter, then up to 30 lower-case letters, digits or hyphens
 */
public record Region(String name) implements Comparable<Region> {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9-]{0,30}");

  /**
   * The one ring of a keyspace without regions, which spans shards of every label. No shard can be
   * labelled so.
   */
  public static final Region ALL = new Region("all");

  /** The label of a shard that was given none. */
  public static final Region DEFAULT = new Region("default");

  /**
   * @throws IllegalArgumentException if {@code name} is not a valid name
   */
  public Region {
    checkArgument(VALID.matcher(name).matches(), "region '%s' does not match %s", name, VALID);
  }

  /** The region of that name. */
  public static Region of(String name) {
    return new Region(name);
  }

  @Override
  public int compareTo(Region other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
