package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.bench.moves.ServiceProcess.Work;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Services that are stopped with work under way; their sessions with ZooKeeper end, ranges move and
 * all is cleaned up; then they wake up and go on as if nothing had been.
 */
@Timeout(600)
@Tag("slow")
class ZombieRoutersIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration MOMENT = Duration.ofMillis(5);

  /** The longest that is allowed, so that there is time to stop somebody in it. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final ShardId TARGET = ShardId.of("s-2");

  private ServedCluster cluster;
  private Moving moving;
  private ShardRouter healthy;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new ServedCluster(ZOOKEEPER.server());
    healthy = cluster.router();
    moving = new Moving(cluster);
    moving.campaign();
  }

  @AfterEach
  void close() throws Exception {
    healthy.close();
    moving.close();
    cluster.close();
  }

  /** They have a session at the source and have never heard of the move. */
  @Test
  void routedWorkOfRoutersThatNeverAcknowledgeIsDoneWhereTheRowsAreByThen() throws Exception {
    long read = moving.accounts().get(0);
    long written = moving.accounts().get(1);
    long inserted = moving.accounts().get(2);
    try (ServiceProcess reader = start();
        ServiceProcess writer = start();
        ServiceProcess inserter = start()) {
      assertThat(reader.does(Work.ROUTE_AND_READ, read)).isEqualTo("routed");
      assertThat(writer.does(Work.ROUTE_AND_WRITE, written)).isEqualTo("routed");
      assertThat(inserter.does(Work.ROUTE_AND_INSERT, inserted)).isEqualTo("routed");
      reader.freeze();
      writer.freeze();
      inserter.freeze();
      moving.begin(PAUSE);
      moving.finish();
      write(read);
      reader.thaw();
      writer.thaw();
      inserter.thaw();
      reader.goOn();
      assertThat(reader.outcome()).as("what was written meanwhile").isEqualTo("done 1");
      writer.goOn();
      assertThat(writer.outcome()).as("one row").isEqualTo("done 1");
      check(written, 1);
      inserter.goOn();
      assertThat(inserter.outcome()).as("one row").isEqualTo("done 1");
      String third = "select count(*) from purse where n = 3 and account = " + inserted;
      assertThat(cluster.read(TARGET, third)).containsExactly(1L);
      assertThat(cluster.read(Moving.SOURCE, third)).containsExactly(0L);
    }
  }

  @Test
  void aTransactionOfARouterThatWasStoppedBeforeItsCommitIsNotCommitted() throws Exception {
    long key = moving.accounts().get(0);
    try (ServiceProcess service = start()) {
      moving.beginSlowly(PAUSE);
      assertThat(service.does(Work.OPEN, key)).isEqualTo("done 1");
      service.freeze();
      moving.finish();
      write(key);
      service.thaw();
      assertThat(service.does(Work.COMMIT, key)).contains(" 08007 ");
      assertThat(service.does(Work.READ, key)).isEqualTo("done 1");
      assertThat(service.does(Work.WRITE, key)).isEqualTo("done 1");
      check(key, 2);
    }
  }

  /** Work waits in it when it is stopped: it has acknowledged that nothing of it is under way. */
  @Test
  void workThatWaitsInARouterThatWasStoppedAfterItAcknowledgedTheHoldIsDoneOnce() throws Exception {
    long key = moving.accounts().get(1);
    try (ServiceProcess service = start()) {
      assertThat(service.does(Work.READ, key)).isEqualTo("done 0");
      moving.beginSlowly(PAUSE);
      try (Connection blocker = moving.block()) {
        long done = 0;
        while (!isFrozenWaiting(service, key, done)) {
          done++; // the hold was over by then
        }
        blocker.rollback();
        moving.finish();
        check(key, done);
        service.thaw();
        assertThat(service.outcome()).isEqualTo("done 1");
        check(key, done + 1);
      }
    }
  }

  /**
   * Has it write once it has acknowledged a hold, and freezes it when it waits for that.
   *
   * @return whether the write is not done, but waits in the service that is frozen now
   */
  private boolean isFrozenWaiting(ServiceProcess service, long key, long done) throws Exception {
    await().atMost(PATIENCE).pollInterval(MOMENT).until(() -> hasAcknowledged(service));
    String heard = service.does(Work.WRITE_HELD, key);
    if (heard.equals("waits")) {
      service.freeze();
      String version = "select version from account where id = " + key;
      if (cluster.read(Moving.SOURCE, version).equals(List.of(done))) {
        return true;
      }
      service.thaw();
      heard = service.outcome();
    }
    assertThat(heard).isEqualTo("done 1");
    return false;
  }

  private boolean hasAcknowledged(ServiceProcess service) {
    return moving
        .held()
        .filter(move -> cluster.acknowledged(move).contains(service.router()))
        .isPresent();
  }

  private ServiceProcess start() {
    return ServiceProcess.start(cluster, cluster.zooKeeper);
  }

  private void write(long key) {
    assertThat(healthy.keyspace(ServedCluster.KEYSPACE).on(key).update(ServedCluster.COUNT_UP, key))
        .isEqualTo(1);
  }

  private void check(long key, long version) throws Exception {
    assertThat(cluster.values("select id, version from account")).containsEntry(key, version);
  }
}
