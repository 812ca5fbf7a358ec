package dev.shardwright.examples.shop;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;

/** Sets the shop's cluster up, once. The tables exist on both servers already. */
public final class ShopSetUp {
  private ShopSetUp() {}

  /** Two shards, one keyspace, two tables. */
  public static void run(String zooKeeper, Endpoint first, Endpoint second) {
    try (ClusterAdmin admin = ClusterAdmin.connect(zooKeeper, "prod")) {
      admin.init();
      admin.addShard(Shard.of(ShardId.of("shard-1"), first));
      admin.addShard(Shard.of(ShardId.of("shard-2"), second));
      admin.createKeyspace(NewKeyspace.hash("shop", KeyType.BIGINT));
      admin.registerTable("shop", ShardedTable.of(TableName.of("users"), "user_id"));
      admin.registerTable("shop", ShardedTable.of(TableName.of("orders"), "user_id"));
    }
  }
}
