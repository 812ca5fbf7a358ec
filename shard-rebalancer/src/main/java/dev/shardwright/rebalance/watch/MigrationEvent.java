package dev.shardwright.rebalance.watch;

import dev.shardwright.ring.ShardId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened to a migration, told by the leader that carries it out, once it is
 * recorded. After a crash the next leader may tell the last thing again.
 */
public sealed interface MigrationEvent {
  /** The migration's number. */
  int migration();

  /** Whose rows move. */
  String keyspace();

  /** What kind of event it is, in a word or two: {@code state entered}. */
  String kind();

  /** What happened, for people. */
  String describe();

  /** What it says beside migration and keyspace, by name, in a sensible order. */
  Map<String, Object> details();

  /** Whether people should look at it. */
  default boolean isTrouble() {
    return false;
  }

  /**
   * A leader carries the migration out from now on: the first one, or one after another.
   *
   * @param state where it goes on
   * @param token the leader's fencing token; larger than that of the one before
   */
  record TakenOver(int migration, String keyspace, String state, long token)
      implements MigrationEvent {
    @Override
    public String kind() {
      return "taken over";
    }

    @Override
    public String describe() {
      return "migration %d is carried out by the leader with token %d, from %s on"
          .formatted(migration, token, state);
    }

    @Override
    public Map<String, Object> details() {
      return map("state", state, "token", token);
    }
  }

  /**
   * The migration is in another state.
   *
   * @param before the state that it was in
   * @param state the state that it is in
   * @param reason why
   */
  record StateEntered(int migration, String keyspace, String before, String state, String reason)
      implements MigrationEvent {
    @Override
    public String kind() {
      return "state entered";
    }

    @Override
    public String describe() {
      return "migration %d: %s -> %s: %s".formatted(migration, before, state, reason);
    }

    @Override
    public Map<String, Object> details() {
      return map("before", before, "state", state, "reason", reason);
    }
  }

  /**
   * The ranges did not change hands, within the budget or at all; the next attempt follows.
   *
   * @param attempts how many have failed so far
   * @param waitedFor for whom it waited until its time was over, for people: transactions that have
   *     written moving rows, or routers; empty if for nobody
   */
  record AttemptFailed(int migration, String keyspace, int attempts, Optional<String> waitedFor)
      implements MigrationEvent {
    @Override
    public String kind() {
      return "attempt failed";
    }

    @Override
    public String describe() {
      return "migration %d: the ranges did not change hands, %d times so far%s"
          .formatted(migration, attempts, waitedFor.map("; it waited for "::concat).orElse(""));
    }

    @Override
    public Map<String, Object> details() {
      Map<String, Object> details = map("attempts", attempts);
      waitedFor.ifPresent(others -> details.put("waitedFor", others));
      return details;
    }
  }

  /**
   * The ranges are with another shard.
   *
   * @param from with whom they were
   * @param to with whom they are
   * @param pause how long work on them waited; empty if that is not known, since the leader that
   *     let them change hands died
   */
  record ChangedHands(
      int migration, String keyspace, ShardId from, ShardId to, Optional<CutoverPause> pause)
      implements MigrationEvent {
    @Override
    public String kind() {
      return "changed hands";
    }

    @Override
    public String describe() {
      return "migration %d: the ranges went from %s to %s, work on them waited %s"
          .formatted(
              migration,
              from,
              to,
              pause
                  .map(waited -> waited.total().toMillis() + " ms")
                  .orElse("for a time that is not known"));
    }

    @Override
    public Map<String, Object> details() {
      Map<String, Object> details = map("from", from, "to", to);
      pause.ifPresent(
          waited ->
              waited
                  .parts()
                  .forEach((part, time) -> details.put(part + "Micros", time.toNanos() / 1_000)));
      return details;
    }
  }

  /**
   * The migration rests.
   *
   * @param reason why
   */
  record Rested(int migration, String keyspace, String state, String reason)
      implements MigrationEvent {
    @Override
    public String kind() {
      return "rested";
    }

    @Override
    public String describe() {
      return "migration %d rests as %s: %s".formatted(migration, state, reason);
    }

    @Override
    public Map<String, Object> details() {
      return map("state", state, "reason", reason);
    }
  }

  /**
   * Routers are cut off, so that the migration can go on: they did not follow the topology in time,
   * or their sessions with ZooKeeper are over while those with the shards are not. Told once for
   * each router in each state.
   *
   * @param routers their numbers
   */
  record RoutersCutOff(int migration, String keyspace, String state, List<Integer> routers)
      implements MigrationEvent {
    /** Keeps the numbers as they are now. */
    public RoutersCutOff {
      routers = List.copyOf(routers);
    }

    @Override
    public String kind() {
      return "routers cut off";
    }

    @Override
    public String describe() {
      return "migration %d cuts routers %s off as %s: they do not follow the topology"
          .formatted(migration, routers, state);
    }

    @Override
    public Map<String, Object> details() {
      return map("state", state, "routers", routers);
    }

    @Override
    public boolean isTrouble() {
      return true;
    }
  }

  /**
   * Some work failed, and is tried again; told anew once it fails otherwise, or after it went well.
   *
   * @param reason what a database said
   */
  record WorkFailed(int migration, String keyspace, String state, String reason)
      implements MigrationEvent {
    @Override
    public String kind() {
      return "work failed";
    }

    @Override
    public String describe() {
      return "migration %d failed as %s, trying again: %s".formatted(migration, state, reason);
    }

    @Override
    public Map<String, Object> details() {
      return map("state", state, "reason", reason);
    }

    @Override
    public boolean isTrouble() {
      return true;
    }
  }

  /**
   * Trying again would not help: before the ranges changed hands the migration is given up, after
   * that it rests and waits for people.
   *
   * @param reason what is in the way
   */
  record ObstacleMet(int migration, String keyspace, String state, String reason)
      implements MigrationEvent {
    @Override
    public String kind() {
      return "obstacle met";
    }

    @Override
    public String describe() {
      return "migration %d cannot go on as %s: %s".formatted(migration, state, reason);
    }

    @Override
    public Map<String, Object> details() {
      return map("state", state, "reason", reason);
    }

    @Override
    public boolean isTrouble() {
      return true;
    }
  }

  private static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
