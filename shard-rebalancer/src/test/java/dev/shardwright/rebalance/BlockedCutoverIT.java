package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.watch.MigrationEvent;
import dev.shardwright.rebalance.watch.MigrationEvent.AttemptFailed;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.PostgresExtension;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterMembership;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens between the comparison of all rows and the change of hands, which may be hours. */
@Timeout(180)
@Tag("slow")
class BlockedCutoverIT {
  @RegisterExtension
  static final PostgresExtension SECOND =
      new PostgresExtension(PostgresOptions.DEFAULTS.with("max_prepared_transactions", "2"));

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(5);
  private static final ShardId SOURCE = ShardId.of("s-1");
  private static final ShardId TARGET = ShardId.of("s-2");

  /** Not by a trigger, which would end the move. */
  private static final String LATE_ROWS =
      """
      create function late(note text) returns text immutable language plpgsql as
        $$ begin if note = 'late' then %s; end if; return note; end $$;
      create index late on account (late(note));
      """;

  private static final String DRAW = "nextval(pg_get_serial_sequence('entry', 'id'))";
  private static final String HOLDER =
      "select pid from pg_locks where locktype = 'advisory' and classid = %d and granted"
              .formatted(AdvisoryLocks.GATE)
          + " and mode = 'ShareLock' and database ="
          + " (select oid from pg_database where datname = current_database())";
  private static final String IN_RANGE = "hashint8extended(id, 0) >= 0";

  private static final String WRITE_LATE = "update account set note = 'late' where " + IN_RANGE;

  private final List<MigrationEvent> told = new CopyOnWriteArrayList<>();
  private FaultProxy wayToSource;
  private FaultProxy wayToTarget;
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Connection writer;
  private int number;

  /** A writer that does not end keeps all attempts from passing the gate. */
  @BeforeEach
  void setUp() throws Exception {
    PostgresServer first = PostgresServer.shared();
    PostgresServer second = SECOND.server();
    wayToSource = FaultProxy.to(first.host(), first.port());
    wayToTarget = FaultProxy.to(second.host(), second.port());
    cluster = new LiveCluster(500, Sites.on(first, second).by(this::throughProxy));
    rebalancer = cluster.rebalancer(cluster.options().withListener(told::add));
    number =
        rebalancer
            .start(
                rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
                new MoveOptions(Duration.ofMinutes(10), 25_000, 2, Duration.ofSeconds(1)))
            .get(0);
    rebalancer.campaign("one");
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    writer = startWriter(SOURCE);
  }

  private String throughProxy(String address) {
    FaultProxy way = address.endsWith(":" + SECOND.server().port()) ? wayToTarget : wayToSource;
    return way.host() + ":" + way.port();
  }

  private Connection startWriter(ShardId shard) throws SQLException {
    Connection begun = cluster.connect(shard);
    begun.setAutoCommit(false);
    try (Statement statement = begun.createStatement()) {
      statement.execute(WRITE_LATE);
    }
    return begun;
  }

  @AfterEach
  void close() throws Exception {
    writer.close();
    wayToSource.heal();
    wayToTarget.heal();
    rebalancer.close();
    cluster.close();
    wayToSource.close();
    wayToTarget.close();
  }

