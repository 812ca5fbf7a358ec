package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A move of many tables, few of which are written, over a network that takes its time. */
@Timeout(180)
@Tag("slow")
class ManyTablesIT {
  private static final int TABLES = 30;

  /** Less than one trip for each table takes. */
  private static final Duration BUDGET = Duration.ofMillis(400);

  private static final Duration DELAY = Duration.ofMillis(8);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final List<FaultProxy> ways = new ArrayList<>();
  private LiveCluster cluster;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(100, Sites.shared().by(this::way));
    try (ClusterAdmin admin = cluster.admin()) {
      for (int i = 0; i < TABLES; i++) {
        for (String shard : List.of("s-1", "s-2")) {
          cluster.execute(shard, "create table more_%d (id bigint primary key)".formatted(i));
        }
        admin.registerTable("bank", ShardedTable.of(TableName.of("more_" + i), "id"));
      }
    }
  }

  private String way(String address) {
    HostAndPort server = HostAndPort.fromString(address);
    FaultProxy proxy = FaultProxy.to(server.getHost(), server.getPort());
    ways.add(proxy);
    return proxy.host() + ":" + proxy.port();
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
    ways.forEach(FaultProxy::close);
  }

  @Test
  void changesHandsWithinItsBudget() throws Exception {
    try (Rebalancer rebalancer = cluster.rebalancer()) {
      rebalancer.campaign("one");
      int number =
          rebalancer
              .start(
                  rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
                  new MoveOptions(Duration.ofMinutes(10), Long.MAX_VALUE, 2, BUDGET))
              .get(0);
      rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
      ways.forEach(way -> way.delay(DELAY));
      rebalancer.rollBack(number);
      rebalancer.await(
          number, status -> status.isOver() || status.state().equals("CLEANING_UP"), PATIENCE);
      ways.forEach(way -> way.delay(Duration.ZERO));
      assertThat(rebalancer.await(number, MigrationStatus::isOver, PATIENCE).outcome())
          .isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    }
  }
}
