package dev.shardwright.rebalance;

import dev.shardwright.ShardException;
import java.util.List;

/**
 * A plan was begun in part: ZooKeeper was out of reach, or the thread was interrupted. What was
 * begun is carried out as soon as somebody leads, unless it is aborted.
 */
public final class StartIncomplete extends ShardException {
  private final List<Integer> migrations;

  /**
   * With what led to it.
   *
   * @param migrations those that were begun, in the order of the plan; of the last one this is not
   *     certain
   */
  public StartIncomplete(List<Integer> migrations, int moves, Throwable cause) {
    super(
        "of %d moves of the plan only these migrations were begun, perhaps without the last one: %s (%s). Let them run or abort them, and make a new plan then"
            .formatted(moves, migrations, cause.getMessage()),
        cause);
    this.migrations = List.copyOf(migrations);
  }

  /** Those that were begun, in the order of the plan; of the last one this is not certain. */
  public List<Integer> migrations() {
    return migrations;
  }
}
