package dev.shardwright.cli.daemon.web;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.rebalance.plan.Goal;

/**
 * What can be asked of the daemon, whoever asks. Implementations are thread-safe. Each call throws
 * {@link RefusedRequest} or {@link dev.shardwright.ShardException} if it is not done.
 */
public interface Api {
  /** Whether the daemon can do its work. */
  Health health();

  /** The cluster at a glance. */
  Answer status();

  /** Who owns which tokens, and what moves. */
  Answer ring();

  /** How uneven the shards are, from the newest sample. */
  Answer skew();

  /** How uneven they were over time. */
  Answer skewHistory();

  /** The migrations that are kept. */
  Answer migrations();

  /** One of them. */
  Answer migration(int number);

  /** The routers that are registered. */
  Answer routers();

  /** What is wrong. */
  Answer alerts();

  /** What a rebalance would move. */
  Answer plan(Goal goal);

  /** Makes migrations of what a rebalance would move. */
  Answer rebalance(RebalanceOrder order);

  /** Says what is wanted of a migration. */
  Answer steer(int migration, Steering steering);
}
