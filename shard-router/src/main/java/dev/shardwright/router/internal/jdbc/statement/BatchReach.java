package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.route.Reach;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.topology.RangeMove;
import java.util.List;

/** The rows that a batch may be about, worked out only where some move. */
public record BatchReach(List<BatchEntry> entries) implements Reach {
  @Override
  public boolean touches(RangeMove move, Routing routing) {
    return entries.stream().anyMatch(entry -> entry.reach(routing).touches(move, routing));
  }

  @Override
  public boolean waitsForHolds() {
    return true;
  }
}
