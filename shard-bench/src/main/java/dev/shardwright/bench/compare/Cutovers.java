package dev.shardwright.bench.compare;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long work on ranges waits while they change hands: one virtual node goes to the other shard
 * and the next one back, again and again, while threads write to all accounts through a router; the
 * same once more beside an unrelated bulk load on both servers. Every acknowledged write is looked
 * for in the end.
 *
 * <p>Arguments: how often ranges change hands (default 100), writers (default 8).
 */
public final class Cutovers {
  private static final RingId RING = new RingId(BenchCluster.KEYSPACE, Region.ALL);
  private static final MoveOptions AT_ONCE =
      new MoveOptions(
          Duration.ZERO,
          MoveOptions.DEFAULTS.bytesPerSecond(),
          MoveOptions.DEFAULTS.lanes(),
          MoveOptions.DEFAULTS.pause());
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final BenchCluster cluster;
  private final Rebalancer rebalancer;
  private final Writers writers;

  private Cutovers(BenchCluster cluster, Rebalancer rebalancer, Writers writers) {
    this.cluster = cluster;
    this.rebalancer = rebalancer;
    this.writers = writers;
  }

  /** Runs the comparison and prints its table. */
  public static void main(String[] arguments) throws Exception {
    int cutovers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
    int writers = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8;
    run(cutovers, writers, System.out);
  }

  static void run(int cutovers, int threads, PrintStream out) throws Exception {
    try (BenchCluster cluster = BenchCluster.start(2)) {
      for (PostgresServer server : cluster.servers()) {
        server.execute(
            "create index on accounts (pg_catalog.hashint8extended(account_id, 0));"
                + " create table bulk (id bigint generated always as identity primary key, filling text)");
      }
      try (ShardRouter router =
              ShardRouter.connect(
                  cluster.zooKeeper(),
                  BenchCluster.NAME,
                  RouterOptions.DEFAULTS.withCredentials(cluster.credentials()));
          Rebalancer rebalancer =
              Rebalancer.connect(
                  cluster.zooKeeper(),
                  BenchCluster.NAME,
                  RebalancerOptions.DEFAULTS.withCredentials(cluster.credentials()))) {
        AccountsByShard.load(cluster, router);
        long before = total(cluster);
        rebalancer.campaign("bench");
        Writers writers = new Writers(router.keyspace(BenchCluster.KEYSPACE), threads);
        try (writers) {
          Cutovers comparison = new Cutovers(cluster, rebalancer, writers);
          out.printf(
              Locale.ROOT,
              "%n%d cutovers of one virtual node each, %d writers%n"
                  + "| %-16s | pause ms p50 | p90 | p99 | max | attempts | longest statement ms p50 | max |"
                  + " failed |%n|---|---|---|---|---|---|---|---|---|%n",
              cutovers,
              threads,
              "beside");
          comparison.cutOver("nothing", cutovers, out);
          BulkLoad load = new BulkLoad(cluster.servers());
          try (load) {
            comparison.cutOver("a bulk load", cutovers, out);
          }
        }
        check(cluster, writers, before);
      }
    }
  }

  private void cutOver(String beside, int cutovers, PrintStream out) throws Exception {
    double[] pauses = new double[cutovers];
    double[] longest = new double[cutovers];
    int attempts = 0;
    long failed = writers.failed();
    for (int i = 0; i < cutovers; i++) {
      ShardId source = BenchCluster.shard(i % 2);
      ShardId target = BenchCluster.shard(1 - i % 2);
      KeyRangeSet range = firstRangeOf(source);
      writers.takeLongest();
      int number =
          rebalancer
              .start(rebalancer.plan(new RebalanceRequest.MoveTokens(RING, range, target)), AT_ONCE)
              .get(0);
      MigrationStatus status = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
      if (status.outcome() != MigrationStatus.Outcome.MOVED) {
        throw new IllegalStateException("not moved: " + status);
      }
      pauses[i] = status.pause().toNanos() / 1e6;
      longest[i] = writers.takeLongest() / 1e6;
      attempts += status.attempts() + 1;
      rebalancer.forget(number);
    }
    Arrays.sort(pauses);
    Arrays.sort(longest);
    out.printf(
        Locale.ROOT,
        "| %-16s | %.1f | %.1f | %.1f | %.1f | %d | %.1f | %.1f | %d |%n",
        beside,
        at(pauses, 0.5),
        at(pauses, 0.9),
        at(pauses, 0.99),
        at(pauses, 1),
        attempts,
        at(longest, 0.5),
        at(longest, 1),
        writers.failed() - failed);
  }

  private KeyRangeSet firstRangeOf(ShardId shard) {
    try (ZooKeeperCluster zookeeper =
        ZooKeeperCluster.connect(cluster.zooKeeper(), BenchCluster.NAME)) {
      Topology topology = zookeeper.topologyStore().read();
      return KeyRangeSet.of(
          topology
              .keyspace(BenchCluster.KEYSPACE)
              .orElseThrow()
              .placement(Region.ALL)
              .rangesOf(shard)
              .ranges()
              .get(0));
    }
  }

  /** All that was added was acknowledged, and nothing is lost. */
  private static void check(BenchCluster cluster, Writers writers, long before)
      throws SQLException {
    long acknowledged = 0;
    for (int account = 0; account < BenchCluster.ACCOUNTS; account++) {
      acknowledged += writers.acknowledged(account);
    }
    long added = total(cluster) - before;
    if (added != acknowledged) {
      throw new IllegalStateException(
          "%d were added, %d acknowledged".formatted(added, acknowledged));
    }
  }

  private static long total(BenchCluster cluster) throws SQLException {
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
    long rows = counts.stream().mapToLong(Long::longValue).sum();
    if (rows != BenchCluster.ACCOUNTS) {
      throw new IllegalStateException("accounts: " + counts);
    }
    return total;
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
