package dev.shardwright.cli.daemon.web;

import dev.shardwright.rebalance.Rebalancer;
import java.util.Arrays;
import java.util.Locale;

/** What can be asked of one migration. */
public enum Steering {
  /** Rest where that does no harm. */
  PAUSE,
  /** Go on. */
  RESUME,
  /** Give up; nothing has moved then. */
  ABORT,
  /** Take the ranges back. */
  ROLLBACK;

  /**
   * Reads the last part of a path.
   *
   * @throws RefusedRequest if there is no such thing to ask
   */
  static Steering of(String word) {
    return Arrays.stream(values())
        .filter(steering -> steering.name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                RefusedRequest.notFound(
                    "a migration cannot '%s': there are pause, resume, abort and rollback"
                        .formatted(word)));
  }

  /**
   * Says so to whoever carries the migration out.
   *
   * @throws dev.shardwright.rebalance.SteeringRefused if that cannot be asked of it now
   */
  public void give(Rebalancer rebalancer, int migration) {
    switch (this) {
      case PAUSE -> rebalancer.pause(migration);
      case RESUME -> rebalancer.resume(migration);
      case ABORT -> rebalancer.abort(migration);
      case ROLLBACK -> rebalancer.rollBack(migration);
    }
  }
}
