package dev.shardwright.router.internal.route;

import dev.shardwright.topology.RangeMove;
import java.util.Set;

/** Which rows a piece of work may be about, as far as range moves need to know. Immutable. */
public interface Reach {
  /** Whether it may be about rows that the move is about. */
  boolean touches(RangeMove move, Routing routing);

  /** Whether it waits while rows that it may be about are held. */
  boolean waitsForHolds();

  /** All rows of some keyspaces. */
  record OfKeyspaces(Set<String> keyspaces) implements Reach {
    public OfKeyspaces {
      keyspaces = Set.copyOf(keyspaces);
    }

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      return keyspaces.contains(move.keyspace());
    }

    @Override
    public boolean waitsForHolds() {
      return true;
    }
  }
}
