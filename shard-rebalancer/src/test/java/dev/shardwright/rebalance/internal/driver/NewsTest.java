package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.events.Events;
import dev.shardwright.rebalance.internal.metrics.MigrationMeters;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.watch.MigrationEvent;
import dev.shardwright.rebalance.watch.MigrationEvent.ObstacleMet;
import dev.shardwright.rebalance.watch.MigrationEvent.Rested;
import dev.shardwright.rebalance.watch.MigrationEvent.WorkFailed;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class NewsTest {
  private static final Migration PLANNED =
      Migration.planned(
          7,
          "shop",
          Region.ALL,
          new RangeTransfer(ShardId.of("s-1"), ShardId.of("s-2"), KeyRangeSet.of(KeyRange.of(0))),
          Optional.empty(),
          "why",
          MoveOptions.DEFAULTS,
          Instant.EPOCH);

  private final List<MigrationEvent> told = new CopyOnWriteArrayList<>();
  private final Events events =
      new Events(new MigrationMeters(new SimpleMeterRegistry()), Optional.of(told::add));
  private Migration present = PLANNED;
  private final News news = new News(events, () -> present);

  /** A shard may be away for days. */
  @Test
  void whatFailsAgainAsBeforeIsToldOnce() {
    fail("away");
    fail("away");
    assertThat(failures()).containsExactly("away");
  }

  @Test
  void anotherFailureIsTold() {
    fail("away");
    fail("too many clients");
    fail("away");
    assertThat(failures()).containsExactly("away", "too many clients", "away");
  }

  /** Also in the midst of work of hours, which tells so before it ends. */
  @Test
  void theSameFailureIsToldAgainAfterWorkWentWell() {
    fail("away");
    present = present.unhindered();
    fail("away");
    assertThat(failures()).containsExactly("away", "away");
  }

  @Test
  void thatItRestsIsToldOnceForEachRest() {
    news.rested("paused");
    news.rested("paused");
    news.worked();
    news.rested("paused");
    assertThat(told(Rested.class)).hasSize(2);
  }

  /** It is met again and again, each time that it is tried whether it is gone. */
  @Test
  void whatIsInTheWayIsToldOnceForEachRest() {
    Obstacle obstacle = new Obstacle("no table there", null);
    news.obstacle(obstacle);
    news.rested("no table there");
    news.obstacle(obstacle);
    news.rested("no table there");
    news.worked();
    news.obstacle(obstacle);
    assertThat(told(ObstacleMet.class)).hasSize(2);
  }

  private <T extends MigrationEvent> List<T> told(Class<T> kind) {
    events.close();
    return told.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void fail(String reason) {
    news.failed(new SQLException(reason));
    present = present.withNote(MigrationDecider.FAILED + reason);
  }

  private List<String> failures() {
    events.close();
    return told.stream()
        .filter(WorkFailed.class::isInstance)
        .map(event -> ((WorkFailed) event).reason())
        .toList();
  }
}
