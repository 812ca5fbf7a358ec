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
      failed(e, new TreeMap<>()); // of ZooKeeper, not of any shard
    } catch (ShardException e) {
      failed(e, outOfOrder());
    }
  }

  private void failed(ShardException reason, SortedMap<ShardId, String> shards) {
    LOG.warn(
        "The shards cannot be sampled now, the next turn tries again: {}", reason.getMessage());
    newest = newest.failed(String.valueOf(reason.getMessage()), shards);
    meters.sampleFailed();
  }

  private SortedMap<ShardId, String> outOfOrder() {
    SortedMap<ShardId, String> found = new TreeMap<>();
    try {
      for (ShardId shard : admin.topology().shards().keySet()) {
        try {
          admin.checkShard(shard);
        } catch (ShardException e) {
          found.put(shard, String.valueOf(e.getMessage()));
        }
      }
    } catch (TopologyUnavailable e) {
      LOG.warn("The shards cannot be looked at one by one either: {}", e.getMessage());
    }
    return found;
  }
}
