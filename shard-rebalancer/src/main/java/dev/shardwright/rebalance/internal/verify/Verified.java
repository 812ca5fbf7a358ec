package dev.shardwright.rebalance.internal.verify;

import dev.shardwright.rebalance.internal.table.RowKey;
import java.util.List;

/**
 * What verification has found so far.
 *
 * @param rows how many rows were compared
 * @param bytes about how much that was
 * @param broughtAgain how many of them differed and were copied once more
 * @param differing those that differed after that too; with any, the rows are not the same
 */
public record Verified(long rows, long bytes, long broughtAgain, List<RowKey> differing) {
  static final Verified NOTHING = new Verified(0, 0, 0, List.of());

  public Verified {
    differing = List.copyOf(differing);
  }

  /** Whether all that was compared is the same on both sides. */
  public boolean same() {
    return differing.isEmpty();
  }
}
