package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.internal.capture.ObjectNames;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
@Tag("slow")
class RebalancerIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final MoveOptions AT_ONCE = options(Duration.ZERO, Long.MAX_VALUE);

  private static final String WRITE_TO_RANGES =
      "update account set note = 'by hand' where hashint8extended(id, 0) >= 0";

  private final long seed = new Random().nextLong();
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private @Nullable Incrementing writers;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    cluster = new LiveCluster(3_000);
    rebalancer = cluster.rebalancer();
  }

  @AfterEach
  void close() throws Exception {
    if (writers != null) {
      writers.end();
    }
    rebalancer.close();
    cluster.close();
  }

  @Test
  void aNewShardGetsItsShareWhileOthersWriteAndNothingIsLeftBehind() throws Exception {
    RebalancePlan plan = plan();
    assertThat(plan.moves()).hasSize(1);
    Incrementing writers = startWriters();
    rebalancer.campaign("one");
    List<Integer> numbers = rebalancer.start(plan, AT_ONCE);
    MigrationStatus done = until(numbers.get(0), "DONE");
    assertThat(done.outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    assertThat(done.pause()).isPositive();
    assertThat(done.rows()).isPositive();
    assertAbortRefused(done.number(), "is DONE: the ranges have changed hands: take them back");
    long soFar = writers.count();
    await().until(() -> writers.count() > soFar + 100);
    writers.end();
    System.out.println(done + ", refused " + writers.refused());
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.count("s-2", "account")).isBetween(1_200L, 1_800L);
    assertThat(cluster.leftOvers(done.number())).isEmpty();
    assertThat(cluster.topology().moves()).isEmpty();
  }

  @Test
  void rangesThatChangedHandsComeBackWithAllThatWasWrittenSince() throws Exception {
    Incrementing writers = startWriters();
    rebalancer.campaign("one");
    int number = rebalancer.start(plan(), options(Duration.ofMinutes(10), Long.MAX_VALUE)).get(0);
    until(number, "IN_WINDOW");
    assertAbortRefused(number, "is IN_WINDOW: the ranges have changed hands: roll it back");
    assertThatThrownBy(() -> rebalancer.forget(number))
        .isInstanceOf(SteeringRefused.class)
        .hasMessageContaining("is IN_WINDOW: only one that is DONE or ABORTED can be forgotten");
    long soFar = writers.count();
    await().until(() -> writers.count() > soFar + 200);
    RangeMove move = cluster.topology().move(number).orElseThrow();
    rebalancer.rollBack(number);
    MigrationStatus back = until(number, "DONE");
    assertStaysClosed(ShardId.of("s-2"), move);
    assertThat(back.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertAbortRefused(number, "is DONE: its ranges were taken back");
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.count("s-2", "account")).isZero();
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  @Test
  void partitionsGeneratedColumnsAndDeferrableKeysGoThereAndComeBack() throws Exception {
    close();
    cluster = new LiveCluster(100, Sites.shared(), LiveCluster.INTRICATE_DDL);
    rebalancer = cluster.rebalancer();
    Incrementing writers = startGentleWriters();
    rebalancer.campaign("one");
    await().atMost(PATIENCE).until(() -> cluster.count("s-1", "entry_rest") > 100);
    int number = rebalancer.start(plan(), options(Duration.ofMinutes(10), Long.MAX_VALUE)).get(0);
    until(number, "IN_WINDOW");
    long soFar = writers.count();
    await().atMost(PATIENCE).until(() -> writers.count() > soFar + 100);
    for (String table : List.of("account_low", "account_rest", "entry_first", "entry_rest")) {
      assertThat(cluster.count("s-2", table)).as(table).isPositive();
    }
    rebalancer.rollBack(number);
    until(number, "DONE");
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.count("s-1", "account where twice <> 2 * increments")).isZero();
    assertThat(
            cluster.count(
                "s-1",
                "entry e where before is not null and not exists"
                    + " (select from entry f where (f.account, f.n) = (e.account, e.before))"))
        .isZero();
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /**
   * Whoever has read the last topology with the move, taken back, comes too late for its guards.
   */
  private void assertStaysClosed(ShardId shard, RangeMove move) throws SQLException {
    Topology ended = cluster.topology();
    Topology last =
        ended.withMove(move.hold().commit()).withEpoch(new Epoch(ended.epoch().value() - 1));
    KeyspaceTopology bank = last.keyspace("bank").orElseThrow();
    try (Connection connection = cluster.connect(shard)) {
      for (ShardedTable table : bank.tables().values()) {
        Guard late = Guard.of(last, bank, table, last.shard(shard).orElseThrow());
        GuardInstaller.install(connection, late);
        assertThat(GuardInstaller.isInForce(connection, late)).as("%s", table.name()).isFalse();
      }
    }
  }

  /** It read the topology before the rollback, and only now comes to the databases. */
  @Test
  void aLateHelperChangesNothingAfterARollback() throws Exception {
    Incrementing writers = startGentleWriters();
    rebalancer.campaign("one");
    int number = rebalancer.start(plan(), options(Duration.ofMinutes(10), Long.MAX_VALUE)).get(0);
    until(number, "IN_WINDOW");
    // The clean-up, which takes the registers away in the end, begins with the guard.
    try (Connection inTheWay = cluster.connect(ShardId.of("s-2"));
        Statement statement = inTheWay.createStatement()) {
      inTheWay.setAutoCommit(false);
      statement.execute("lock table shardwright.guard in share mode");
      rebalancer.rollBack(number);
      until(number, "CLEANING_UP");
      assertAbortRefused(number, "is CLEANING_UP: its ranges were taken back");
      List<Long> inForce = registers(number);
      assertThat(inForce.get(0)).isGreaterThanOrEqualTo(2).matches(value -> value % 2 == 0);
      assertThat(inForce.get(1)).isEqualTo(inForce.get(0));
      assertThat(advance("s-2", number, 1)).isEqualTo(inForce.get(1));
      assertThat(advance("s-1", number, 0)).isEqualTo(inForce.get(0));
      assertThat(advance("s-1", number, 1)).as("of a late fence").isEqualTo(inForce.get(0));
      assertThat(registers(number)).isEqualTo(inForce);
      assertThatThrownBy(() -> cluster.execute("s-2", WRITE_TO_RANGES))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.RANGE_MOVED))
          .hasMessageContaining("\"owner\": \"s-1\"");
      cluster.execute("s-1", WRITE_TO_RANGES);
      long soFar = writers.count();
      await().until(() -> writers.count() > soFar + 100);
      inTheWay.rollback();
    }
    MigrationStatus back = until(number, "DONE");
    assertThat(back.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /** That of the source, and that of the target. */
  private List<Long> registers(int number) throws SQLException {
    String value = "select last_value from " + ObjectNames.register(number);
    return List.of(number("s-1", value), number("s-2", value));
  }

  private long advance(String shard, int number, long value) throws SQLException {
    return number(shard, "select shardwright.advance(%d, %d)".formatted(number, value));
  }

  private long number(String shard, String query) throws SQLException {
    try (Connection connection = cluster.connect(ShardId.of(shard));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void anAbortedMigrationLeavesNothingOnTheTarget() throws Exception {
    Incrementing writers = startGentleWriters();
    rebalancer.campaign("one");
    int number = rebalancer.start(plan(), options(Duration.ZERO, 20_000)).get(0);
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    rebalancer.abort(number);
    MigrationStatus aborted = until(number, "ABORTED");
    assertThat(aborted.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(aborted.note()).isEqualTo("asked for");
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.count("s-2", "account")).isZero();
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertAbortRefused(number, "is ABORTED: nothing has moved");
    assertThatThrownBy(() -> rebalancer.pause(number))
        .isInstanceOf(SteeringRefused.class)
        .hasMessage("migration %d is ABORTED: it is over".formatted(number));
    rebalancer.forget(number);
    assertThat(rebalancer.migrations()).isEmpty();
  }

  /** Nobody leads who could have begun with it. */
  @Test
  void aPauseTakesBackNoAbortAndNoRollback() throws Exception {
    int number;
    try (Rebalancer first = cluster.rebalancer()) {
      first.campaign("first");
      number = first.start(plan(), options(Duration.ofMinutes(10), Long.MAX_VALUE)).get(0);
      until(number, "IN_WINDOW");
    }
    rebalancer.rollBack(number);
    assertPauseRefused(number, "is IN_WINDOW: it is to be rolled back", "ROLL_BACK");
    rebalancer.resume(number);
    rebalancer.pause(number);
    rebalancer.rollBack(number);
    rebalancer.campaign("second");
    assertThat(until(number, "DONE").outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    rebalancer.close();
    rebalancer = cluster.rebalancer();
    int planned = rebalancer.start(plan(), AT_ONCE).get(0);
    rebalancer.abort(planned);
    assertPauseRefused(planned, "is PLANNED: it is to be aborted", "ABORT");
  }

  private void assertPauseRefused(int number, String why, String desired) {
    assertThatThrownBy(() -> rebalancer.pause(number))
        .isInstanceOf(SteeringRefused.class)
        .hasMessageContaining(why);
    assertThat(rebalancer.migration(number).orElseThrow().desired()).isEqualTo(desired);
  }

  @Test
  void aPausedMigrationRestsAndGoesOn() throws Exception {
    rebalancer.campaign("one");
    int number = rebalancer.start(plan(), options(Duration.ZERO, 40_000)).get(0);
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    rebalancer.pause(number);
    MigrationStatus paused =
        rebalancer.await(number, status -> status.hindrance() == Hindrance.PAUSED, PATIENCE);
    assertThat(paused.state()).as("it says so in the middle of the copy").isEqualTo("COPYING");
    long rows = restingRows(number);
    assertThat(rebalancer.migration(number).orElseThrow().rows()).isEqualTo(rows);
    rebalancer.resume(number);
    MigrationStatus going = rebalancer.await(number, status -> status.rows() > rows, PATIENCE);
    assertThat(going.hindrance()).isEqualTo(Hindrance.NONE);
    assertThat(going.note()).isEmpty();
    rebalancer.abort(number);
    until(number, "ABORTED");
  }

  @Test
  void whatGoesBackAndWhatIsCleanedUpRestsToo() throws Exception {
    rebalancer.campaign("one");
    int number = rebalancer.start(plan(), options(Duration.ofMinutes(10), 25_000)).get(0);
    until(number, "IN_WINDOW");
    rebalancer.rollBack(number);
    until(number, "VERIFYING");
    await().until(() -> cluster.moverSessions(number) >= 6); // those of the lanes are among them
    restAs(number, "VERIFYING");
    assertThat(cluster.moverSessions(number)).as("in the middle of it").isGreaterThanOrEqualTo(6);
    rebalancer.resume(number);
    until(number, "CLEANING_UP");
    long moved = cluster.count("s-2", "account");
    await().until(() -> cluster.count("s-2", "account") < moved);
    restAs(number, "CLEANING_UP");
    long left = cluster.count("s-2", "account");
    Thread.sleep(1_500);
    assertThat(cluster.count("s-2", "account")).isEqualTo(left).isPositive();
    rebalancer.resume(number);
    MigrationStatus back = until(number, "DONE");
    assertThat(back.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /** Nobody drains the logs here. So a rollback has all, whatever verification would find. */
  @Test
  void theTargetLogsWhatIsWrittenThereFromTheMomentOnAtWhichItAcceptsIt() throws Exception {
    int number;
    try (Rebalancer leader = cluster.rebalancer()) {
      leader.campaign("leader");
      number = leader.start(plan(), options(Duration.ofMinutes(10), 20_000)).get(0);
      leader.await(number, status -> status.state().equals("COPYING"), PATIENCE);
    }
    String log = "shardwright.key_log_%d_1".formatted(number);
    assertThat(cluster.count("s-2", log)).as("the mover's copies are no news").isZero();
    cluster.execute("s-2", "select shardwright.advance(%d, 1)".formatted(number));
    cluster.execute(
        "s-2",
        "insert into account select id, 7 from generate_series(100001, 100100) id"
            + " where hashint8extended(id, 0) >= 0");
    assertThat(cluster.count("s-2", log))
        .isPositive()
        .isEqualTo(cluster.count("s-2", "account where increments = 7"));
  }

  /** At that rate, what is written meanwhile would take longer than anybody waits here. */
  @Test
  void catchingUpIsNotHeldToTheRate() throws Exception {
    cluster.execute("s-1", "delete from account where id > 40");
    cluster.execute(
        "s-1",
        "insert into entry select min(id), n from account, generate_series(1, 400) n"
            + " where hashint8extended(id, 0) >= 0 group by n");
    long accounts = cluster.count("s-1", "account where hashint8extended(id, 0) >= 0");
    rebalancer.campaign("one");
    int number = rebalancer.start(plan(), options(Duration.ZERO, 4_000)).get(0);
    rebalancer.await(number, status -> status.rows() >= accounts, PATIENCE);
    cluster.execute("s-1", "update account set note = repeat('y', 40000)");
    MigrationStatus caughtUp =
        rebalancer.await(number, status -> status.state().equals("VERIFYING"), PATIENCE);
    assertThat(caughtUp.bytes()).as("the copy had them as they were").isLessThan(50_000);
    assertThat(cluster.count("s-2", "account where length(note) = 40000")).isEqualTo(accounts);
  }

  @Test
  void aMoveSaysForWhichRouterItWaits() throws Exception {
    int number = rebalancer.start(plan(), AT_ONCE).get(0);
    try (Connection router = cluster.connect(ShardId.of("s-1"));
        Statement statement = router.createStatement()) {
      statement.execute("select pg_advisory_lock(%d, 7)".formatted(AdvisoryLocks.ROUTER));
      rebalancer.campaign("one");
      MigrationStatus waits =
          rebalancer.await(number, status -> status.hindrance() == Hindrance.WAITING, PATIENCE);
      assertThat(waits.state()).isEqualTo("PREPARING");
      assertThat(waits.note()).isEqualTo("waits for routers [7] to end what they began before");
    }
    assertThat(until(number, "DONE").note()).isEmpty();
  }

  @Test
  void anotherLeaderGoesOnWhereTheFirstOneWas() throws Exception {
    Incrementing writers = startGentleWriters();
    int number;
    try (Rebalancer first = cluster.rebalancer()) {
      first.campaign("first");
      number = first.start(plan(), options(Duration.ZERO, 40_000)).get(0);
      first.await(number, status -> status.rows() > 0, PATIENCE);
    }
    long copied = rebalancer.migration(number).orElseThrow().rows();
    rebalancer.campaign("second");
    List<Long> seen = new CopyOnWriteArrayList<>();
    rebalancer.await(number, status -> seen.add(status.rows()) && status.rows() > copied, PATIENCE);
    assertThat(seen).as("it never begins anew").allMatch(rows -> rows >= copied);
    rebalancer.abort(number);
    until(number, "ABORTED");
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  private Incrementing startWriters() {
    return keep(new Incrementing(cluster, seed));
  }

  /** Where it is not their pace that is tried out: they leave processors to the mover. */
  private Incrementing startGentleWriters() {
    return keep(Incrementing.gently(cluster, seed));
  }

  private Incrementing keep(Incrementing started) {
    writers = started;
    return started;
  }

  private RebalancePlan plan() {
    return rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
  }

  private void assertAbortRefused(int number, String why) {
    assertThatThrownBy(() -> rebalancer.abort(number))
        .isInstanceOf(SteeringRefused.class)
        .hasMessageContaining(why);
  }

  private void restAs(int number, String state) throws Exception {
    rebalancer.pause(number);
    MigrationStatus paused =
        rebalancer.await(number, status -> status.hindrance() == Hindrance.PAUSED, PATIENCE);
    assertThat(paused.state()).isEqualTo(state);
  }

  private MigrationStatus until(int number, String state) throws Exception {
    return rebalancer.await(number, status -> status.state().equals(state), PATIENCE);
  }

  /** The number of rows once it has stayed the same for a while. */
  private long restingRows(int number) throws InterruptedException {
    long before = -1;
    while (true) {
      long rows = rebalancer.migration(number).orElseThrow().rows();
      if (rows == before) {
        return rows;
      }
      before = rows;
      Thread.sleep(1_500);
    }
  }

  private static MoveOptions options(Duration window, long bytesPerSecond) {
    return new MoveOptions(window, bytesPerSecond, 2, Duration.ofMillis(500));
  }
}
