package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.AccountsByShard;
import dev.shardwright.bench.compare.BenchCluster;
import dev.shardwright.router.ShardRouter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.IntStream;

/**
 * The same accounts twice on the same servers: in Shardwright's table, which its ring divides and
 * its guard watches, and in a plain one that is divided by the remainder of the key, for code
 * written by hand and for the peer, which cannot use the ring. Both have the same columns and
 * indexes, and as many rows on each shard, up to the evenness of a hash.
 */
final class Tables {
  static final String BY_RING = "accounts";
  static final String BY_REMAINDER = "accounts_by_remainder";

  private static final int BRANCHES = 20;

  private Tables() {}

  /** Completes the empty tables of a new cluster. */
  static void define(BenchCluster cluster) throws SQLException {
    for (int i = 0; i < cluster.servers().size(); i++) {
      execute(
          cluster,
          i,
          "alter table %s add branch integer not null generated always as (account_id %% %d) stored"
              .formatted(BY_RING, BRANCHES),
          "create index on %s (balance desc, account_id)".formatted(BY_RING),
          "create table %s (like %s including all)".formatted(BY_REMAINDER, BY_RING));
    }
  }

  /** Fills both. */
  static void load(BenchCluster cluster, ShardRouter router) throws SQLException {
    AccountsByShard.load(cluster, router);
    int shards = cluster.servers().size();
    for (int i = 0; i < shards; i++) {
      execute(
          cluster,
          i,
          """
          insert into %s (account_id, owner, balance)
          select key, 'owner ' || key, (key * 7919 %% 100003) / 100.0
          from generate_series(%d::bigint, %d, %d) as key"""
              .formatted(BY_REMAINDER, i, cluster.accounts() - 1, shards),
          "vacuum analyze " + BY_REMAINDER,
          "vacuum analyze " + BY_RING);
    }
  }

  /** The last of the first {@value Bank#DEEP} of so many rows in the order of the pages. */
  static Account lastBeforeDeepPage(int accounts) {
    return IntStream.range(0, accounts)
        .mapToObj(
            key -> new Account(key, AccountsByShard.ownerName(key), AccountsByShard.balance(key)))
        .sorted(Account.RICHEST_FIRST)
        .skip(Bank.DEEP - 1)
        .findFirst()
        .orElseThrow();
  }

  private static void execute(BenchCluster cluster, int shard, String... statements)
      throws SQLException {
    try (Connection connection = cluster.servers().get(shard).connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
