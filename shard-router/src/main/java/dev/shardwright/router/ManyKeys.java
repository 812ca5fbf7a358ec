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
    Routing routing = runner.routing();
    KeyValues values = values(routing);
    Map<Object, K> wanted = Maps.newLinkedHashMapWithExpectedSize(keys.size());
    Map<ShardId, List<K>> divided = divided(routing, values, wanted);
    Map<Object, List<T>> found = Maps.newHashMapWithExpectedSize(wanted.size());
    List<Failure> failures = new ArrayList<>();
    var query =
        new QueryKeys.KeyedQuery<>(sql, keyColumn, values, mapper, Arrays.asList(parameters));
    for (int division = 1; !divided.isEmpty(); division++) {
      boolean last = division == MAX_DIVISIONS;
      List<K> moved = new ArrayList<>();
      for (ShardParts.Part<K, T> part : run(query, routing, divided)) {
        ShardException failure = part.failure();
        if (failure == null) {
          found.putAll(part.rows());
        } else if (failure instanceof RangeMoved && !last) {
          moved.addAll(part.keys());
        } else {
          failures.add(new Failure(part.shard(), part.keys(), failure));
        }
      }
      routing = runner.routing();
      divided = divided(routing, moved);
    }
    return inOrder(keyColumn, wanted, found, failures);
  }

  private <T> List<ShardParts.Part<K, T>> run(
      QueryKeys.KeyedQuery<T> query, Routing routing, Map<ShardId, List<K>> divided) {
    ShardParts<K, T> parts = new ShardParts<>(runner, workers);
    divided.forEach(
        (shard, itsKeys) ->
            parts.add(
                shard,
                itsKeys,
                new Target.OfKeys(keyspace, region, shard, itsKeys, routing),
                query));
    return parts.run();
  }

  /**
   * The keys by their owners, each once.
   *
   * @param wanted gets them by their canonical form, in the order given
   */
  private Map<ShardId, List<K>> divided(Routing routing, KeyValues values, Map<Object, K> wanted) {
    KeyspaceRouting in = routing.keyspace(keyspace);
    Map<ShardId, List<K>> divided = new LinkedHashMap<>();
    for (K key : keys) {
      long token = in.tokenOf(key);
      if (wanted.putIfAbsent(values.canonical(key), key) == null) {
        add(key, in.route(region, token).shard(), divided);
      }
    }
    return divided;
  }

  private Map<ShardId, List<K>> divided(Routing routing, List<K> some) {
    KeyspaceRouting in = routing.keyspace(keyspace);
    Map<ShardId, List<K>> divided = new LinkedHashMap<>();
    for (K key : some) {
      add(key, in.route(region, in.tokenOf(key)).shard(), divided);
    }
    return divided;
  }

  private void add(K key, ShardId owner, Map<ShardId, List<K>> divided) {
    divided.computeIfAbsent(owner, any -> new ArrayList<>()).add(key);
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
      String keyColumn, Map<Object, K> wanted, Map<Object, List<T>> found, List<Failure> failures) {
    for (Object key : found.keySet()) {
      if (!wanted.containsKey(key)) {
        throw new RouteRefused(
            ("column %s of the result holds %s, which is none of the keys asked for: it must"
                    + " hold the sharding key")
                .formatted(keyColumn, key));
      }
    }
    Map<Object, Failure> failed = new LinkedHashMap<>();
    failures.forEach(failure -> failure.keys().forEach(key -> failed.put(key, failure)));
    Map<K, List<T>> ordered = Maps.newLinkedHashMapWithExpectedSize(wanted.size());
    wanted.forEach(
        (canonical, key) -> {
          if (!failed.containsKey(key)) {
            ordered.put(key, found.getOrDefault(canonical, List.of()));
          }
        });
    if (!failures.isEmpty()) {
      throw new SomeShardsFailed(failures, ordered);
    }
    return ordered;
  }
}
