package dev.shardwright.bench.moves;

import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.ChildJvm;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import java.sql.Connection;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The only mover is killed, and there is no other for a while: no statement of a service fails. */
@Timeout(300)
@Tag("slow")
class MoverGoneIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** The longest that is allowed, so that there is time to kill somebody in it. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final long TURNS = 20;

  private ServedCluster cluster;
  private Moving moving;
  private Traffic traffic;
  private ChildJvm mover;

  @BeforeEach
  void setUp() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    cluster = new ServedCluster(ZOOKEEPER.server());
    moving = new Moving(cluster);
    traffic = new Traffic(cluster, seed);
    mover = MoverProcess.start(cluster, cluster.zooKeeper);
  }

  @AfterEach
  void close() throws Exception {
    mover.close();
    traffic.close();
    moving.close();
    cluster.close();
  }

  /** Routers end the hold. */
  @Test
  void whileWorkWaits() throws Exception {
    moving.beginSlowly(PAUSE);
    try (Connection blocker = moving.block()) {
      moving.awaitHeld();
      mover.kill();
      blocker.rollback();
    }
    await().atMost(PATIENCE).until(() -> moving.held().isEmpty());
    goesOnUntilAnotherHasFinished();
  }

  @Test
  @Tag("long")
  void whileRowsAreCopied() throws Exception {
    moving.beginSlowly(PAUSE);
    mover.kill();
    goesOnUntilAnotherHasFinished();
  }

  private void goesOnUntilAnotherHasFinished() throws Exception {
    traffic.loops.turnMore(TURNS);
    mover.close();
    mover = MoverProcess.start(cluster, cluster.zooKeeper);
    moving.finish();
    traffic.loops.turnMore(TURNS);
    traffic.loops.end();
    traffic.check();
  }
}
