package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a plan by bytes promises, by the rows that have moved. */
@ExtendWith(LeakCheckExtension.class)
@Timeout(120)
@Tag("slow")
class BalanceByBytesIT {
  private static final double BAR = 1.05;
  private static final int ACCOUNTS = 20_000;
  private static final MoveOptions AT_ONCE =
      new MoveOptions(Duration.ZERO, Long.MAX_VALUE, 2, Duration.ofSeconds(1));

  /** Half of the bytes are those of a tenth of the keys, which are all in one sixteenth. */
  private static final String LONG_NOTES =
      """
      update account set note = repeat(md5(id::text), 40) where
        hashint8extended(id, 0) between -9223372036854775808 and -8070450532247928833""";

  @Test
  void rowsOfVeryDifferentSizesAreSharedOutByWhatTheyTake() throws Exception {
    try (LiveCluster cluster = new LiveCluster(ACCOUNTS);
        Rebalancer rebalancer = cluster.rebalancer()) {
      cluster.execute("s-1", LONG_NOTES);
      cluster.execute("s-1", "vacuum analyze account");
      RebalancePlan plan = rebalancer.plan(Balance.by(Goal.BYTES));
      assertThat(plan.rings().get(0).skewBefore()).isEqualTo(2);
      assertThat(plan.rings().get(0).skewAfter()).isLessThanOrEqualTo(BAR);
      rebalancer.campaign("one");
      for (int number : rebalancer.start(plan, AT_ONCE)) {
        rebalancer.await(number, MigrationStatus::isOver, Duration.ofSeconds(60));
      }
      double first = bytes(cluster, "s-1");
      double second = bytes(cluster, "s-2");
      double skew = Math.max(first, second) / ((first + second) / 2);
      System.out.printf("bytes %.0f and %.0f: skew %.3f%n", first, second, skew);
      assertThat(skew).isLessThanOrEqualTo(BAR);
      assertThat(cluster.count("s-1", "account") + cluster.count("s-2", "account"))
          .isEqualTo(ACCOUNTS);
    }
  }

  /** On disk, once what has left is gone there too. */
  private static double bytes(LiveCluster cluster, String shard) throws SQLException {
    cluster.execute(shard, "vacuum full account");
    try (Connection connection = cluster.connect(ShardId.of(shard));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_total_relation_size('account')")) {
      row.next();
      return row.getDouble(1);
    }
  }
}
