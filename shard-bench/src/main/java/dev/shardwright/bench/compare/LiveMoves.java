package dev.shardwright.bench.compare;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Region;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Two shards with accounts, threads that write to all of them through a router, and a rebalancer
 * that moves some of them back and forth.
 */
final class LiveMoves implements AutoCloseable {
  private static final RingId RING = new RingId(BenchCluster.KEYSPACE, Region.ALL);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final BenchCluster cluster;
  private final ShardRouter router;
  private final Rebalancer rebalancer;
  private final HeldWork held;
  private final Writers writers;
  private final long before;

  private LiveMoves(
      BenchCluster cluster, ShardRouter router, Rebalancer rebalancer, HeldWork held, int threads)
      throws SQLException {
    this.cluster = cluster;
    this.router = router;
    this.rebalancer = rebalancer;
    this.held = held;
    this.before = total();
    this.writers = new Writers(router.keyspace(BenchCluster.KEYSPACE), cluster.accounts(), threads);
  }

  /** Fills the table and starts so many writers. */
  static LiveMoves start(BenchCluster cluster, int threads) throws SQLException {
    for (PostgresServer server : cluster.servers()) {
      server.execute(
          "create index on accounts (pg_catalog.hashint8extended(account_id, 0));"
              + " create table bulk (id bigint generated always as identity primary key, filling text)");
    }
    HeldWork held = new HeldWork();
    ShardRouter router =
        ShardRouter.connect(
            cluster.zooKeeper(),
            BenchCluster.NAME,
            RouterOptions.DEFAULTS.withCredentials(cluster.credentials()).withMeters(held));
    AccountsByShard.load(cluster, router);
    Rebalancer rebalancer =
        Rebalancer.connect(
            cluster.zooKeeper(),
            BenchCluster.NAME,
            RebalancerOptions.DEFAULTS.withCredentials(cluster.credentials()));
    rebalancer.campaign("bench");
    return new LiveMoves(cluster, router, rebalancer, held, threads);
  }

  /** The waits of the writers for rows that change hands, as their router measures them. */
  HeldWork held() {
    return held;
  }

  Writers writers() {
    return writers;
  }

  /** The first tokens of a shard's first range, at most that share of all. */
  KeyRangeSet firstTokensOf(ShardId shard, int share) {
    KeyRange first = rangesOf(shard).get(0);
    long most = -1L >>> Integer.numberOfTrailingZeros(share);
    long tokens = first.last() - first.first();
    return KeyRangeSet.of(
        Long.compareUnsigned(tokens, most) <= 0
            ? first
            : new KeyRange(first.first(), first.first() + most));
  }

  /** So many of a shard's tokens, from its first range on, at most that share of all. */
  KeyRangeSet tokensOf(ShardId shard, int share) {
    long left = -1L >>> Integer.numberOfTrailingZeros(share);
    List<KeyRange> ranges = new ArrayList<>();
    for (KeyRange range : rangesOf(shard)) {
      long afterFirst = range.last() - range.first();
      if (Long.compareUnsigned(afterFirst, left) >= 0) {
        ranges.add(new KeyRange(range.first(), range.first() + left));
        break;
      }
      ranges.add(range);
      left -= afterFirst + 1;
    }
    return KeyRangeSet.of(ranges);
  }

  private List<KeyRange> rangesOf(ShardId shard) {
    return router
        .topology()
        .keyspace(BenchCluster.KEYSPACE)
        .orElseThrow()
        .placement(Region.ALL)
        .rangesOf(shard)
        .ranges();
  }

  /** The way of these ranges. */
  RebalancePlan plan(KeyRangeSet ranges, ShardId target) {
    return rebalancer.plan(new RebalanceRequest.MoveTokens(RING, ranges, target));
  }

  /** Moves the ranges of a plan for one move, and waits until all is over. */
  MigrationStatus move(RebalancePlan plan, MoveOptions options)
      throws InterruptedException, TimeoutException {
    int number = rebalancer.start(plan, options).get(0);
    MigrationStatus status = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    if (status.outcome() != MigrationStatus.Outcome.MOVED) {
      throw new IllegalStateException("not moved: " + status);
    }
    rebalancer.forget(number);
    return status;
  }

  /**
   * Ends the writers, and looks whether each account is there once and all that was added was
   * acknowledged.
   */
  void check() throws SQLException {
    writers.close();
    long acknowledged = 0;
    for (int account = 0; account < cluster.accounts(); account++) {
      acknowledged += writers.acknowledged(account);
    }
    long added = total() - before;
    if (added != acknowledged) {
      throw new IllegalStateException(
          "%d were added, %d acknowledged".formatted(added, acknowledged));
    }
  }

  private long total() throws SQLException {
    long total = 0;
    List<Long> counts = new ArrayList<>();
    for (PostgresServer server : cluster.servers()) {
      try (Connection connection = server.connect();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("select sum(trunc(balance)), count(*) from accounts")) {
        row.next();
        total += row.getLong(1);
        counts.add(row.getLong(2));
      }
    }
    if (counts.stream().mapToLong(Long::longValue).sum() != cluster.accounts()) {
      throw new IllegalStateException("accounts: " + counts);
    }
    return total;
  }

  @Override
  public void close() {
    writers.close();
    rebalancer.close();
    router.close();
  }
}
