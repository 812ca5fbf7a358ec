package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Background;
import dev.shardwright.router.MoveByHand;
import dev.shardwright.router.OneShard;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterMembership;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of a service's work on ranges that a mover holds. */
@Timeout(300)
@Tag("slow")
class HeldRangesIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration MOMENT = Duration.ofMillis(5);

  /** The longest that is allowed, so that there is time for something to begin in it. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final ShardId TARGET = ShardId.of("s-2");
  private static final int ENOUGH = 20;

  /** Fewer than those after which a move rests. */
  private static final int SOME = 5;

  private ServedCluster cluster;
  private Moving moving;
  private ShardRouter router;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new ServedCluster(ZOOKEEPER.server());
    router = cluster.router();
    moving = new Moving(cluster);
    moving.campaign();
  }

  @AfterEach
  void close() throws Exception {
    router.close();
    moving.close();
    cluster.close();
  }

  /** The change of hands waits for a writer, whose value is the last one that is acknowledged. */
  @Test
  void aReadAndANewKeyThatComeAfterTheAcknowledgementAreDoneByTheNewOwner() throws Exception {
    for (int i = 0; !areDoneByTheNewOwner(); i++) {
      assertThat(i).as("attempts that were given up in between").isLessThan(ENOUGH);
      close();
      setUp();
    }
  }

  /** False if the attempt for which they waited was given up. */
  private boolean areDoneByTheNewOwner() throws Exception {
    moving.beginSlowly(PAUSE);
    long read = moving.accounts().get(0);
    try (Connection last = cluster.connect(Moving.SOURCE);
        Statement statement = last.createStatement()) {
      last.setAutoCommit(false);
      statement.executeUpdate("update account set version = 7 where id = " + read);
      Waiting waiting = beginWhileHeld(read);
      last.commit();
      List<String> reader = waiting.reading.get(1, TimeUnit.MINUTES);
      List<String> inserter = waiting.inserting.get(1, TimeUnit.MINUTES);
      moving.until(MigrationStatus::isOver);
      String inserted = "select version from account where id = " + waiting.added;
      assertThat(cluster.read(TARGET, inserted)).as("the row, once").containsExactly(9L);
      assertThat(cluster.read(Moving.SOURCE, inserted)).isEmpty();
      cluster.execute(TARGET, "delete from account where id > " + ServedCluster.ACCOUNTS);
      moving.finish();
      assertThat(reader).singleElement().asString().startsWith("7 on ");
      String target = databaseOf(TARGET);
      return reader.equals(List.of("7 on " + target)) && inserter.equals(List.of(target));
    }
  }

  /** Two that wait; each says in which database it was done. */
  private record Waiting(
      long added,
      CompletableFuture<List<String>> reading,
      CompletableFuture<List<String>> inserting) {}

  /** Begins again with another key if the hold was over by then. */
  private Waiting beginWhileHeld(long read) throws Exception {
    for (long added : moving.newAccounts(ENOUGH)) {
      RangeMove held =
          await()
              .atMost(PATIENCE)
              .pollInterval(MOMENT)
              .until(this::acknowledged, Optional::isPresent)
              .orElseThrow();
      Waiting waiting = begin(read, added);
      await()
          .pollInterval(MOMENT)
          .until(
              () ->
                  MoveByHand.waiting() == 2
                      || waiting.reading.isDone()
                      || waiting.inserting.isDone());
      boolean oneDone = waiting.reading.isDone() || waiting.inserting.isDone();
      if (moving.held().equals(Optional.of(held))) {
        assertThat(oneDone).as("one that was done while the ranges were held").isFalse();
        return waiting;
      }
      waiting.reading.get(1, TimeUnit.MINUTES);
      waiting.inserting.get(1, TimeUnit.MINUTES);
    }
    throw new AssertionError("no hold lasted long enough");
  }

  private Optional<RangeMove> acknowledged() {
    return moving
        .held()
        .filter(move -> cluster.acknowledged(move).contains(router.health().router()));
  }

  private Waiting begin(long read, long added) {
    CompletableFuture<List<String>> reading =
        Background.supply(
            () ->
                on(read)
                    .query(
                        "select version || ' on ' || current_database() from account where id = ?",
                        row -> row.getString(1),
                        read));
    CompletableFuture<List<String>> inserting =
        Background.supply(
            () ->
                on(added)
                    .updateReturning(
                        "insert into account values (?, 9) returning current_database()",
                        row -> row.getString(1),
                        added));
    return new Waiting(added, reading, inserting);
  }

  private OneShard on(long key) {
    return router.keyspace(ServedCluster.KEYSPACE).on(key);
  }

  private String databaseOf(ShardId shard) throws SQLException {
    try (Connection connection = cluster.connect(shard)) {
      return connection.getCatalog();
    }
  }

  /** Their sessions with ZooKeeper live, so they are not cut off: each attempt is given up. */
  @Test
  void twoRoutersThatNeverAcknowledgeAreNamedAndNoWorkWaitsForThemUntilItsDeadline()
      throws Exception {
    long key = moving.accounts().get(0);
    try (Loops loops = new Loops(1)) {
      loops.begin(
          "writes", 1, random -> assertThat(on(key).update(ServedCluster.COUNT_UP, key)).isOne());
      attemptWithStuckRouters();
      assertThat(cluster.ownerOf(cluster.topology(), key)).isEqualTo(Moving.SOURCE);
      loops.turnMore(1);
      moving.until(MigrationStatus::hasMoved);
      loops.turnMore(1);
      loops.end();
      moving.finish();
      assertThat(cluster.values("select id, version from account"))
          .containsEntry(key, loops.turns().get("writes"));
    }
  }

  /** They have come to the end of what they began before, and stop there until all is over. */
  private void attemptWithStuckRouters() throws Exception {
    try (ZooKeeperCluster link = ZooKeeperCluster.connect(cluster.zooKeeper, cluster.name);
        RouterMembership one = link.join(new RouterDescription("stuck", 1, "1.0"));
        RouterMembership two = link.join(new RouterDescription("stuck", 2, "1.0"));
        Connection ofOne = session(one);
        Connection ofTwo = session(two)) {
      moving.begin(Duration.ofMillis(300));
      await().atMost(PATIENCE).until(() -> !cluster.topology().moves().isEmpty());
      Subject begun = new Subject(moving.status().number(), 0, /* held= */ false);
      List<Integer> stuck = List.of(one.number(), two.number());
      stuck.forEach(each -> link.acknowledgements().acknowledge(begun, each));
      await()
          .atMost(PATIENCE)
          .pollInterval(MOMENT)
          .until(
              () -> {
                assertThat(moving.isFenced()).as("the source refuses work").isFalse();
                assertThat(moving.status().hasMoved()).isFalse();
                return moving.status().attempts() >= SOME;
              });
      moving.until(status -> status.hindrance() == Hindrance.WAITING);
      assertThat(moving.status().note())
          .isEqualTo("waits for routers %s to acknowledge the hold".formatted(stuck));
      for (Connection each : List.of(ofOne, ofTwo)) {
        assertThat(each.isValid(1)).as("it was not cut off").isTrue();
      }
    }
  }

  /** What tells who has one. */
  private Connection session(RouterMembership router) throws SQLException {
    Connection session = cluster.connect(Moving.SOURCE);
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d, %d)".formatted(AdvisoryLocks.ROUTER, router.number()));
    }
    return session;
  }
}
