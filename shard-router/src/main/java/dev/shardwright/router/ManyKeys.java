package dev.shardwright.router;

import com.google.common.collect.Maps;
import dev.shardwright.ShardException;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.SomeShardsFailed.Failure;
import dev.shardwright.router.internal.route.KeyspaceRouting;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.topology.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Reads of many keys at once: one statement for each shard that owns some of them, all at the same
 * time. Immutable and thread-safe.
 *
 * @param <K> the keys
 */
public final class ManyKeys<K> {
  /** How often keys are divided among the shards anew because some have moved meanwhile. */
  private static final int MAX_DIVISIONS = 4;

  private final Runner runner;
  private final ExecutorService workers;
  private final String keyspace;
  private final Region region;
  private final List<K> keys;

  ManyKeys(Runner runner, ExecutorService workers, String keyspace, Region region, List<K> keys) {
    this.runner = runner;
    this.workers = workers;
    this.keyspace = keyspace;
    this.region = region;
    this.keys = keys;
  }

  /**
   * The rows of each key. Each shard reads in its own snapshot.
   *
   * @param sql a query whose first parameter is the array of keys, for example {@code select * from
   *     users where user_id = any(?)}
   * @param keyColumn the column of its result that holds the sharding key
   * @param mapper called by several threads at once
   * @param parameters those after the first
   * @return for each key, in the order given and once, its rows in the order in which its shard
   *     gave them; an empty list for a key without rows
   * @throws RouteRefused if no row can have one of the keys; nothing was read
   * @throws SomeShardsFailed if at least one shard failed; it holds the rows of the others
   */
  public <T> Map<K, List<T>> query(
      String sql, String keyColumn, RowMapper<T> mapper, @Nullable Object... parameters) {
    long began = System.nanoTime();
    Routing routing = runner.routing();
    KeyValues values = values(routing);
    Map<Object, WantedKey<K, T>> wanted = wanted(routing, values);
    Map<ShardId, List<WantedKey<K, T>>> divided = byShard(wanted.values());
    List<Failure> failures = new ArrayList<>();
    var query =
        new QueryKeys.KeyedQuery<>(
            sql, keyColumn, values, wanted, mapper, Arrays.asList(parameters));
    for (int division = 1; !divided.isEmpty(); division++) {
      boolean last = division == MAX_DIVISIONS;
      List<WantedKey<K, T>> moved = new ArrayList<>();
      for (ShardParts.Part<K, T> part : run(query, routing, divided, began)) {
        ShardException failure = part.failure();
        if (failure instanceof RangeMoved && !last && isTimeLeft(began)) {
          moved.addAll(part.wanted());
        } else if (failure != null) {
          part.wanted().forEach(WantedKey::fail);
          failures.add(new Failure(part.shard(), part.keys(), failure));
        }
      }
      routing = runner.routing();
      divided = dividedAnew(routing, moved);
    }
    return inOrder(wanted, failures);
  }

  private boolean isTimeLeft(long began) {
    return System.nanoTime() - began < runner.timeouts().statement().toNanos();
  }

  private <T> List<ShardParts.Part<K, T>> run(
      QueryKeys.KeyedQuery<K, T> query,
      Routing routing,
      Map<ShardId, List<WantedKey<K, T>>> divided,
      long began) {
    ShardParts<K, T> parts = new ShardParts<>(runner, workers, began);
    divided.forEach(
        (shard, wanted) -> {
          List<K> itsKeys = wanted.stream().map(WantedKey::key).toList();
          parts.add(
              wanted, itsKeys, new Target.OfKeys(keyspace, region, shard, itsKeys, routing), query);
        });
    return parts.run();
  }

  /** The keys by their canonical form, each once and with its owner, in the order given. */
  private <T> Map<Object, WantedKey<K, T>> wanted(Routing routing, KeyValues values) {
    KeyspaceRouting in = routing.keyspace(keyspace);
    Map<Object, WantedKey<K, T>> wanted = Maps.newLinkedHashMapWithExpectedSize(keys.size());
    for (K key : keys) {
      ShardId owner = in.route(region, in.tokenOf(key)).shard();
      wanted.putIfAbsent(values.canonical(key), new WantedKey<>(key, owner));
    }
    return wanted;
  }

  private <T> Map<ShardId, List<WantedKey<K, T>>> dividedAnew(
      Routing routing, List<WantedKey<K, T>> moved) {
    KeyspaceRouting in = routing.keyspace(keyspace);
    for (WantedKey<K, T> each : moved) {
      each.askOf(in.route(region, in.tokenOf(each.key())).shard());
    }
    return byShard(moved);
  }

  private static <K, T> Map<ShardId, List<WantedKey<K, T>>> byShard(
      Collection<WantedKey<K, T>> wanted) {
    Map<ShardId, List<WantedKey<K, T>>> divided = new LinkedHashMap<>();
    for (WantedKey<K, T> each : wanted) {
      divided.computeIfAbsent(each.shard(), any -> new ArrayList<>()).add(each);
    }
    return divided;
  }

  private KeyValues values(Routing routing) {
    KeyspaceRouting in = routing.keyspace(keyspace);
    KeyType type =
        in.keyspace()
            .keyType()
            .orElseThrow(
                () ->
                    new RouteRefused(
                        "keyspace %s has no sharding key: use single()".formatted(keyspace)));
    return new KeyValues(type, in.tokens());
  }

  private static <K, T> Map<K, List<T>> inOrder(
      Map<Object, WantedKey<K, T>> wanted, List<Failure> failures) {
    Map<K, List<T>> ordered = Maps.newLinkedHashMapWithExpectedSize(wanted.size());
    for (WantedKey<K, T> each : wanted.values()) {
      if (!each.hasFailed()) {
        ordered.put(each.key(), each.rows());
      }
    }
    if (!failures.isEmpty()) {
      throw new SomeShardsFailed(failures, ordered);
    }
    return ordered;
  }
}
