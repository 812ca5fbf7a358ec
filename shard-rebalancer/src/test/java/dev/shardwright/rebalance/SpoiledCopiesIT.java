package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.topology.KeyspaceTopology;
import java.time.Duration;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A copy that differs from its row, though no log says so, is found before it could count. */
@Timeout(180)
@Tag("slow")
class SpoiledCopiesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private RebalancePlan plan;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(1_000);
    rebalancer = cluster.rebalancer();
    rebalancer.campaign("one");
    plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
  }

  @AfterEach
  void close() throws Exception {
    rebalancer.close();
    cluster.close();
  }

  @Test
  void onTheTargetBeforeTheRangesAreThere() throws Exception {
    int number = start(Duration.ZERO, 40_000);
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    rebalancer.pause(number);
    spoil("s-2", "account where true limit 1");
    rebalancer.resume(number);
    finish(number, MigrationStatus.Outcome.MOVED);
  }

  @Test
  void onTheSourceBeforeTheRangesAreTakenBack() throws Exception {
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    spoil("s-1", "account where id = " + movingAccount());
    rebalancer.rollBack(number);
    finish(number, MigrationStatus.Outcome.TAKEN_BACK);
  }

  /** Past all triggers. */
  private void spoil(String shard, String row) throws Exception {
    cluster.execute(
        shard,
        """
        do $$
        declare name text;
        begin
          for name in select tgname from pg_trigger where tgrelid = 'account'::regclass loop
            execute format('alter table account disable trigger %%I', name);
          end loop;
          update account set increments = 1000 where id = (select id from %s);
          for name in select tgname from pg_trigger where tgrelid = 'account'::regclass loop
            execute format('alter table account enable always trigger %%I', name);
          end loop;
        end $$
        """
            .formatted(row));
  }

  private long movingAccount() {
    KeyRangeSet ranges = plan.moves().get(0).transfer().ranges();
    KeyspaceTopology bank = cluster.topology().keyspace("bank").orElseThrow();
    return LongStream.rangeClosed(1, cluster.accounts)
        .filter(account -> ranges.contains(bank.tokenFunction().tokenOf(account)))
        .findFirst()
        .orElseThrow();
  }

  private int start(Duration window, long bytesPerSecond) {
    return rebalancer
        .start(plan, new MoveOptions(window, bytesPerSecond, 2, Duration.ofMillis(500)))
        .get(0);
  }

  /** Nobody has incremented anything. */
  private void finish(int number, MigrationStatus.Outcome outcome) throws Exception {
    MigrationStatus over = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(over.outcome()).as("%s", over).isEqualTo(outcome);
    cluster.check(Map.of(), Map.of());
    assertThat(cluster.leftOvers(number)).isEmpty();
  }
}
