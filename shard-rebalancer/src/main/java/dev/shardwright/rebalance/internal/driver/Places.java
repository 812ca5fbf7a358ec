package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells which migrations are to go on, so that no shard takes part in more than it can bear. What
 * rests keeps few others from it: it costs little, but may all come to work at once.
 */
final class Places {
  /** How many migrations one shard works for at a time. */
  private static final int MOST_AT_WORK = 2;

  /** How many that are at rest one shard has at a time. */
  private static final int MOST_AT_REST = 10;

  /** How many that did not begin are begun to be ended at one look: each has a thread. */
  private static final int MOST_ENDING = 10;

  private final Map<ShardId, Integer> atWork = new HashMap<>();
  private final Map<ShardId, Integer> atRest = new HashMap<>();

  private Places() {}

  /**
   * Those that do not run yet and may, in the order of numbers. What has begun goes before what has
   * not, and what was kept from beginning comes last. What is given up before it began waits for no
   * place: it ends without a shard.
   *
   * @param running the numbers of those that run
   * @param givenUp the numbers of those that are to be aborted and have not begun
   */
  static List<Migration> startable(
      List<Migration> all, Set<Integer> running, Set<Integer> givenUp) {
    List<Migration> begun = new ArrayList<>();
    List<Migration> waiting = new ArrayList<>();
    List<Migration> ending = new ArrayList<>();
    for (Migration migration : all) {
      if (migration.state() != MigrationState.PLANNED || running.contains(migration.number())) {
        if (!migration.state().isOver()) {
          begun.add(migration);
        }
      } else if (givenUp.contains(migration.number())) {
        ending.add(migration);
      } else {
        waiting.add(migration);
      }
    }
    waiting.sort(Comparator.comparing(Migration::isAtRest).thenComparing(Migration::number));
    Places places = new Places();
    begun.forEach(places::take);
    List<Migration> startable = new ArrayList<>(begun);
    startable.removeIf(migration -> running.contains(migration.number()));
    startable.addAll(ending.subList(0, Math.min(ending.size(), MOST_ENDING)));
    for (Migration migration : waiting) {
      if (places.areFreeFor(migration)) {
        places.take(migration);
        startable.add(migration);
      }
    }
    startable.sort(Comparator.comparing(Migration::number));
    return startable;
  }

  private boolean areFreeFor(Migration migration) {
    return shards(migration).stream()
        .allMatch(
            shard ->
                atWork.getOrDefault(shard, 0) < MOST_AT_WORK
                    && atRest.getOrDefault(shard, 0) < MOST_AT_REST);
  }

  private void take(Migration migration) {
    Map<ShardId, Integer> taken = migration.isAtRest() ? atRest : atWork;
    shards(migration).forEach(shard -> taken.merge(shard, 1, Integer::sum));
  }

  private static List<ShardId> shards(Migration migration) {
    return List.of(migration.transfer().source(), migration.transfer().target());
  }
}
