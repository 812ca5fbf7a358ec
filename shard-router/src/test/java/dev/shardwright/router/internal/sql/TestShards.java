package dev.shardwright.router.internal.sql;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A cluster for readable tests. Ordered keys are on shard {@code a} below 10, on {@code b} from 10,
 * on {@code c} from 20; times are on {@code a} before 2024, on {@code b} in 2024, on {@code c}
 * later.
 */
public final class TestShards {
  public static final ShardId A = ShardId.of("a");
  public static final ShardId B = ShardId.of("b");
  public static final ShardId C = ShardId.of("c");

  public static final Topology TOPOLOGY = topology();

  private TestShards() {}

  private static Topology topology() {
    Topology topology = Topology.INITIAL;
    for (ShardId id : List.of(A, B, C)) {
      Region region = id.equals(C) ? Region.of("us") : Region.of("eu");
      topology =
          topology.withShard(
              Shard.of(id, new Endpoint("jdbc:postgresql://" + id + ".example/app", "app"))
                  .withRegion(region));
    }
    return topology
        .withKeyspace(
            keyspace(
                "shop",
                Strategy.RANGE,
                KeyType.BIGINT,
                Map.of(Region.ALL, ordered(10, 20)),
                ShardedTable.of(TableName.of("orders"), "user_id"),
                ShardedTable.of(TableName.of("users"), "id"),
                ShardedTable.of(TableName.of("carts"), "user_id"),
                ShardedTable.of(TableName.of("sales.items"), "user_id"),
                ShardedTable.of(TableName.of("Odd"), "Key")))
        .withKeyspace(
            keyspace(
                "log",
                Strategy.RANGE,
                KeyType.TIMESTAMPTZ,
                Map.of(
                    Region.ALL,
                    ordered(micros("2024-01-01T00:00:00Z"), micros("2025-01-01T00:00:00Z"))),
                ShardedTable.of(TableName.of("events"), "at")))
        .withKeyspace(
            keyspace(
                "names",
                Strategy.HASH,
                KeyType.TEXT,
                Map.of(Region.ALL, hashed()),
                ShardedTable.of(TableName.of("accounts"), "name")))
        .withKeyspace(
            keyspace(
                "devices",
                Strategy.HASH,
                KeyType.UUID,
                Map.of(Region.ALL, hashed()),
                ShardedTable.of(TableName.of("devices"), "id")))
        .withKeyspace(
            keyspace(
                "world",
                Strategy.RANGE,
                KeyType.INTEGER,
                Map.of(
                    Region.of("eu"), Placement.of(split(new long[] {10}, A, B)),
                    Region.of("us"), Placement.of(RangeRing.ownedBy(C))),
                regional("people", "id"),
                regional("visits", "person")))
        .withKeyspace(
            new KeyspaceTopology(
                "plain",
                Strategy.SINGLE,
                Optional.empty(),
                1,
                new TreeSet<>(),
                tables(
                    new ShardedTable(
                        TableName.of("plain_notes"), Optional.empty(), Optional.empty())),
                new TreeMap<>(Map.of(Region.ALL, Placement.of(RangeRing.ownedBy(B))))))
        .withReferenceTables(
            new TreeSet<>(List.of(TableName.of("countries"), TableName.of("sales.rates"))));
  }

  private static KeyspaceTopology keyspace(
      String name,
      Strategy strategy,
      KeyType type,
      Map<Region, Placement> placements,
      ShardedTable... tables) {
    TreeSet<Region> regions = new TreeSet<>(placements.keySet());
    regions.remove(Region.ALL);
    return new KeyspaceTopology(
        name, strategy, Optional.of(type), 8, regions, tables(tables), new TreeMap<>(placements));
  }

  private static ShardedTable regional(String table, String key) {
    return new ShardedTable(TableName.of(table), Optional.of(key), Optional.of("region"));
  }

  private static Placement ordered(long b, long c) {
    return Placement.of(split(new long[] {b, c}, A, B, C));
  }

  private static RangeRing split(long[] begins, ShardId... owners) {
    List<VirtualNode> nodes = new ArrayList<>();
    for (int i = 0; i < owners.length; i++) {
      long first = i == 0 ? Long.MIN_VALUE : begins[i - 1];
      long last = i == begins.length ? Long.MAX_VALUE : begins[i] - 1;
      nodes.add(new VirtualNode(new KeyRange(first, last), owners[i]));
    }
    return RangeRing.of(nodes);
  }

  private static Placement hashed() {
    long third = (1L << (Long.SIZE - HashRing.GRID_BITS)) / 3;
    List<VirtualNode> nodes = new ArrayList<>();
    long first = Long.MIN_VALUE;
    for (ShardId owner : List.of(A, B)) {
      long next = first + (third << HashRing.GRID_BITS);
      nodes.add(new VirtualNode(new KeyRange(first, next - 1), owner));
      first = next;
    }
    nodes.add(new VirtualNode(new KeyRange(first, Long.MAX_VALUE), C));
    return Placement.of(HashRing.of(nodes));
  }

  private static SortedMap<TableName, ShardedTable> tables(ShardedTable... tables) {
    SortedMap<TableName, ShardedTable> byName = new TreeMap<>();
    Arrays.stream(tables).forEach(table -> byName.put(table.name(), table));
    return byName;
  }

  private static long micros(String instant) {
    return Instant.parse(instant).toEpochMilli() * 1_000;
  }
}
