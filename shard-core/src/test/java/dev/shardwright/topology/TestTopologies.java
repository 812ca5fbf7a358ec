package dev.shardwright.topology;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.VirtualNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Topologies for tests: by hand, at random, and large. */
public final class TestTopologies {
  private TestTopologies() {}

  public static Shard shard(String id) {
    return Shard.of(
        ShardId.of(id), new Endpoint("jdbc:postgresql://" + id + ".example:5432/app", "app"));
  }

  public static List<ShardId> shardIds(int count) {
    return IntStream.range(0, count).mapToObj(i -> ShardId.of("s" + i)).toList();
  }

  /** A hash ring of equal spans dealt out in turn. */
  public static Ring hashRing(List<ShardId> owners, int virtualNodes) {
    List<VirtualNode> nodes = new ArrayList<>();
    long spans = (long) owners.size() * virtualNodes;
    for (long i = 0; i < spans; i++) {
      nodes.add(
          new VirtualNode(
              new KeyRange(gridBoundary(i, spans), gridBoundary(i + 1, spans) - 1),
              owners.get((int) (i % owners.size()))));
    }
    return HashRing.of(nodes);
  }

  /** A keyspace of a bigint key over all these shards. */
  public static KeyspaceTopology hashed(String name, List<ShardId> owners, int virtualNodes) {
    return new KeyspaceTopology(
        name,
        Strategy.HASH,
        Optional.of(KeyType.BIGINT),
        virtualNodes,
        new TreeSet<>(),
        new TreeMap<>(),
        new TreeMap<>(Map.of(Region.ALL, Placement.of(hashRing(owners, virtualNodes)))));
  }

  public static Topology withShards(Topology topology, List<ShardId> ids) {
    Topology changed = topology;
    for (ShardId id : ids) {
      changed = changed.withShard(shard(id.value()));
    }
    return changed;
  }

  /** One hash keyspace over that many shards, at epoch 1. */
  public static Topology large(int shards, int virtualNodes) {
    List<ShardId> ids = shardIds(shards);
    return withShards(Topology.INITIAL, ids).withKeyspace(hashed("shop", ids, virtualNodes));
  }

  /** Every feature of the model in one topology, the same each time. */
  public static Topology everything() {
    Shard one =
        shard("one")
            .withReplicas(
                List.of(
                    new Endpoint("jdbc:postgresql://one-b.example:5432/app?ssl=true", "app"),
                    new Endpoint("jdbc:postgresql://one-c.example:5432/app", "reader")))
            .withWeight(250)
            .withRegion(Region.of("eu"));
    Shard two = shard("two").withState(ShardState.DRAINING).withRegion(Region.of("us-east"));
    Topology topology = Topology.INITIAL.withShard(one).withShard(two).withShard(shard("three-3"));
    topology = topology.withKeyspace(regional()).withKeyspace(ranged());
    topology = topology.withKeyspace(hashed("text_keys", shardIds("three-3", "one"), 3));
    topology =
        topology.withKeyspace(
            new KeyspaceTopology(
                "plain",
                Strategy.SINGLE,
                Optional.empty(),
                1,
                new TreeSet<>(),
                tables(new ShardedTable(TableName.of("Odd \"names\".ü"), none(), none())),
                new TreeMap<>(
                    Map.of(Region.ALL, Placement.of(RangeRing.ownedBy(ShardId.of("two")))))));
    SortedSet<TableName> references = new TreeSet<>();
    references.add(TableName.of("airports"));
    references.add(TableName.of("geo.countries"));
    return withMoves(topology.withReferenceTables(references));
  }

  /** One move whose ranges are with the source and held, and one whose are with the target. */
  private static Topology withMoves(Topology topology) {
    KeyRange firstSpan =
        topology
            .keyspace("text_keys")
            .orElseThrow()
            .placement(Region.ALL)
            .ring()
            .virtualNode(0)
            .range();
    return topology
        .withMove(
            new RangeMove(
                7,
                "text_keys",
                Region.ALL,
                ShardId.of("three-3"),
                ShardId.of("one"),
                KeyRangeSet.of(firstSpan),
                3,
                4,
                true))
        .withMove(
            new RangeMove(
                9,
                "events",
                Region.ALL,
                ShardId.of("one"),
                ShardId.of("two"),
                KeyRangeSet.of(new KeyRange(1, 1_000), KeyRange.of(Long.MAX_VALUE - 1)),
                5,
                1,
                false));
  }