  @Test
  void aTableThatIsChangedAfterItsRowsWereComparedDoesNotChangeHands() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    changeTables();
    writer.rollback();
    MigrationStatus aborted = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(aborted.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(aborted.note()).contains("tables [public.entry] were changed on shard s-");
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.count("s-1", "account")).isEqualTo(500);
  }

  @Test
  void aTableThatWasWrittenWithoutTheGateDoesNotChangeHands() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    cluster.execute("s-1", "alter table entry disable trigger user");
    cluster.execute("s-1", "alter table entry enable trigger user");
    writer.rollback();
    MigrationStatus aborted = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(aborted.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(aborted.note())
        .contains("zzz_shardwright_gate_" + number + " of table public.entry does not always fire");
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /** Nothing is given up on the way back, so it must come to an end by itself. */
  @Test
  void aTableThatIsChangedAfterARollbackComparedItsRowsIsComparedAnew() throws Exception {
    writer.rollback();
    int there = rebalancer.await(number, MigrationStatus::hasMoved, PATIENCE).attempts();
    try (Connection late = startWriter(TARGET)) {
      rebalancer.rollBack(number);
      rebalancer.await(number, status -> status.attempts() > there, PATIENCE);
      changeTables();
      late.commit();
    }
    MigrationStatus back = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(back.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.count("s-1", "account where note = 'late'")).isPositive();
    cluster.check(Map.of(), Map.of());
  }

  /** Until then the ranges stay where they are, and people are told why. */
  @Test
  void aRollbackWaitsForAPreparedTransactionOnTheTargetAndTakesWhatItHasWritten() throws Exception {
    writer.rollback();
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    String gid = "window-%d-%d".formatted(number, number("s-2", "select pg_backend_pid()"));
    try (Connection late = startWriter(TARGET);
        Statement statement = late.createStatement()) {
      statement.execute("prepare transaction '%s'".formatted(gid));
    }
    rebalancer.rollBack(number);
    String waits = "prepared transaction '%s' (prepared ".formatted(gid);
    rebalancer.await(
        number,
        status ->
            status.state().equals("CUTTING_OVER")
                && status.rollingBack()
                && status.note().startsWith("waits for " + waits),
        PATIENCE);
    assertThat(move().owner()).isEqualTo(TARGET);
    cluster.execute("s-2", "commit prepared '%s'".formatted(gid));
    MigrationStatus back = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(back.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.count("s-1", "account where note = 'late'"))
        .isEqualTo(cluster.count("s-1", "account where " + IN_RANGE))
        .isPositive();
    cluster.check(Map.of(), Map.of());
  }

  private void changeTables() throws SQLException {
    for (ShardId shard : List.of(SOURCE, TARGET)) {
      cluster.execute(shard.value(), "alter table entry add column extra int");
    }
  }

  @Test
  void theNewOwnerDrawsNoNumberThatTheOldOneDrewMeanwhile() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    long drawn = number("s-1", "select max(" + DRAW + ") from generate_series(1, 150000)");
    twoMoreAttempts();
    writer.rollback();
    rebalancer.await(number, MigrationStatus::hasMoved, PATIENCE);
    assertThat(number("s-2", "select " + DRAW)).isGreaterThan(drawn);
  }

  @Test
  void aLongTransactionThatDrewANumberOnTheNewOwnerIsNotWaitedFor() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    long drawn = number("s-1", "select " + DRAW);
    twoMoreAttempts();
    try (Connection drawer = cluster.connect(TARGET);
        Statement statement = drawer.createStatement()) {
      drawer.setAutoCommit(false);
      statement.execute("select " + DRAW);
      writer.rollback();
      rebalancer.await(number, MigrationStatus::hasMoved, PATIENCE);
    }
    assertThat(number("s-2", "select " + DRAW)).isGreaterThan(drawn);
  }

  private void twoMoreAttempts() throws Exception {
    int soFar = rebalancer.migration(number).orElseThrow().attempts();
    rebalancer.await(number, status -> status.attempts() > soFar + 1, PATIENCE);
  }

  @Test
  void manyAttemptsLeaveFewAcknowledgements() throws Exception {
    MoveAcknowledgements acknowledgements = cluster.cluster.acknowledgements();
    MoveAcknowledgements.Subject earlier =
        new MoveAcknowledgements.Subject(number, 0, /* held= */ true);
    acknowledgements.acknowledge(earlier, 7);
    assertThat(acknowledgements.of(earlier)).isEqualTo(Set.of(7));
    rebalancer.await(number, status -> status.attempts() > 1, PATIENCE);
    assertThat(acknowledgements.of(earlier)).isEmpty();
  }

  /** Each turn opens sessions. */
  @Test
  void afterManyAttemptsItCatchesUpAtLeisure() throws Exception {
    rebalancer.await(
        number,
        status -> status.attempts() >= 20 && status.state().equals("CATCHING_UP"),
        PATIENCE);
    String opened = "select sessions from pg_stat_database where datname = current_database()";
    long began = System.nanoTime();
    long before = number("s-2", opened);
    Thread.sleep(4_000);
    long more = number("s-2", opened) - before;
    Duration passed = Duration.ofNanos(System.nanoTime() - began);
    assertThat(more).isLessThan(15 * passed.toMillis() / 4_000);
    assertThat(rebalancer.migration(number).orElseThrow().note())
        .startsWith(
            "no attempt kept its budget: it waited for session %d ("
                .formatted(number("s-1", HOLDER)));
  }

  @Test
  void whoeverKeepsTheGateOpenIsNamed() throws Exception {
    String idle =
        "session %d (user %s, application 'nightly batch', idle in transaction, transaction open for "
            .formatted(number("s-1", HOLDER), writer.getMetaData().getUserName());
    try (Statement statement = writer.createStatement()) {
      statement.execute("set application_name = 'nightly batch'");
    }
    rebalancer.await(number, status -> status.note().startsWith("waits for " + idle), PATIENCE);
    String gid = "left-%d-%d".formatted(number, number("s-1", "select pg_backend_pid()"));
    try (Statement statement = writer.createStatement()) {
      statement.execute("prepare transaction '%s'".formatted(gid));
      writer.setAutoCommit(true);
      String prepared = "prepared transaction '%s' (prepared ".formatted(gid);
      rebalancer.await(
          number, status -> status.note().startsWith("waits for " + prepared), PATIENCE);
      await()
          .untilAsserted(
              () ->
                  assertThat(waitedFor())
                      .anyMatch(others -> others.startsWith(idle))
                      .anyMatch(others -> others.startsWith(prepared)));
      rebalancer.await(
          number,
          status ->
              status.state().equals("CATCHING_UP")
                  && status
                      .note()
                      .startsWith("no attempt kept its budget: it waited for " + prepared),
          PATIENCE);
      statement.execute("rollback prepared '%s'".formatted(gid));
    }
    assertThat(rebalancer.await(number, MigrationStatus::hasMoved, PATIENCE).note()).isEmpty();
  }

  /** What the events of attempts say. */
  private List<String> waitedFor() {
    return told.stream()
        .filter(AttemptFailed.class::isInstance)
        .map(AttemptFailed.class::cast)
        .flatMap(failed -> failed.waitedFor().stream())
        .toList();
  }

  @Test
  void aLeaderThatStepsDownWhileWorkWaitsLetsItGoOn() throws Exception {
    untilWorkWaits();
    rebalancer.close();
    assertThat(move().held()).isFalse();
  }

  /** What the attempt would begin with is kept up, by a lock on the target. */
  @Test
  void aHoldThatWasLeftEndsBeforeAnythingThatMayTakeLong() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    rebalancer.close();
    writer.commit();
    Topology before = cluster.topology();
    RangeMove left = move().hold();
    assertThat(
            cluster
                .cluster
                .topologyStore()
                .compareAndSet(before.withMove(left).withEpoch(before.epoch().next())))
        .isInstanceOf(CompareAndSet.Applied.class);
    try (Connection busy = cluster.connect(TARGET);
        Statement statement = busy.createStatement();
        Rebalancer next = cluster.rebalancer()) {
      busy.setAutoCommit(false);
      statement.execute("lock table account in access exclusive mode");
      next.campaign("two");
      await().atMost(PATIENCE).until(() -> !move().held());
      busy.rollback();
      next.await(number, MigrationStatus::hasMoved, PATIENCE);
    }
  }

  @Test
  void workWaitsHardlyLongerThanItMayForATargetThatIsSlow() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    cluster.execute("s-2", LATE_ROWS.formatted("perform pg_sleep(0.1)"));
    untilWorkWaits();
    writer.commit();
    assertThat(untilWorkGoesOn()).isLessThan(Duration.ofSeconds(5));
    cluster.execute("s-2", "drop function late cascade");
    arrivesWithWhatWasWrittenLast();
  }

  @Test
  void workWaitsHardlyLongerThanItMayForATargetThatSaysNothing() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    untilWorkWaits();
    wayToTarget.freeze();
    writer.commit();
    assertThat(untilWorkGoesOn()).isLessThan(Duration.ofSeconds(5));
    wayToTarget.heal();
    arrivesWithWhatWasWrittenLast();
  }

  /** Nobody tells the source that the mover has gone: its gate would stay closed for ever. */
  @Test
  void workGoesOnThoughTheMoverIsCutOffFromTheSourceWhileItHoldsTheGate() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    cluster.execute("s-2", LATE_ROWS.formatted("perform pg_sleep(0.1)"));
    try (Connection looking = cluster.connect(SOURCE)) {
      untilWorkWaits();
      writer.commit();
      await().atMost(PATIENCE).pollInterval(LOOK).until(() -> isCutOffWithGateClosed(looking));
    }
    try (Connection service = cluster.connect(SOURCE);
        Statement statement = service.createStatement()) {
      statement.setQueryTimeout((int) PATIENCE.toSeconds());
      assertThat(statement.executeUpdate(WRITE_LATE)).isPositive();
    }
    untilWorkGoesOn();
    assertThat(rebalancer.migration(number).orElseThrow().hasMoved()).isFalse();
    cluster.execute("s-2", "drop function late cascade");
    wayToSource.heal();
    arrivesWithWhatWasWrittenLast();
  }

  /** Cuts the mover off if that meets its backend with the gate closed. */
  private boolean isCutOffWithGateClosed(Connection looking) throws SQLException {
    if (!isGateClosed(looking)) {
      return false;
    }
    wayToSource.freeze();
    if (isGateClosed(looking)) {
      return true;
    }
    wayToSource.heal();
    return false;
  }

  private boolean isGateClosed(Connection looking) throws SQLException {
    String gate =
        "select from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and granted"
            + " and database = (select oid from pg_database where datname = current_database())"
            + " and classid = %d and objid = %d";
    try (Statement statement = looking.createStatement();
        ResultSet rows = statement.executeQuery(gate.formatted(AdvisoryLocks.GATE, number))) {
      return rows.next();
    }
  }

  /** Whatever is deleted from the key log comes again. */
  @Test
  void isGivenUpThoughAsMuchIsWrittenAsIsCopied() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    try (Connection inside = cluster.connect(SOURCE);
        Statement statement = inside.createStatement()) {
      statement.execute(
          "select pg_advisory_lock_shared(%d, %d)".formatted(AdvisoryLocks.GATE, number));
      writer.rollback();
      cluster.execute(
          "s-1",
          """
          create sequence turns;
          create function write_on() returns trigger language plpgsql as $$ begin
            perform nextval('public.turns'), pg_sleep(0.1);
            insert into shardwright.key_log_%1$d_1 (k1)
              select (select min(id) from public.account where %2$s) from generate_series(1, 17000);
            return null;
          end $$;
          create trigger write_on after delete on shardwright.key_log_%1$d_1
            for each statement execute function write_on();
          alter table shardwright.key_log_%1$d_1 enable always trigger write_on;
          delete from shardwright.key_log_%1$d_1;
          """
              .formatted(number, IN_RANGE));
      await().atMost(PATIENCE).until(() -> number("s-1", "select last_value from turns") > 5);
      assertThat(rebalancer.migration(number).orElseThrow().state()).isEqualTo("CUTTING_OVER");
      rebalancer.abort(number);
      rebalancer.await(number, status -> status.state().equals("ABORTING"), PATIENCE);
    }
    rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
  }

  /** Else the log would grow for as long as the target is away, which may be for good. */
  @Test
  void whatIsGivenUpIsNotLoggedAnyMoreThoughTheTargetIsGone() throws Exception {
    wayToTarget.cut();
    writer.rollback();
    rebalancer.abort(number);
    await().atMost(PATIENCE).until(() -> logged("update account set note = 'more'") == 0);
    assertThat(rebalancer.migration(number).orElseThrow().state()).isEqualTo("ABORTING");
    wayToTarget.heal();
    rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /** Nothing fails then, so the mover goes on with what it had. */
  @Test
  void whatIsGivenUpIsNotLoggedAnyMoreWhileARouterIsWaitedFor() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    try (RouterMembership router = cluster.cluster.join(new RouterDescription("host", 42, "1.0"));
        Connection session = cluster.connect(SOURCE);
        Statement statement = session.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d, %d)".formatted(AdvisoryLocks.ROUTER, router.number()));
      twoMoreAttempts(); // each of them waits for the router
      writer.rollback();
      rebalancer.abort(number);
      rebalancer.await(number, status -> status.state().equals("ABORTING"), PATIENCE);
      await().atMost(PATIENCE).until(() -> logged("update account set note = 'more'") == 0);
      assertThat(rebalancer.migration(number).orElseThrow().state()).isEqualTo("ABORTING");
    }
    rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  @Test
  void whatCameBackIsNotLoggedAnyMoreThoughTheCopiesCannotBeRemoved() throws Exception {
    writer.commit();
    rebalancer.await(number, MigrationStatus::hasMoved, PATIENCE);
    try (Connection reader = cluster.connect(TARGET);
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute("select from account where " + IN_RANGE + " for key share");
      rebalancer.rollBack(number);
      rebalancer.await(number, status -> status.state().equals("CLEANING_UP"), PATIENCE);
      await().atMost(PATIENCE).until(() -> logged("update account set note = 'more'") == 0);
      assertThat(rebalancer.migration(number).orElseThrow().state()).isEqualTo("CLEANING_UP");
      reader.rollback();
    }
    rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /** How many rows of the key log come of it. */
  private long logged(String write) throws SQLException {
    String log = "shardwright.key_log_%d_1".formatted(number);
    long before = cluster.count("s-1", log);
    cluster.execute("s-1", write);
    return cluster.count("s-1", log) - before;
  }

  @Test
  void attemptsThatBreakCountAsWell() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    cluster.execute("s-2", LATE_ROWS.formatted("raise exception 'not here'"));
    writer.commit();
    twoMoreAttempts();
    rebalancer.await(number, status -> status.note().contains("not here"), PATIENCE);
    cluster.execute("s-2", "drop function late cascade");
    arrivesWithWhatWasWrittenLast();
  }

  private void arrivesWithWhatWasWrittenLast() throws Exception {
    rebalancer.await(number, MigrationStatus::hasMoved, PATIENCE);
    String late = "account where note = 'late'";
    assertThat(cluster.count("s-2", late)).isEqualTo(cluster.count("s-1", late)).isPositive();
  }

  /** From its beginning, so that there is time for what the test does then. */
  private void untilWorkWaits() {
    untilWorkGoesOn();
    await().atMost(PATIENCE).pollInterval(LOOK).until(() -> move().held());
  }

  private Duration untilWorkGoesOn() {
    long began = System.nanoTime();
    await().atMost(PATIENCE).pollInterval(LOOK).until(() -> !move().held());
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private RangeMove move() {
    return cluster.topology().move(number).orElseThrow();
  }

  private long number(String shard, String query) throws SQLException {
    try (Connection connection = cluster.connect(ShardId.of(shard));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
