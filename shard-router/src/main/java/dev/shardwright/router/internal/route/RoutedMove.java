package dev.shardwright.router.internal.route;

import dev.shardwright.topology.RangeMove;

/**
 * A range move of one snapshot.
 *
 * @param move what the snapshot says of it
 * @param changes the writes and transactions under this snapshot that may touch its ranges
 */
public record RoutedMove(RangeMove move, InFlight changes) {
  RoutedMove(RangeMove move) {
    this(move, new InFlight());
  }
}
