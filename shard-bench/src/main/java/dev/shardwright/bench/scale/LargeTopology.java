package dev.shardwright.bench.scale;

import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/** A topology of many shards with one keyspace, on all shards but the last. */
public final class LargeTopology {
  public static final String KEYSPACE = "shop";
  private static final int VIRTUAL_NODES = 64;
  private static final int ROW_BYTES = 100;

  private LargeTopology() {}

  /** That many shards own tokens, and one more does not yet. */
  public static Topology of(int owners) {
    Map<ShardId, Integer> weights = new TreeMap<>();
    TreeMap<ShardId, Shard> shards = new TreeMap<>();
    for (int i = 0; i <= owners; i++) {
      ShardId id = ShardId.of("shard-" + i);
      String url = "jdbc:postgresql://%s.db.example.com:5432/app".formatted(id);
      shards.put(id, Shard.of(id, new Endpoint(url, "app")));
      if (i < owners) {
        weights.put(id, 100);
      }
    }
    Placement placement = Placement.of(PlacementByTokens.layOut(weights, VIRTUAL_NODES));
    ShardedTable orders = ShardedTable.of(TableName.of("orders"), "customer_id");
    KeyspaceTopology keyspace =
        new KeyspaceTopology(
            KEYSPACE,
            Strategy.HASH,
            Optional.of(KeyType.BIGINT),
            VIRTUAL_NODES,
            new TreeSet<>(),
            new TreeMap<>(Map.of(orders.name(), orders)),
            new TreeMap<>(Map.of(Region.ALL, placement)));
    return new Topology(
        Topology.INITIAL.epoch(),
        shards,
        new TreeMap<>(Map.of(KEYSPACE, keyspace)),
        new TreeSet<>(),
        new TreeMap<>());
  }

  /** Where its tokens are. */
  static Placement placement(Topology topology) {
    return topology.keyspace(KEYSPACE).orElseThrow().placement(Region.ALL);
  }

  /** About the same number of rows in each of its virtual nodes, within a tenth. */
  public static RingContent content(Topology topology, long bytes) {
    Placement placement = placement(topology);
    long rows = bytes / ROW_BYTES / placement.ring().size();
    Random random = new Random(1);
    List<Volume> volumes = new ArrayList<>();
    for (int i = 0; i < placement.ring().size(); i++) {
      long here = rows - rows / 10 + random.nextLong(rows / 5);
      volumes.add(new Volume(here, here * ROW_BYTES, 0));
    }
    return new RingContent(
        new RingId(KEYSPACE, Region.ALL), placement, volumes, new TreeMap<>(), List.of());
  }
}
