package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.jdbc.PerShardWrites;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What routers do while ranges move: here the test moves them, by hand. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class RangeMoveIT {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");
  private static final int MIGRATION = 7;
  private static final int USERS = 40;
  private static final String UPDATE = "update users set name = 'changed' where user_id = ?";

  private static final String COUNT = "select count(*) from users";
  private static final PoolProfile ONE_CONNECTION =
      new PoolProfile(1, Duration.ofMinutes(1), Duration.ofHours(1));

  private TestCluster cluster;
  private ShardRouter router;
  private MoveByHand move;

  /** Keys of s1 whose rows move, and one whose rows do not. */
  private List<Long> moving;

  private long staying;

  @BeforeEach
  void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    router = cluster.router();
    for (long key = 1; key <= USERS; key++) {
      router.keyspace("shop").on(key).update("insert into users values (?, 'user')", key);
      router.keyspace("shop").on(key).update("insert into orders values (?, 1, ?)", key, 10);
    }
    List<Long> all =
        LongStream.rangeClosed(1, USERS)
            .filter(key -> router.route("shop", key).shard().equals(S1))
            .boxed()
            .toList();
    moving = all.subList(1, all.size());
    staying = all.get(0);
    List<KeyRange> owned =
        cluster
            .admin
            .topology()
            .keyspace("shop")
            .orElseThrow()
            .placement(Region.ALL)
            .rangesOf(S1)
            .ranges();
    KeyRangeSet ranges =
        KeyRangeSet.of(owned.stream().filter(range -> !range.contains(token(staying))).toList());
    moving = moving.stream().filter(key -> ranges.contains(token(key))).toList();
    assertThat(moving).isNotEmpty();
    move =
        new MoveByHand(
            cluster, router, RangeMove.of(MIGRATION, "shop", Region.ALL, S1, S2, ranges, 1));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void seesEachRowOnceWhileCopiesAreOnTheTarget() throws Exception {
    assertEachRowIsSeenOnce();
    move.begin();
    copy("s1", "s2");
    assertThat(total("users")).isGreaterThan(USERS);
    assertEachRowIsSeenOnce();
    move.whileHeld(move::commit);
    assertEachRowIsSeenOnce();
    assertThat(total("users")).isGreaterThan(USERS);
  }

  @Test
  void writesEachRowOnceWhileCopiesAreOnTheTarget() throws Exception {
    try (Connection connection = PerShardWrites.through(router);
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("update orders set amount = amount + 1")).isEqualTo(USERS);
      move.begin();
      move.awaitAcknowledged();
      copy("s1", "s2");
      assertThat(statement.executeUpdate("update orders set amount = amount + 1")).isEqualTo(USERS);
      assertThat(
              statement.executeUpdate(
                  "update orders as o set amount = amount + 1 where o.amount = 12 or 1 = 1"))
          .isEqualTo(USERS);
      assertThat(
              statement.executeUpdate(
                  "delete from users where user_id in (%d, %d)"
                      .formatted(moving.get(0), TestCluster.keyOn(router, "s2"))))
          .isEqualTo(2);
      try (ResultSet rows = statement.executeQuery("select sum(amount), count(*) from orders")) {
        rows.next();
        assertThat(rows.getLong(1)).isEqualTo(USERS * 13L);
        assertThat(rows.getLong(2)).isEqualTo(USERS);
      }
      assertThat(cluster.count("s2", "select count(*) from users where user_id = " + moving.get(0)))
          .as("the copy is the mover's business")
          .isEqualTo(1);
    }
  }

  @Test
  void heldWorkWaitsAndGoesOnAtTheTarget() throws Exception {
    move.begin();
    copy("s1", "s2");
    move.whileHeld(this::heldWorkWaitsUntilTheCommit);
  }

  private void heldWorkWaitsUntilTheCommit() throws Exception {
    String name = "at value " + move.decided().value();
    long key = moving.get(0);
    CompletableFuture<Integer> write =
        Background.supply(
            () ->
                router
                    .keyspace("shop")
                    .on(key)
                    .update("update users set name = ? where user_id = ?", name, key));
    CompletableFuture<List<Long>> scatter =
        Background.supply(
            () -> router.scatter("select count(*) from users", row -> row.getLong(1)));
    assertThat(router.keyspace("shop").on(staying).update(UPDATE, staying)).isEqualTo(1);
    MoveByHand.awaitWaiting(2);
    assertThat(write).isNotDone();
    assertThat(scatter).isNotDone();
    move.commit();
    assertThat(write.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(scatter.get(10, TimeUnit.SECONDS)).containsExactly((long) USERS);
    String written = "select count(*) from users where name = '%s'".formatted(name);
    assertThat(cluster.count("s2", written)).isEqualTo(1);
    assertThat(cluster.count("s1", written)).isZero();
  }

  @Test
  void keysOfOneShardThatAreOnTwoWhenItIsTheirTurnAreLookedForOnBoth() throws Exception {
    move.begin();
    copy("s1", "s2");
    String both = "where user_id in (%d, %d)".formatted(moving.get(0), staying);
    try (Connection reading = router.dataSource().getConnection();
        Connection writing = PerShardWrites.through(router)) {
      move.whileHeld(
          () -> {
            CompletableFuture<Long> read =
                Background.supply(() -> count(reading, "select count(*) from users " + both));
            CompletableFuture<List<Long>> scatter =
                Background.supply(
                    () ->
                        router.scatter(
                            "select count(*) from users " + both, row -> row.getLong(1)));
            String name = "both of " + move.decided().value();
            CompletableFuture<Integer> written =
                Background.supply(
                    () -> update(writing, "update users set name = '" + name + "' " + both));
            MoveByHand.awaitWaiting(3);
            move.commit();
            assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(scatter.get(10, TimeUnit.SECONDS)).containsExactly(2L);
            assertThat(written.get(10, TimeUnit.SECONDS)).isEqualTo(2);
            for (String shard : List.of("s1", "s2")) {
              assertThat(
                      cluster.count(
                          shard, "select count(*) from users where name = '" + name + "'"))
                  .isEqualTo(1);
            }
          });
    }
  }

  @Test
  void aBatchForOneShardThatIsForTwoWhenItIsItsTurnIsDividedAnew() throws Exception {
    move.begin();
    copy("s1", "s2");
    try (Connection connection = router.dataSource().getConnection()) {
      move.whileHeld(
          () -> {
            String name = "'batch of %s'".formatted(move.decided().value());
            String update = "update users set name = %s where user_id = ?".formatted(name);
            try (PreparedStatement statement = connection.prepareStatement(update)) {
              for (long key : List.of(moving.get(0), staying)) {
                statement.setLong(1, key);
                statement.addBatch();
              }
              CompletableFuture<int[]> batch = Background.supply(() -> executeBatch(statement));
              MoveByHand.awaitWaiting(1);
              move.commit();
              assertThat(batch.get(10, TimeUnit.SECONDS)).containsExactly(1, 1);
            }
            for (String shard : List.of("s1", "s2")) {
              assertThat(cluster.count(shard, "select count(*) from users where name = " + name))
                  .isEqualTo(1);
            }
          });
    }
  }

  /** It waits for a connection meanwhile, and gets one that is opened once all is over. */
  @Test
  void workThatMoversHaveNotWaitedForIsDoneWhereTheRowsAreByThen() throws Exception {
    ShardRouter narrow = narrowRouter();
    long key = moving.get(0);
    Connection only = narrow.keyspace("shop").on(staying).connection();
    CompletableFuture<List<Long>> reading =
        Background.supply(
            () ->
                narrow
                    .keyspace("shop")
                    .on(key)
                    .query(
                        "select count(*) from users where user_id = ?",
                        row -> row.getLong(1),
                        key));
    CompletableFuture<Integer> writing =
        Background.supply(() -> narrow.keyspace("shop").on(key).update(UPDATE, key));
    CompletableFuture<List<Long>> counting =
        Background.supply(() -> narrow.scatter(COUNT, row -> row.getLong(1)));
    awaitWaitingForConnections(narrow, 3);
    moveWithoutWaiting(narrow);
    only.close();
    assertThat(reading.get(30, TimeUnit.SECONDS)).containsExactly(1L);
    assertThat(writing.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    assertThatThrownBy(() -> counting.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RangeMoved.class);
    assertThat(narrow.scatter(COUNT, row -> row.getLong(1))).containsExactly((long) USERS);
  }

  /** With one connection to each shard, and the patience to wait for it while rows are moved. */
  private ShardRouter narrowRouter() {
    return cluster.router(
        cluster
            .options()
            .withPools(ONE_CONNECTION)
            .withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(30))));
  }

  private static void awaitWaitingForConnections(ShardRouter narrow, int pieces) {
    await()
        .until(
            () ->
                narrow.health().pools().stream().mapToInt(RouterHealth.PoolHealth::waiting).sum()
                    == pieces);
  }

  /** From the beginning to the end, as a mover does it that has cut that router off. */
  private void moveWithoutWaiting(ShardRouter cutOff) throws SQLException {
    move.begin();
    copy("s1", "s2");
    RangeMove held = move.decided().hold();
    cluster.change(topology -> topology.withMove(held));
    cluster.change(topology -> topology.withOwnerOf(held.commit()));
    String keys = moving.stream().map(String::valueOf).collect(Collectors.joining(", "));
    cluster.execute("s1", "delete from users where user_id in (%s)".formatted(keys));
    cluster.endSessions(cutOff, "s1");
    cluster.change(topology -> topology.withoutMove(MIGRATION));
    await().until(() -> cutOff.topology().epoch().equals(cluster.epoch()));
  }

  @Test
  void aPartThatComesLateOfWorkThatMoversWaitForSeesNoCopies() throws Exception {
    ShardRouter narrow = narrowRouter();
    CompletableFuture<List<Long>> counting =
        countingWhile(
            narrow,
            "s2",
            () -> {
              move.begin();
              await().until(() -> narrow.topology().epoch().equals(cluster.epoch()));
              assertThat(move.acknowledgements()).doesNotContain(narrow.health().router());
            });
    assertThat(counting.get(30, TimeUnit.SECONDS)).containsExactly((long) USERS);
    await().until(() -> move.acknowledgements().contains(narrow.health().router()));
  }

  /** It was off the list when a mover looked, and had no session: nobody waits for it. */
  @Test
  void aPartThatComesLateOfARouterThatWasOffTheListReadsNoCopies() throws Exception {
    ShardRouter narrow = narrowRouter();
    CompletableFuture<List<Long>> counting =
        countingWhile(
            narrow,
            "s2",
            () -> {
              cluster.unregister(narrow);
              move.begin();
              copy("s1", "s2");
            });
    assertThatThrownBy(() -> counting.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RangeMoved.class);
    assertThat(narrow.scatter(COUNT, row -> row.getLong(1))).containsExactly((long) USERS);
  }

  @Test
  void aPartThatComesLateOfARouterThatWasOffTheListMissesNoRows() throws Exception {
    ShardRouter narrow = narrowRouter();
    move.begin();
    copy("s1", "s2");
    CompletableFuture<List<Long>> counting =
        countingWhile(
            narrow,
            "s1",
            () -> {
              move.whileHeld(move::commit);
              cluster.unregister(narrow);
              String keys = moving.stream().map(String::valueOf).collect(Collectors.joining(", "));
              cluster.execute("s1", "delete from users where user_id in (%s)".formatted(keys));
            });
    assertThatThrownBy(() -> counting.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RangeMoved.class);
    assertThat(narrow.scatter(COUNT, row -> row.getLong(1))).containsExactly((long) USERS);
  }

  /**
   * A query whose part on a shard gets its connection, a new one, once a mover has done something
   * and then shut out who is at no newer epoch.
   */
  private CompletableFuture<List<Long>> countingWhile(
      ShardRouter narrow, String shard, MoveByHand.Held mover) throws Exception {
    Connection only =
        narrow.keyspace("shop").on(shard.equals("s1") ? staying : keyOn("s2")).connection();
    CompletableFuture<List<Long>> counting =
        Background.supply(() -> narrow.scatter(COUNT, row -> row.getLong(1)));
    awaitWaitingForConnections(narrow, 1);
    mover.run();
    cluster.change(topology -> topology);
    for (String each : List.of("s1", "s2")) {
      cluster.endSessions(narrow, each);
    }
    await().until(() -> narrow.topology().epoch().equals(cluster.epoch()));
    only.close();
    return counting;
  }

  private long keyOn(String shard) {
    return TestCluster.keyOn(router, shard);
  }

  /** That many pieces of work wait for a newer topology. */
  private static long count(Connection connection, String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int update(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int[] executeBatch(PreparedStatement statement) {
    try {
      return statement.executeBatch();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anOpenTransactionDelaysTheAcknowledgementAndAReaderDoesNot() throws Exception {
    move.begin();
    move.awaitAcknowledged();
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<Void> reader =
        Background.run(
            () ->
                router
                    .scatter(ScatterOptions.DEFAULTS.withFetchSize(2))
                    .forEach(
                        "select user_id from users",
                        row -> {
                          reading.countDown();
                          awaitQuietly(go);
                        }));
    reading.await();
    String update = "update users set name = name || '.' where user_id = " + moving.get(0);
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // A hold that a router ends has to be begun again, and then the transaction, too.
      boolean again = false;
      do {
        if (again) {
          connection.rollback();
        }
        statement.executeUpdate(update);
        move.hold();
        again = !holds(connection, statement, update);
      } while (again);
    }
    assertThat(reader).as("the reader is in the middle").isNotDone();
    move.giveUp();
    assertThat(move.acknowledgements()).isEmpty();
    go.countDown();
    reader.get(10, TimeUnit.SECONDS);
    move.awaitAcknowledged();
  }

  /** Whether the open transaction was waited for; false if the hold was ended meanwhile. */
  private boolean holds(Connection connection, Statement statement, String update)
      throws SQLException {
    statement.executeUpdate(update);
    assertThat(move.acknowledgements()).isEmpty();
    connection.commit();
    await().until(() -> move.isAcknowledged() || !move.inForce().equals(move.decided()));
    return move.isAcknowledged();
  }

  @Test
  void aTransactionThatComesToHeldRowsLaterIsToBeDoneAgain() throws Exception {
    move.begin();
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.executeUpdate("update users set name = 'tx' where user_id = " + staying);
      move.whileHeld(
          () ->
              assertThatThrownBy(
                      () ->
                          statement.executeUpdate(
                              "update users set name = 'tx' where user_id = " + moving.get(0)))
                  .isInstanceOfSatisfying(
                      SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001")));
      connection.rollback();
    }
  }

  @Test
  void endsAHoldThatLastsTooLong() throws Exception {
    move.begin();
    move.hold();
    long key = moving.get(0);
    assertThat(router.keyspace("shop").on(key).update(UPDATE, key)).isEqualTo(1);
    assertThat(cluster.admin.topology().move(MIGRATION)).contains(move.decided().giveUp());
  }

  /** The mover is gone after it has shut the source; nobody writes, so that no gate says so. */
  @Test
  void opensTheSourceAgainWhereAHoldLastsTooLong() throws Exception {
    move.begin();
    gate("s1", "s2", move.decided().valueOnceCommitted());
    move.hold();
    String register = "select last_value from shardwright.register_" + MIGRATION;
    await().atMost(30, TimeUnit.SECONDS).until(() -> cluster.count("s1", register) == 2);
    long key = moving.get(0);
    assertThat(router.keyspace("shop").on(key).update(UPDATE, key)).isEqualTo(1);
    assertThat(cluster.admin.topology().move(MIGRATION)).contains(move.decided().giveUp());
  }

  @Test
  void heldWorkEndsAtItsDeadline() throws Exception {
    move.begin();
    Timeouts brief = Timeouts.DEFAULTS.withStatement(Duration.ofMillis(300));
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    ShardRouter impatient =
        cluster.router(cluster.options().withTimeouts(brief).withMeters(meters));
    long key = moving.get(0);
    move.whileHeld(
        () -> {
          await()
              .until(() -> impatient.topology().epoch().equals(cluster.admin.topology().epoch()));
          long before = holds(meters);
          assertThatThrownBy(() -> impatient.keyspace("shop").on(key).update(UPDATE, key))
              .isInstanceOf(RangeMoved.class)
              .hasMessageContaining("from shard s1 to shard s2");
          assertThatThrownBy(
                  () ->
                      impatient
                          .keyspace("shop")
                          .onEach(List.of(key))
                          .query(
                              "select * from users where user_id = any(?)", "user_id", row -> ""))
              .isInstanceOf(SomeShardsFailed.class);
          assertThat(holds(meters))
              .as("one wait each, however often the keys could be divided anew")
              .isEqualTo(before + 2);
        });
  }

  private static long holds(SimpleMeterRegistry meters) {
    return meters.find("shardwright.hold").timers().stream().mapToLong(Timer::count).sum();
  }

  @Test
  void waitsForTheTopologyAfterAGateHasRefused() throws Exception {
    move.begin();
    copy("s1", "s2");
    gate("s1", "s2", 999_999_999);
    long key = moving.get(0);
    CompletableFuture<Integer> write =
        Background.supply(() -> router.keyspace("shop").on(key).update(UPDATE, key));
    MoveByHand.awaitWaiting(1);
    assertThat(write).isNotDone();
    move.whileHeld(move::commit);
    assertThat(write.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(cluster.count("s2", "select count(*) from users where name = 'changed'"))
        .isEqualTo(1);
  }

  @Test
  void tellsTheOwnerWhatTheTopologySaysIfNobodyElseDoes() throws Exception {
    move.begin();
    copy("s1", "s2");
    gate("s2", "s1", 0);
    move.whileHeld(move::commit);
    long key = moving.get(0);
    assertThat(router.keyspace("shop").on(key).update(UPDATE, key)).isEqualTo(1);
    assertThat(cluster.count("s2", "select last_value from shardwright.register_" + MIGRATION))
        .isEqualTo(move.decided().value());
  }

  /**
   * A transaction reads before it writes: its first statement, which may be repeated, goes well.
   * However it ends, its connection is free then.
   */
  @ParameterizedTest
  @EnumSource
  void tellsTheOwnerAlsoWhereALaterStatementOfATransactionIsRefused(EndOfRefused end)
      throws Exception {
    move.begin();
    copy("s1", "s2");
    gate("s2", "s1", 0);
    move.whileHeld(move::commit);
    try (Connection connection = router.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      query(connection, "select name from users where user_id = " + moving.get(0));
      Savepoint before = connection.setSavepoint();
      assertThatThrownBy(() -> readAndWrite(connection, moving.get(0)))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
      switch (end) {
        case ROLLBACK -> connection.rollback();
        case COMMIT ->
            assertThatThrownBy(connection::commit)
                .isInstanceOfSatisfying(
                    SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25P02"));
        case BACK_TO_SAVEPOINT -> {
          connection.rollback(before);
          connection.commit();
        }
      }
      assertThat(readAndWrite(connection, moving.get(0))).isEqualTo(1);
      connection.commit();
    }
    assertThat(cluster.count("s2", "select last_value from shardwright.register_" + MIGRATION))
        .isEqualTo(move.decided().value());
  }

  private enum EndOfRefused {
    ROLLBACK,
    COMMIT,
    BACK_TO_SAVEPOINT
  }

  private static void query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery(sql).close();
    }
  }

  private static int readAndWrite(Connection connection, long key) throws SQLException {
    query(connection, "select name from users where user_id = " + key);
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate("update users set name = 'tx' where user_id = " + key);
    }
  }

  /** A snapshot that is older than the rows' arrival has none of them, and would change none. */
  @Test
  void aSnapshotDoesNotLookForRowsThatCameAfterIt() throws Exception {
    long there = TestCluster.keyOn(router, "s2");
    try (Connection repeatable = router.dataSource().getConnection();
        Connection committed = router.dataSource().getConnection()) {
      repeatable.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      repeatable.setAutoCommit(false);
      committed.setAutoCommit(false);
      for (Connection connection : List.of(repeatable, committed)) {
        query(connection, "select name from users where user_id = " + there);
      }
      move.begin();
      copy("s1", "s2");
      move.whileHeld(move::commit);
      assertThat(readAndWrite(committed, moving.get(0))).isEqualTo(1);
      assertThatThrownBy(() -> readAndWrite(repeatable, moving.get(1)))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
      repeatable.rollback();
      assertThat(readAndWrite(repeatable, moving.get(1))).isEqualTo(1);
      repeatable.rollback();
      committed.rollback();
    }
  }

  /** Copies the rows that move, past all triggers. */
  private void copy(String from, String to) throws SQLException {
    cluster.admin.repairGuards();
    await().until(() -> router.topology().epoch().equals(cluster.epoch()));
    List<String> statements = new ArrayList<>();
    for (long key : moving) {
      long amount = cluster.count(from, "select amount from orders where user_id = " + key);
      statements.add("insert into users values (%d, 'user')".formatted(key));
      statements.add("insert into orders values (%d, 1, %d)".formatted(key, amount));
    }
    cluster.execute(to, String.join(";", statements));
  }

  /** A register, and a gate over all rows of users that reads it. */
  private void gate(String shard, String other, long value) throws SQLException {
    cluster.execute(
        shard,
        """
        create sequence shardwright.register_7 as int8 minvalue 0 start 0;
        select setval('shardwright.register_7', %2$d);
        create sequence shardwright.register_timeline_7 as int8 minvalue 0 start 0;
        select setval('shardwright.register_timeline_7', shardwright.timeline());
        create function gate() returns trigger language plpgsql security definer as $$
        declare value int8;
        begin
          select last_value into value from shardwright.register_7;
          if (value %% 2 = 0) <> %3$s then
            raise exception 'moved' using errcode = 'SW005', detail =
              '{"migration" : 7, "value" : ' || value || ', "keyspace" : "shop", "owner" : "%1$s"}';
          end if;
          return new;
        end $$;
        create trigger gate before insert or update on users for each row execute function gate();
        """
            .formatted(other, value, shard.equals("s1")));
  }

  private void assertEachRowIsSeenOnce() throws SQLException {
    long keys = USERS * (USERS + 1L) / 2;
    assertThat(one("select count(*) from users")).isEqualTo(USERS);
    assertThat(one("select sum(user_id) from users")).isEqualTo(keys);
    assertThat(one("select sum(o.amount) from users u join orders o using (user_id)"))
        .isEqualTo(USERS * 10L);
    assertThat(
            router.scatter(
                "select user_id from users order by user_id limit 100", row -> row.getLong(1)))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, USERS).boxed().toList());
    assertThat(
            router.scatter(
                "select amount, count(*) from orders group by amount", row -> row.getLong(2)))
        .containsExactly((long) USERS);
    assertThat(one("select count(distinct name) from users")).isEqualTo(1);
    assertThat(
            one(
                "select count(*) from users a join users b on b.user_id = a.user_id + 1 where"
                    + " a.user_id < 11"))
        .isEqualTo(10);
    assertThat(
            one(
                "select count(*) from users where user_id in (%d, %d, %d)"
                    .formatted(moving.get(0), staying, TestCluster.keyOn(router, "s2"))))
        .isEqualTo(3);
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select count(*) from orders")) {
      rows.next();
      assertThat(rows.getLong(1)).isEqualTo(USERS);
    }
  }

  private long one(String sql) {
    List<Long> rows = router.scatter(sql, row -> row.getLong(1));
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  private long total(String table) throws SQLException {
    String count = "select count(*) from " + table;
    return cluster.count("s1", count) + cluster.count("s2", count);
  }

  private long token(long key) {
    return router.route("shop", key).token();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
