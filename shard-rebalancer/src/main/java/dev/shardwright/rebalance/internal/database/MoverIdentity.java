package dev.shardwright.rebalance.internal.database;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Who carries out a migration: the number of the migration, and the fencing token of the leader. Of
 * two movers of one migration the one with the larger token is the later one, and the databases
 * refuse the other.
 *
 * @param migration the migration's number
 * @param token the leader's fencing token
 */
public record MoverIdentity(int migration, long token) {
  /**
   * @throws IllegalArgumentException if the migration's number is not positive or the token is
   *     negative
   */
  public MoverIdentity {
    checkArgument(migration > 0, "a migration's number is at least 1, not %s", migration);
    checkArgument(token >= 0, "a fencing token is not negative: %s", token);
  }

  /** What its sessions are called in {@code pg_stat_activity}. */
  public String applicationName() {
    return "shardwright mover " + migration;
  }
}
