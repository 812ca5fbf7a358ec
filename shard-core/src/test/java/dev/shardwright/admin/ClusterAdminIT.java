package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterAdminIT {
  private static final String ORDERS =
      "create table public.orders (user_id bigint, id bigint, note text,"
          + " primary key (user_id, id))";
  private static final ShardedTable ORDERS_BY_USER =
      new ShardedTable(TableName.of("orders"), Optional.of("user_id"), Optional.empty());
  private static final TokenFunction TOKENS =
      TokenFunctions.of(Strategy.HASH, Optional.of(KeyType.BIGINT));

  @Test
  void guardsEachShardOfARegisteredTable() throws SQLException {
    try (TestCluster cluster = TestCluster.of(ORDERS, "s1", "s2", "s3")) {
      cluster.admin.createKeyspace(NewKeyspace.hash("shop", KeyType.BIGINT));
      cluster.admin.registerTable("shop", ORDERS_BY_USER);

      for (long user = 0; user < 50; user++) {
        String owner = owner(cluster.admin.topology(), user).value();
        for (String shard : new String[] {"s1", "s2", "s3"}) {
          String insert = "insert into orders values (%d, 1, 'x')".formatted(user);
          if (shard.equals(owner)) {
            cluster.asApp(shard, insert);
          } else {
            assertThatThrownBy(() -> cluster.asApp(shard, insert))
                .isInstanceOfSatisfying(
                    SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW001"));
          }
        }
      }
    }
  }

  private static ShardId owner(Topology topology, long user) {
    KeyspaceTopology shop = topology.keyspace("shop").orElseThrow();
    return shop.placement(Region.ALL).ownerOf(TOKENS.tokenOf(user));
  }
}
