package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.rebalance.internal.capture.Inventory;
import java.sql.SQLException;
import java.util.List;

/** No database has anything of a migration of this number. */
final class Leftovers implements Check {
  @Override
  public String name() {
    return "leftovers";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    if (move.migration().isEmpty()) {
      return;
    }
    int migration = move.migration().getAsInt();
    for (Side side : move.sides()) {
      List<String> left = Inventory.of(side.session(), migration);
      if (!left.isEmpty()) {
        findings.block(
            "%s has objects of a migration %s: %s"
                .formatted(side, migration, String.join(", ", left)),
            "drop them, triggers first, once it is sure that no migration %s runs"
                .formatted(migration));
      }
    }
  }
}
