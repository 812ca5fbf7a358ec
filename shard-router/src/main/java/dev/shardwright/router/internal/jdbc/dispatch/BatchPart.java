package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.statement.Batch;
import dev.shardwright.router.internal.jdbc.statement.BatchEntry;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The entries of a batch that go to one shard. Immutable.
 *
 * @param target the rows that they are about
 * @param places where in the batch they stand
 */
record BatchPart(ShardId shard, Target target, List<Integer> places) {
  /** The keys of one ring. */
  private record OnRing(String keyspace, Region region) {}

  /**
   * Divides a batch by shard that tells the session nothing. What any shard can carry out is done
   * where its first entry with a certain shard is.
   *
   * @param anywhere looks at what any shard can carry out
   * @return empty if there is an entry that concerns several shards, or none has a certain shard
   */
  static List<BatchPart> of(Batch all, Topology topology, Consumer<Analysis> anywhere) {
    Map<ShardId, Draft> drafts = new LinkedHashMap<>();
    List<Integer> uncertain = new ArrayList<>();
    for (int place = 0; place < all.entries().size(); place++) {
      BatchEntry entry = all.entries().get(place);
      Destination to = entry.destination(topology);
      if (to instanceof Destination.OneShard one) {
        drafts.computeIfAbsent(one.shard(), Draft::new).add(place, entry, one);
      } else if (to instanceof Destination.SingleKeyspace single) {
        drafts.computeIfAbsent(owner(single, topology), Draft::new).add(place, single);
      } else if (to instanceof Destination.AnyShard) {
        uncertain.add(place);
      } else {
        return List.of();
      }
    }
    if (!drafts.isEmpty()) {
      uncertain.forEach(place -> anywhere.accept(all.entries().get(place).analysis()));
      drafts.values().iterator().next().places.addAll(uncertain);
    }
    return drafts.values().stream().map(Draft::part).toList();
  }

  private static ShardId owner(Destination.SingleKeyspace single, Topology topology) {
    return topology.keyspace(single.keyspace()).orElseThrow().placement(single.region()).ownerOf(0);
  }

  /** The entries as a batch of their own. */
  Batch batch(Batch all) {
    return new Batch(
        places.stream().map(all.entries()::get).toList(), all.keys(), all.options(), all.running());
  }

  /** A part whose entries are not all known yet. */
  private static final class Draft {
    private final ShardId shard;
    private final List<Integer> places = new ArrayList<>();
    private final Map<OnRing, Set<Object>> keys = new LinkedHashMap<>();
    private final Set<Target> targets = new LinkedHashSet<>();

    Draft(ShardId shard) {
      this.shard = shard;
    }

    void add(int place, BatchEntry entry, Destination.OneShard one) {
      places.add(place);
      if (one.keys().isEmpty()) {
        targets.add(Engine.target(entry.analysis(), entry.arguments(), one));
      } else {
        keys.computeIfAbsent(
                new OnRing(one.keyspace(), one.region()), ring -> new LinkedHashSet<>())
            .addAll(one.keys());
      }
    }

    void add(int place, Destination.SingleKeyspace single) {
      places.add(place);
      targets.add(new Target.OfSingle(single.keyspace(), single.region()));
    }

    BatchPart part() {
      keys.forEach(
          (ring, named) ->
              targets.add(
                  ScatterEngine.target(
                      new Destination.OneShard(
                          ring.keyspace(), ring.region(), shard, List.copyOf(named)))));
      List<Target> parts = List.copyOf(targets);
      Target target = parts.size() == 1 ? parts.get(0) : new Target.OfAll(parts);
      return new BatchPart(shard, target, places.stream().sorted().toList());
    }
  }
}
