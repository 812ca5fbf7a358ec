package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.events.Events;
import dev.shardwright.rebalance.internal.migration.Decision;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationEvent;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what happens to one migration, once its journal says so; what lasts, once. Used by one
 * thread.
 */
final class News {
  private static final Logger LOG = LoggerFactory.getLogger(News.class);

  private final Events events;
  private final Supplier<Migration> present;

  /** Why the migration rests; empty while it does not. */
  private String resting = "";

  /** The routers that were cut off in this state. */
  private final Set<Integer> cutOff = new HashSet<>();

  /**
   * @param present the migration as its journal has it
   */
  News(Events events, Supplier<Migration> present) {
    this.events = events;
    this.present = present;
  }

  void takenOver(int token) {
    events.happened(new MigrationEvent.TakenOver(number(), keyspace(), state(), token));
  }

  void entered(MigrationState before, Decision.Enter enter) {
    resting = "";
    cutOff.clear();
    events.happened(
        new MigrationEvent.StateEntered(
            number(), keyspace(), before.name(), enter.state().name(), enter.reason()));
  }

  void worked() {
    resting = "";
  }

  void rested(String reason) {
    if (!reason.equals(resting)) {
      resting = reason;
      events.happened(new MigrationEvent.Rested(number(), keyspace(), state(), reason));
    }
  }

  void attemptFailed(Optional<String> waitedFor) {
    events.happened(
        new MigrationEvent.AttemptFailed(
            number(), keyspace(), present.get().attempts(), waitedFor));
  }

  void changedHands(Optional<CutoverPause> pause) {
    Migration migration = present.get();
    events.happened(
        new MigrationEvent.ChangedHands(
            number(),
            keyspace(),
            migration.direction().from(migration.transfer()),
            migration.direction().to(migration.transfer()),
            pause));
  }

  /** It is tried until they are gone, and told once. */
  void cutOff(Set<Integer> routers) {
    List<Integer> others = routers.stream().filter(cutOff::add).sorted().toList();
    if (!others.isEmpty()) {
      events.happened(new MigrationEvent.RoutersCutOff(number(), keyspace(), state(), others));
    }
  }

  /** It is tried again and again, and told once: as long as the note has it, people know. */
  void failed(SQLException failure) {
    String reason = String.valueOf(failure.getMessage());
    if (present.get().note().equals(MigrationDecider.FAILED + reason)) {
      LOG.debug("Migration {} fails as before", number(), failure);
      return;
    }
    events.happened(new MigrationEvent.WorkFailed(number(), keyspace(), state(), reason), failure);
  }

  void obstacle(Obstacle obstacle) {
    String reason = String.valueOf(obstacle.getMessage());
    if (!reason.equals(resting)) {
      events.happened(
          new MigrationEvent.ObstacleMet(number(), keyspace(), state(), reason), obstacle);
    }
  }

  private int number() {
    return present.get().number();
  }

  private String keyspace() {
    return present.get().keyspace();
  }

  private String state() {
    return present.get().state().name();
  }
}