  /** Something else each time the generator is asked, within the rules. */
  public static Topology random(Random random) {
    List<ShardId> ids = shardIds(1 + random.nextInt(8));
    Topology topology = withShards(Topology.INITIAL, ids);
    int keyspaces = random.nextInt(4);
    for (int i = 0; i < keyspaces; i++) {
      boolean hashed = random.nextBoolean();
      Ring ring = randomRing(random, ids, hashed);
      topology =
          topology.withKeyspace(
              new KeyspaceTopology(
                  "k" + i,
                  hashed ? Strategy.HASH : Strategy.RANGE,
                  Optional.of(hashed ? KeyType.UUID : KeyType.BIGINT),
                  1 + random.nextInt(100),
                  new TreeSet<>(),
                  tables(new ShardedTable(TableName.of("t" + i), Optional.of("id"), none())),
                  new TreeMap<>(Map.of(Region.ALL, new Placement(ring, randomPins(random, ids))))));
    }
    long epochs = random.nextInt(5);
    for (long i = 0; i < epochs; i++) {
      topology = topology.next();
    }
    return topology;
  }

  private static KeyspaceTopology regional() {
    SortedMap<Region, Placement> placements = new TreeMap<>();
    Pins pins =
        Pins.of(
            List.of(
                new Pin("4711", -42, ShardId.of("one")),
                new Pin("größter Kunde", Long.MAX_VALUE, ShardId.of("one"))));
    placements.put(Region.of("eu"), new Placement(hashRing(shardIds("one"), 2), pins));
    placements.put(Region.of("us-east"), Placement.of(hashRing(shardIds("two"), 1)));
    return new KeyspaceTopology(
        "shop",
        Strategy.HASH,
        Optional.of(KeyType.BIGINT),
        64,
        new TreeSet<>(placements.keySet()),
        tables(
            new ShardedTable(TableName.of("orders"), Optional.of("user_id"), Optional.of("region")),
            new ShardedTable(
                TableName.of("sales.users"), Optional.of("id"), Optional.of("region"))),
        placements);
  }

  private static KeyspaceTopology ranged() {
    Ring ring =
        RangeRing.of(
            List.of(
                new VirtualNode(new KeyRange(Long.MIN_VALUE, -1), ShardId.of("two")),
                new VirtualNode(new KeyRange(0, 0), ShardId.of("one")),
                new VirtualNode(new KeyRange(1, Long.MAX_VALUE - 1), ShardId.of("two")),
                new VirtualNode(KeyRange.of(Long.MAX_VALUE), ShardId.of("three-3"))));
    return new KeyspaceTopology(
        "events",
        Strategy.RANGE,
        Optional.of(KeyType.TIMESTAMPTZ),
        8,
        new TreeSet<>(),
        tables(new ShardedTable(TableName.of("events"), Optional.of("at"), none())),
        new TreeMap<>(Map.of(Region.ALL, Placement.of(ring))));
  }

  private static Ring randomRing(Random random, List<ShardId> ids, boolean hashed) {
    SortedSet<Long> boundaries = new TreeSet<>();
    int count = random.nextInt(50);
    for (int i = 0; i < count; i++) {
      long boundary = random.nextInt(4) == 0 ? random.nextInt(9) - 4 : random.nextLong();
      boundaries.add(hashed ? boundary & -(1L << HashRing.GRID_BITS) : boundary);
    }
    boundaries.remove(Long.MIN_VALUE);
    List<VirtualNode> nodes = new ArrayList<>();
    long first = Long.MIN_VALUE;
    for (long boundary : boundaries) {
      nodes.add(new VirtualNode(new KeyRange(first, boundary - 1), any(random, ids)));
      first = boundary;
    }
    nodes.add(new VirtualNode(new KeyRange(first, Long.MAX_VALUE), any(random, ids)));
    return hashed ? HashRing.of(nodes) : RangeRing.of(nodes);
  }

  private static Pins randomPins(Random random, List<ShardId> ids) {
    Pins pins = Pins.NONE;
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      pins = pins.with(new Pin("key " + i, random.nextLong(), any(random, ids)));
    }
    return pins;
  }

  private static ShardId any(Random random, List<ShardId> ids) {
    return ids.get(random.nextInt(ids.size()));
  }

  private static List<ShardId> shardIds(String... names) {
    return Arrays.stream(names).map(ShardId::of).toList();
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private static SortedMap<TableName, ShardedTable> tables(ShardedTable... tables) {
    SortedMap<TableName, ShardedTable> byName = new TreeMap<>();
    for (ShardedTable table : tables) {
      byName.put(table.name(), table);
    }
    return byName;
  }

  /** The i-th of so many equal steps over the grid; past the last it wraps to the first. */
  private static long gridBoundary(long i, long spans) {
    long gridSize = 1L << (Long.SIZE - HashRing.GRID_BITS);
    return Long.MIN_VALUE + ((i * gridSize / spans) << HashRing.GRID_BITS);
  }
}
