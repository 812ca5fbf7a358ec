package dev.shardwright.cli.daemon;

import dev.shardwright.ShardException;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.daemon.alert.SampleFacts;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.ring.ShardId;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples what is where, and keeps what was found. Each daemon samples for itself, at a bounded
 * cost: so whoever takes over has the curves already, and no page is without them. Thread-safe; one
 * turn at a time.
 */
final class Sampler {
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

  private final Rebalancer rebalancer;
  private final ClusterAdmin admin;
  private final DaemonMeters meters;
  private final Clock clock;
  private final SkewHistory history = new SkewHistory();
  private volatile SampleFacts newest = SampleFacts.NONE;

  Sampler(Rebalancer rebalancer, ClusterAdmin admin, DaemonMeters meters, Clock clock) {
    this.rebalancer = rebalancer;
    this.admin = admin;
    this.meters = meters;
    this.clock = clock;
  }

  /** What the newest samples say. */
  SampleFacts newest() {
    return newest;
  }

  /** What they said before. */
  SkewHistory history() {
    return history;
  }

  /** Takes one sample; if that fails, looks which shards are not in order. */
  synchronized void sample() {
    try {
      List<Skew> skews = rebalancer.skew();
      newest = SampleFacts.of(clock.instant(), skews);
      history.add(clock.instant(), skews);
      meters.sampled(clock.instant());
    } catch (TopologyUnavailable e) {
      failed(e, Optional.empty()); // of ZooKeeper, and no news of any shard
    } catch (ShardException e) {
      failed(e, outOfOrder());
    } catch (RuntimeException e) { // nobody expected it, and silence is no sign of health
      failed(e, Optional.empty());
      throw e;
    }
  }

  /**
   * @param shards those that are not in order; empty where that is not known
   */
  private void failed(RuntimeException failure, Optional<SortedMap<ShardId, String>> shards) {
    String reason = String.valueOf(failure.getMessage());
    LOG.warn("The shards cannot be sampled now, the next turn tries again: {}", reason);
    newest =
        shards.map(found -> newest.failed(reason, found)).orElseGet(() -> newest.failed(reason));
    meters.sampleFailed();
  }

  private Optional<SortedMap<ShardId, String>> outOfOrder() {
    SortedMap<ShardId, String> found = new TreeMap<>();
    try {
      for (ShardId shard : admin.topology().shards().keySet()) {
        check(shard).ifPresent(reason -> found.put(shard, reason));
      }
    } catch (TopologyUnavailable e) {
      LOG.warn("The shards cannot be looked at one by one either: {}", e.getMessage());
      return Optional.empty();
    }
    return Optional.of(found);
  }

  private Optional<String> check(ShardId shard) {
    try {
      admin.checkShard(shard);
      return Optional.empty();
    } catch (TopologyUnavailable e) {
      throw e;
    } catch (RuntimeException e) { // whatever it was, of that shard nothing is known
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
