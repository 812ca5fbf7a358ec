package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a statement with a list of keys sends to shards. */
@ExtendWith(LeakCheckExtension.class)
class KeyListIT {
  /** So that no key is found among other bytes by chance. */
  private static final long FIRST_KEY = 0x1234_5678_9ABC_0000L;

  private static final int KEYS = 40;
  private static final int LISTED = 8;

  /** The driver prepares a statement on the server when it is run for the fifth time. */
  private static final int PREPARED_AFTER = 5;

  private static final List<String> SHARDS = List.of("s1", "s2", "s3");

  private final Random random = new Random(11);

  @Test
  void asksEachShardForItsOwnKeysInOneTextHoweverManyTheyAre() throws Exception {
    PostgresServer server = PostgresServer.shared();
    List<CountingProxy> proxies = new ArrayList<>();
    try (TestCluster cluster = TestCluster.withShards(SHARDS.size())) {
      for (int i = 0; i < SHARDS.size(); i++) {
        proxies.add(new CountingProxy(server.host(), server.port()));
      }
      try (ShardRouter router =
              cluster.routerWith(topology -> through(proxies, topology, cluster));
          Connection connection = router.dataSource().getConnection()) {
        for (int i = 0; i < KEYS; i++) {
          router
              .keyspace("shop")
              .on(FIRST_KEY + i)
              .update("insert into users values (?, 'somebody')", FIRST_KEY + i);
        }
        for (int run = 1; run <= 20; run++) {
          proxies.forEach(CountingProxy::sent);
          List<Long> keys = random.longs(LISTED, FIRST_KEY, FIRST_KEY + KEYS).boxed().toList();
          assertThat(users(connection, keys))
              .containsExactlyElementsOf(keys.stream().distinct().sorted().toList());
          for (int i = 0; i < SHARDS.size(); i++) {
            String shard = SHARDS.get(i);
            String sent = proxies.get(i).sent();
            for (long key : keys) {
              boolean owned = router.route("shop", key).shard().value().equals(shard);
              assertThat(sent.contains(bytes(key)))
                  .as("whether key %s was sent to %s in run %s", key, shard, run)
                  .isEqualTo(owned);
            }
            if (run > 2 * PREPARED_AFTER) {
              assertThat(sent).doesNotContainIgnoringCase("from users");
            }
          }
        }
      }
    } finally {
      for (CountingProxy proxy : proxies) {
        proxy.close();
      }
    }
  }

  private static Topology through(
      List<CountingProxy> proxies, Topology topology, TestCluster cluster) {
    Topology changed = topology;
    for (int i = 0; i < SHARDS.size(); i++) {
      String shard = SHARDS.get(i);
      String url =
          "jdbc:postgresql://127.0.0.1:%d/%s?sslmode=disable"
              .formatted(proxies.get(i).port(), cluster.database(shard));
      changed = changed.withShard(Shard.of(ShardId.of(shard), new Endpoint(url, cluster.app)));
    }
    return changed;
  }

  private static List<Long> users(Connection connection, List<Long> keys) throws SQLException {
    String places = String.join(", ", keys.stream().map(key -> "?").toList());
    String sql = "select user_id from users where user_id in (" + places + ") order by user_id";
    List<Long> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < keys.size(); i++) {
        statement.setLong(i + 1, keys.get(i));
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(rows.getLong(1));
        }
      }
    }
    return found;
  }

  private static String bytes(long key) {
    return new String(
        ByteBuffer.allocate(Long.BYTES).putLong(key).array(), StandardCharsets.ISO_8859_1);
  }
}
