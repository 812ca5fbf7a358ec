package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that get a column while their rows move: the move is given up, and no row is lost. */
@Timeout(600)
@Tag("slow")
class ChangedTablesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** So few that a state can be met. */
  private static final long SLOWLY = 20_000;

  private static final String ADD = "alter table account add column extra int default 1";
  private static final List<String> SHARDS = List.of("s-1", "s-2");

  private final long seed = new Random().nextLong();
  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Incrementing writers;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    cluster = new LiveCluster(600);
    rebalancer = cluster.rebalancer();
    rebalancer.campaign("one");
    writers = Incrementing.gently(cluster, seed);
  }

  @AfterEach
  void close() throws Exception {
    writers.end();
    rebalancer.close();
    cluster.close();
  }

  /** A row that is written then cannot be copied, or not as it is. */
  @ParameterizedTest
  @CsvSource({
    "COPYING, s-1, add column extra int default 1",
    "COPYING, s-2, drop column note",
    "VERIFYING, s-2, add column extra int default 1",
    "COPYING, s-1, set unlogged"
  })
  void onOneShardEndTheMove(String state, String changed, String change) throws Exception {
    int number = meet(state);
    cluster.execute(changed, "alter table account " + change);
    assertGivenUp(
        number,
        "the tables are not defined alike on both shards",
        "were changed on shard %s while their rows moved".formatted(changed)); // seen by the gate
  }

  @Test
  void onBothShardsEndTheMoveAndTheNextOneTakesTheColumnAlong() throws Exception {
    int number = meet("VERIFYING");
    changeTables(ADD);
    assertGivenUp(
        number,
        "were changed on shard s-",
        "the tables are not defined alike on both shards"); // if it looked in between
    cluster.execute("s-1", "update account set extra = id");
    int next = start(Long.MAX_VALUE, Duration.ZERO);
    assertThat(over(next).outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    check(next);
    assertThat(cluster.count("s-2", "account where extra = id")).isBetween(200L, 400L);
    assertThat(cluster.count("s-2", "account where extra is distinct from id")).isZero();
  }

  /** The partition looks like the one before, but its rows went or came unseen. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s-2|drop table visit_low; create table visit_low partition of visit"
            + " for values from (minvalue) to (300)|600",
        "s-1|alter table visit detach partition visit_low; delete from visit_low where id <= 100;"
            + " alter table visit attach partition visit_low for values from (minvalue) to (300)"
            + "|500"
      })
  void whosePartitionsWereExchangedAfterTheComparisonAreComparedAnew(
      String changed, String change, long rows) throws Exception {
    addVisits(
        """
        create table visit (id bigint primary key, note text) partition by range (id);
        create table visit_low partition of visit for values from (minvalue) to (300);
        create table visit_rest partition of visit default
        """);
    writers.end();
    int number = meet("COPYING");
    try (Connection writer = cluster.connect(ShardId.of("s-1"));
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("update account set note = 'late'"); // keeps the gate open
      rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
      cluster.execute(changed, change);
      writer.rollback();
    }
    assertThat(over(number).outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    assertThat(cluster.count("s-2", "visit")).isPositive();
    assertThat(cluster.count("s-1", "visit") + cluster.count("s-2", "visit")).isEqualTo(rows);
    check(number);
  }

  /** It acted where the rows were written, and would act again on each that comes. */
  @Test
  void thatGetATriggerThatFiresForCopiedRowsEndTheMove() throws Exception {
    int number = meet("COPYING");
    cluster.execute(
        "s-2",
        """
        create function notice() returns trigger language plpgsql as 'begin return new; end';
        create trigger notice before insert on account for each row execute function notice();
        alter table account enable always trigger notice
        """);
    assertGivenUp(
        number,
        "on shard s-2 these act on rows that are copied: trigger notice of table public.account");
  }

  /** Its rows are read with those of the table, and written without its gate. */
  @Test
  void fromWhichOthersInheritOnBothShardsEndTheMove() throws Exception {
    int number = meet("COPYING");
    changeTables("create table account_of_old () inherits (account)");
    assertGivenUp(
        number, "were changed on shard s-", "the tables are not defined alike on both shards");
  }

  @Test
  void doNotKeepAnOperatorFromEndingIt() throws Exception {
    int number = meet("COPYING");
    rebalancer.pause(number);
    rebalancer.await(
        number, status -> status.hindrance() == MigrationStatus.Hindrance.PAUSED, PATIENCE);
    changeTables(ADD);
    rebalancer.abort(number);
    assertGivenUp(number, "asked for");
  }

  /** Nobody writes to it. */
  @ParameterizedTest
  @CsvSource({"drop table visit", "alter table visit rename to visit_of_old"})
  void thatAreGoneEndTheMove(String change) throws Exception {
    addVisits();
    int number = meet("COPYING");
    changeTables(change);
    assertGivenUp(number, "table public.visit cannot be moved: it is not there any more");
    assertNothingGuards("visit");
  }

  /** Rows that stayed under another name would be there twice once the table has its own again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table visit rename to visit_of_old",
        "alter table visit rename to visit_of_old; create view visit as select * from visit_of_old"
      })
  void thatAreCalledOtherwiseOnTheTargetLeaveNoRowsThere(String change) throws Exception {
    addVisits();
    int number = meet("VERIFYING");
    rebalancer.pause(number);
    rebalancer.await(
        number, status -> status.hindrance() == MigrationStatus.Hindrance.PAUSED, PATIENCE);
    assertThat(cluster.count("s-2", "visit")).isPositive();
    cluster.execute("s-2", change);
    rebalancer.abort(number);
    assertGivenUp(number, "asked for");
    assertThat(cluster.count("s-2", "visit_of_old")).isZero();
  }

  /** What goes back cannot be given up. */
  @Test
  void thatAreDroppedDoNotKeepTheRestFromGoingBack() throws Exception {
    addVisits();
    int number = start(Long.MAX_VALUE, Duration.ofMinutes(10));
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    changeTables("alter table visit rename to visit_of_old");
    rebalancer.rollBack(number);
    rebalancer.await(
        number, status -> status.note().contains("it is called public.visit_of_old now"), PATIENCE);
    changeTables("drop table visit_of_old");
    assertThat(over(number).outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    check(number);
    assertNothingGuards("visit");
  }

  @Test
  void thatIsGoneOnTheTargetEndsTheMove() throws Exception {
    addVisits();
    int number = meet("COPYING");
    cluster.execute("s-2", "drop table visit");
    assertGivenUp(number, "the tables are not defined alike on both shards");
  }

  @Test
  void thatAreGoneAfterTheRangesChangedHandsDoNotKeepTheWindowAndTheCleanUpFromTheirEnds()
      throws Exception {
    addVisits();
    int number = start(Long.MAX_VALUE, Duration.ofSeconds(4));
    rebalancer.await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    changeTables("drop table visit");
    assertThat(over(number).outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    check(number);
    assertNothingGuards("visit");
  }

  /** Once people say that it is gone. */
  private void assertNothingGuards(String table) throws SQLException {
    try (ClusterAdmin admin = cluster.admin()) {
      admin.unregisterTable(TableName.of(table));
    }
    for (String shard : SHARDS) {
      assertThat(cluster.count(shard, "shardwright.guard where table_name = '%s'".formatted(table)))
          .isZero();
      assertThat(cluster.count(shard, "pg_proc where proname ~ '^guard_[0-9a-f]{32}$'"))
          .as("functions of account and entry")
          .isEqualTo(2);
    }
  }

  private void addVisits() throws SQLException {
    addVisits("create table visit (id bigint primary key, note text)");
  }

  private void addVisits(String ddl) throws SQLException {
    changeTables(ddl);
    try (ClusterAdmin admin = cluster.admin()) {
      admin.registerTable("bank", ShardedTable.of(TableName.of("visit"), "id"));
    }
    cluster.execute("s-1", "insert into visit select i, 'x' from generate_series(1, 600) i");
  }

  private void changeTables(String change) throws SQLException {
    for (String shard : SHARDS) {
      cluster.execute(shard, change);
    }
  }

  private int meet(String state) throws Exception {
    int number = start(SLOWLY, Duration.ZERO);
    rebalancer.await(number, status -> status.state().equals(state) && status.rows() > 0, PATIENCE);
    return number;
  }

  private int start(long bytesPerSecond, Duration window) {
    MoveOptions options = new MoveOptions(window, bytesPerSecond, 2, Duration.ofMillis(500));
    List<Integer> numbers = rebalancer.start(rebalancer.plan(Balance.by(Goal.TOKENS)), options);
    assertThat(numbers).hasSize(1);
    return numbers.get(0);
  }

  private MigrationStatus over(int number) throws Exception {
    return rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
  }

  private void assertGivenUp(int number, String... why) throws Exception {
    MigrationStatus over = over(number);
    assertThat(over.state()).as("%s", over).isEqualTo("ABORTED");
    assertThat(over.note()).containsAnyOf(why);
    assertThat(cluster.count("s-2", "account")).isZero();
    check(number);
  }

  private void check(int number) throws Exception {
    writers.end();
    cluster.check(writers.acknowledged(), writers.unknown());
    assertThat(cluster.leftOvers(number)).isEmpty();
  }
}
