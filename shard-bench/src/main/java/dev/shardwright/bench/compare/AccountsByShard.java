package dev.shardwright.bench.compare;

import dev.shardwright.router.ShardRouter;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The accounts of a {@link BenchCluster}, and on which of its servers each is. Immutable. */
public final class AccountsByShard {
  private final int[] owners;
  private final int shards;

  private AccountsByShard(int[] owners, int shards) {
    this.owners = owners;
    this.shards = shards;
  }

  /** Fills the table. */
  public static AccountsByShard load(BenchCluster cluster, ShardRouter router) throws SQLException {
    int[] owners = new int[cluster.accounts()];
    for (int key = 0; key < owners.length; key++) {
      owners[key] = BenchCluster.index(router.route(BenchCluster.KEYSPACE, key).shard());
    }
    for (int i = 0; i < cluster.servers().size(); i++) {
      try (Connection connection = cluster.servers().get(i).connect();
          PreparedStatement insert =
              connection.prepareStatement(
                  "insert into accounts (account_id, owner, balance) values (?, ?, ?)");
          Statement statement = connection.createStatement()) {
        for (int key = 0; key < owners.length; key++) {
          if (owners[key] == i) {
            insert.setLong(1, key);
            insert.setString(2, ownerName(key));
            insert.setBigDecimal(3, balance(key));
            insert.addBatch();
          }
        }
        insert.executeBatch();
        statement.execute("vacuum analyze accounts");
      }
    }
    return new AccountsByShard(owners, cluster.servers().size());
  }

  /** Who owns the account of that key. */
  public static String ownerName(int key) {
    return "owner " + key;
  }

  /** What is in the account of that key. */
  public static BigDecimal balance(int key) {
    return BigDecimal.valueOf(key * 7_919L % 100_003, 2);
  }

  /** How many there are. */
  int count() {
    return owners.length;
  }

  /** The index of the server that has the account of that key. */
  int owner(int key) {
    return owners[key];
  }

  /** The keys by the index of their server. */
  List<List<Long>> divide(List<Long> keys) {
    List<List<Long>> divided = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      divided.add(new ArrayList<>());
    }
    keys.forEach(key -> divided.get(owners[Math.toIntExact(key)]).add(key));
    return divided;
  }
}
