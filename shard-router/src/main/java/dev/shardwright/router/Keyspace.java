package dev.shardwright.router;

import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.topology.Region;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A keyspace as a service sees it: where work on its rows begins. Immutable and thread-safe; always
 * follows the newest topology.
 */
public final class Keyspace {
  private final Runner runner;
  private final ExecutorService workers;
  private final String name;
  private final Region region;

  Keyspace(Runner runner, ExecutorService workers, String name, Region region) {
    this.runner = runner;
    this.workers = workers;
    this.name = name;
    this.region = region;
  }

  /** The keyspace's name. */
  public String name() {
    return name;
  }

  /**
   * The rows of one region, in a keyspace with regions.
   *
   * @throws RouteRefused if the text cannot be a region's name; whether the keyspace has that
   *     region is looked at when work begins
   */
  public Keyspace region(String region) {
    try {
      return new Keyspace(runner, workers, name, Region.of(region));
    } catch (IllegalArgumentException e) {
      throw new RouteRefused("keyspace " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Work on the rows of one key.
   *
   * @param key of the Java type that belongs to the keyspace's key type: any whole number for
   *     {@code smallint}, {@code integer} and {@code bigint}, {@link String}, {@link
   *     java.util.UUID}, {@link java.time.Instant} or {@link java.time.OffsetDateTime}
   * @throws RouteRefused if the key is null; any other key is looked at when work begins
   */
  public OneShard on(@Nullable Object key) {
    return new OneShard(
        runner, new Target.OfKey(name, region, checked(key)), /* idempotent= */ false);
  }

  /**
   * Reads of the rows of many keys, in the given order; a key that is given twice counts once.
   *
   * @throws RouteRefused if a key is null
   */
  public <K> ManyKeys<K> onEach(Collection<? extends K> keys) {
    List<K> copy = new ArrayList<>(keys.size());
    for (K key : keys) {
      checked(key);
      copy.add(key);
    }
    return new ManyKeys<>(runner, workers, name, region, copy);
  }

  /** Work on the tables of a keyspace of strategy {@code SINGLE}, which have no sharding key. */
  public OneShard single() {
    return new OneShard(runner, new Target.OfSingle(name, region), /* idempotent= */ false);
  }

  @Override
  public String toString() {
    return "Keyspace[" + name + (region.equals(Region.ALL) ? "]" : ", region " + region + "]");
  }

  private Object checked(@Nullable Object key) {
    if (key == null) {
      throw new RouteRefused("keyspace " + name + ": the key is null");
    }
    return Objects.requireNonNull(key);
  }
}
