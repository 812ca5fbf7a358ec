package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/** Half of all rows on their way from the first shard to the second, and who watches them. */
final class Moving implements AutoCloseable {
  static final ShardId SOURCE = ShardId.of("s-1");

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  /** So few that there is time for something to happen while rows are copied. */
  private static final long SLOWLY = 10_000;

  private final ServedCluster cluster;
  private final Rebalancer watching;
  private final RebalancePlan plan;
  private int number;

  Moving(ServedCluster cluster) {
    this.cluster = cluster;
    this.watching = cluster.rebalancer();
    this.plan = watching.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
  }

  /** This process carries the move out, if it is elected. */
  void campaign() {
    watching.campaign("test");
  }

  /** Accounts whose rows move. */
  List<Long> accounts() {
    return accounts(this::moves);
  }

  /** Accounts whose rows do not. */
  List<Long> others() {
    return accounts(key -> !moves(key));
  }

  /** Accounts that are not there yet, and would move. */
  List<Long> newAccounts(int count) {
    return LongStream.iterate(ServedCluster.ACCOUNTS + 1, key -> key + 1)
        .boxed()
        .filter(this::moves)
        .limit(count)
        .toList();
  }

  private boolean moves(long key) {
    KeyspaceTopology bank = cluster.topology().keyspace(ServedCluster.KEYSPACE).orElseThrow();
    return plan.moves().get(0).transfer().ranges().contains(bank.tokenFunction().tokenOf(key));
  }

  private static List<Long> accounts(Predicate<Long> which) {
    return LongStream.rangeClosed(1, ServedCluster.ACCOUNTS).boxed().filter(which).toList();
  }

  void begin(Duration pause) {
    begin(pause, Long.MAX_VALUE);
  }

  /** So that there is time while rows are copied; returns then. */
  void beginSlowly(Duration pause) throws Exception {
    begin(pause, SLOWLY);
    comesTo("COPYING");
  }

  private void begin(Duration pause, long bytesPerSecond) {
    number = watching.start(plan, new MoveOptions(Duration.ZERO, bytesPerSecond, 2, pause)).get(0);
  }

  MigrationStatus comesTo(String state) throws Exception {
    return until(status -> status.state().equals(state));
  }

  MigrationStatus until(Predicate<MigrationStatus> wanted) throws Exception {
    return watching.await(number, wanted, PATIENCE);
  }

  MigrationStatus status() {
    return watching.migration(number).orElseThrow();
  }

  /** The move as it is now, if work waits for it. */
  Optional<RangeMove> held() {
    return cluster.topology().move(number).filter(RangeMove::held);
  }

  /** Whether the source refuses the ranges: its register says that they are with the target. */
  boolean isFenced() throws SQLException {
    return cluster.read(SOURCE, "select last_value from shardwright.register_" + number).get(0) % 2
        == 1;
  }

  /**
   * A writer in the ranges that ends no sooner than it is closed: no attempt gets past it, so that
   * each lasts as long as its pause.
   */
  Connection block() throws SQLException {
    Connection blocker = cluster.connect(SOURCE);
    blocker.setAutoCommit(false);
    try (Statement statement = blocker.createStatement()) {
      statement.executeUpdate(
          "update account set version = version where id = " + accounts().get(0));
    }
    return blocker;
  }

  /** Waits until work waits. */
  RangeMove awaitHeld() {
    return await()
        .atMost(PATIENCE)
        .pollInterval(LOOK_AGAIN)
        .until(this::held, Optional::isPresent)
        .orElseThrow();
  }

  /** Waits for the end: the rows are at the target, and nothing is left behind. */
  void finish() throws Exception {
    MigrationStatus over = until(MigrationStatus::isOver);
    System.out.println(over);
    assertThat(over.outcome()).as("%s", over).isEqualTo(MigrationStatus.Outcome.MOVED);
    cluster.checkPlaces(number);
  }

  @Override
  public void close() {
    watching.close();
  }
}
