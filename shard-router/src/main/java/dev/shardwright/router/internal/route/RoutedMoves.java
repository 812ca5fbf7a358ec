package dev.shardwright.router.internal.route;

import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;

/** The range moves of one snapshot; mostly there are none. Immutable but for what is counted. */
public final class RoutedMoves {
  private final List<RoutedMove> all;
  private final List<RangeMove> held;

  RoutedMoves(Topology topology) {
    this.all = topology.moves().values().stream().map(RoutedMove::new).toList();
    this.held = topology.moves().values().stream().filter(RangeMove::held).toList();
  }

  /** All of them, by number. */
  public List<RoutedMove> all() {
    return all;
  }

  /** That move, if the snapshot has it. */
  public Optional<RoutedMove> move(int number) {
    return all.stream().filter(of -> of.move().number() == number).findFirst();
  }

  /** A move that keeps work of that reach waiting. */
  Optional<RangeMove> heldFrom(Reach reach, Routing routing) {
    if (held.isEmpty() || !reach.waitsForHolds()) {
      return Optional.empty();
    }
    return held.stream().filter(move -> reach.touches(move, routing)).findFirst();
  }

  /** The moves whose rows work of that reach may be about. */
  List<RoutedMove> touchedBy(Reach reach, Routing routing) {
    return all.isEmpty()
        ? all
        : all.stream().filter(of -> reach.touches(of.move(), routing)).toList();
  }
}
