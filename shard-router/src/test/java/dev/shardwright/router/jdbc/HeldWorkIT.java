package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Background;
import dev.shardwright.router.MoveByHand;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Work that is about held rows and does not say so by one key: it waits, and then goes to where the
 * rows are. The events 10 to 19 move from s1 to s2; beside them s1 has other events, and users.
 */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class HeldWorkIT {
  private static final String TABLE =
      """
      create table events (user_id bigint primary key, name text not null);
      grant select, insert, update, delete on events to %s;
      """;

  private TestCluster cluster;
  private ShardRouter router;
  private MoveByHand move;
  private long user;

  @BeforeEach
  void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(shard, TABLE.formatted(cluster.app));
    }
    cluster.admin.createKeyspace(NewKeyspace.range("line", KeyType.BIGINT, List.of("100")));
    cluster.register("line", "events");
    router = cluster.router();
    user = TestCluster.keyOn(router, "s1");
    router.keyspace("shop").on(user).update("insert into users values (?, 'old')", user);
    for (long key : List.of(5L, 12L, 15L)) {
      router.keyspace("line").on(key).update("insert into events values (?, 'old')", key);
    }
    KeyRangeSet ranges = KeyRangeSet.of(List.of(new KeyRange(10, 19)));
    move =
        new MoveByHand(
            cluster,
            router,
            RangeMove.of(7, "line", Region.ALL, ShardId.of("s1"), ShardId.of("s2"), ranges, 1));
    move.begin();
    cluster.admin.repairGuards();
    await().until(() -> router.topology().epoch().equals(cluster.epoch()));
    cluster.execute("s2", "insert into events values (12, 'old'), (15, 'old')");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void aBatchOverTwoKeyspaces() throws Exception {
    String events = "update events set name = 'new' where user_id = 15";
    String users = "update users set name = 'new' where user_id = " + user;
    assertWaits(connection -> batch(connection, users, events), 1, 1);
    assertThat(changed("s2", "events")).isEqualTo(1);
    assertThat(changed("s1", "users")).isEqualTo(1);
  }

  @Test
  void aBatchWithAStatementThatIsAboutNoCertainKeys() throws Exception {
    String some = "update events set name = 'new' where user_id between 11 and 16";
    String other = "update events set name = 'new' where user_id = 5";
    assertWaits(connection -> batch(connection, other, some), 1, 2);
    assertThat(changed("s2", "events")).isEqualTo(2);
    assertThat(changed("s1", "events where user_id = 5 and")).isEqualTo(1);
  }

  @Test
  void aBatchWhoseKeysPart() throws Exception {
    assertWaits(connection -> batch(connection, 5, 15), 1, 1);
    assertThat(changed("s2", "events")).isEqualTo(1);
    assertThat(changed("s1", "events where user_id = 5 and")).isEqualTo(1);
  }

  @Test
  void aBatchThatIsTheFirstInItsTransaction() throws Exception {
    assertWaits(
        connection -> {
          connection.setAutoCommit(false);
          int[] counts = batch(connection, 12, 15);
          connection.commit();
          return counts;
        },
        1,
        1);
    assertThat(changed("s2", "events")).isEqualTo(2);
  }

  @Test
  void aStatementAboutNoCertainKeysThatIsTheFirstInItsTransaction() throws Exception {
    assertWaits(
        connection -> {
          connection.setAutoCommit(false);
          try (Statement statement = connection.createStatement()) {
            int count =
                statement.executeUpdate(
                    "update events set name = 'new' where user_id between 11 and 16");
            connection.commit();
            return new int[] {count};
          }
        },
        2);
    assertThat(changed("s2", "events")).isEqualTo(2);
  }

  /** Within that time nobody ends the hold. */
  @Test
  void aFirstStatementForNoLongerThanItMayTake() throws Exception {
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.setQueryTimeout(1);
      move.whileHeld(
          () -> {
            assertThatThrownBy(
                    () ->
                        statement.executeUpdate(
                            "update events set name = 'new' where user_id = 15"))
                .isInstanceOfSatisfying(
                    SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
            connection.rollback();
          });
    }
  }

  @Test
  void aBatchThatComesLaterInItsTransactionIsToBeDoneAgain() throws Exception {
    String events = "update events set name = 'new' where user_id = 15";
    String users = "update users set name = 'new' where user_id = " + user;
    try (Connection connection = router.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      batch(connection, users);
      move.whileHeld(
          () -> {
            assertThatThrownBy(() -> batch(connection, users, events))
                .isInstanceOfSatisfying(
                    SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
            connection.rollback();
          });
    }
    assertThat(changed("s1", "users")).isZero();
  }

  /** The first keyspace that it names does not move. */
  @Test
  void aTransactionThatBeganWithRowsOfTwoKeyspacesIsWaitedFor() throws Exception {
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(shard, TABLE.replace("events", "visits").formatted(cluster.app));
    }
    cluster.admin.createKeyspace(NewKeyspace.range("rest", KeyType.BIGINT, List.of("100")));
    cluster.register("rest", "visits");
    await().until(() -> router.topology().epoch().equals(cluster.epoch()));
    router.keyspace("rest").on(12L).update("insert into visits values (12, 'old')");
    String locks =
        "select e.name from visits v join events e on e.user_id = v.user_id"
            + " where v.user_id between 11 and 13 and e.user_id between 11 and 13 for update";
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(locks);
      move.hold();
      // Only who counts among those that may change the rows goes on with them.
      statement.execute("select name from events where user_id = 12");
      assertThat(move.acknowledgements()).isEmpty();
      connection.commit();
      await().until(() -> move.isAcknowledged() || !move.inForce().equals(move.decided()));
    }
  }

  @Test
  void isNotCarriedOutWhereItIsCancelledOrAborted() throws Exception {
    String one = "update events set name = 'new' where user_id = 15";
    String some = "update events set name = 'new' where user_id between 11 and 16";
    for (boolean autoCommit : List.of(true, false)) {
      for (Executing way :
          List.<Executing>of(
              statement -> statement.execute(one),
              statement -> statement.execute(some),
              statement -> {
                statement.addBatch(one);
                statement.executeBatch();
              })) {
        assertEnds(autoCommit, way, Statement::cancel);
        assertEnds(autoCommit, way, statement -> statement.getConnection().abort(Runnable::run));
      }
    }
    for (String shard : List.of("s1", "s2")) {
      assertThat(changed(shard, "events")).isZero();
    }
  }

  /** What is done with a statement. */
  @FunctionalInterface
  private interface Executing {
    void on(Statement statement) throws SQLException;
  }

  private void assertEnds(boolean autoCommit, Executing way, Executing ending) throws Exception {
    move.whileHeld(
        () -> {
          try (Connection connection = router.dataSource().getConnection();
              Statement statement = connection.createStatement()) {
            connection.setAutoCommit(autoCommit);
            CompletableFuture<Throwable> failure =
                Background.supply(() -> catchThrowable(() -> way.on(statement)));
            MoveByHand.awaitWaiting(1);
            ending.on(statement);
            assertThat(failure.get(30, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                    SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
          }
        });
    move.giveUp();
  }

  /** Some work, which gives its update counts. */
  @FunctionalInterface
  private interface Work {
    int[] on(Connection connection) throws SQLException;
  }

  /** Holds the rows, begins the work, sees it wait, moves the rows, and sees it end. */
  private void assertWaits(Work work, int... counts) throws Exception {
    move.whileHeld(
        () -> {
          CompletableFuture<int[]> result = Background.supply(() -> carriedOut(work));
          MoveByHand.awaitWaiting(1);
          assertThat(result).isNotDone();
          move.commit();
          assertThat(result.get(10, TimeUnit.SECONDS)).containsExactly(counts);
        });
  }

  private int[] carriedOut(Work work) {
    try (Connection connection = router.dataSource().getConnection()) {
      return work.on(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int[] batch(Connection connection, String... texts) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String text : texts) {
        statement.addBatch(text);
      }
      return statement.executeBatch();
    }
  }

  private static int[] batch(Connection connection, long... keys) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("update events set name = 'new' where user_id = ?")) {
      for (long key : keys) {
        statement.setLong(1, key);
        statement.addBatch();
      }
      return statement.executeBatch();
    }
  }

  private long changed(String shard, String rows) throws SQLException {
    String condition = rows.endsWith(" and") ? " name = 'new'" : " where name = 'new'";
    return cluster.count(shard, "select count(*) from " + rows + condition);
  }
}
