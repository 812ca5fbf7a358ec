package dev.shardwright.router.internal.sql.write;

import dev.shardwright.topology.TableName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A write to a reference table, as far as it leaves to each shard what has to come out the same on
 * all.
 *
 * @param table that is written to
 * @param inserts whether it makes new rows
 * @param updates whether it changes rows
 * @param drawsDefaults whether columns get their defaults for values
 * @param given the columns that do not, as the catalog spells them; empty if they are not listed,
 *     or not known for certain
 * @param movingTexts what would be another time at each moment
 */
public record ReferenceWrite(
    TableName table,
    boolean inserts,
    boolean updates,
    boolean drawsDefaults,
    Set<String> given,
    List<MovingText> movingTexts) {
  public ReferenceWrite {
    given = Set.copyOf(given);
    movingTexts = List.copyOf(movingTexts);
  }

  /** Whether it may leave anything to the shards: most that only delete do not. */
  public boolean leavesAnything() {
    return inserts || updates || drawsDefaults || !movingTexts.isEmpty();
  }

  /**
   * A text that stands for a moment where it is taken for a time, as {@code today} does.
   *
   * @param column that it is a value of, or is compared with; empty where that is not certain
   */
  public record MovingText(String text, Optional<String> column) {}
}
