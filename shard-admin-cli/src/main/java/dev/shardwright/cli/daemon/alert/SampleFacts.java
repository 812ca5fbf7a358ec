package dev.shardwright.cli.daemon.alert;

import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.ring.ShardId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the newest samples say.
 *
 * @param measuredAt when the newest one that succeeded was taken, if there is one
 * @param skews what it says
 * @param failure why the last attempt failed; empty if it did not
 * @param unreachable shards that were not in order at the last attempt, and why
 */
public record SampleFacts(
    Optional<Instant> measuredAt,
    List<Skew> skews,
    String failure,
    SortedMap<ShardId, String> unreachable) {
  /** Before the first attempt. */
  public static final SampleFacts NONE =
      new SampleFacts(Optional.empty(), List.of(), "", new TreeMap<>());

  /** Keeps copies. */
  public SampleFacts {
    skews = List.copyOf(skews);
    unreachable = new TreeMap<>(unreachable);
  }

  /** A sample succeeded. */
  public static SampleFacts of(Instant at, List<Skew> skews) {
    return new SampleFacts(Optional.of(at), skews, "", new TreeMap<>());
  }

  /** The next attempt failed, and tells nothing of the shards: all that was known still stands. */
  public SampleFacts failed(String reason) {
    return failed(reason, unreachable);
  }

  /** The next attempt failed; what was measured before still stands. */
  public SampleFacts failed(String reason, Map<ShardId, String> shards) {
    return new SampleFacts(measuredAt, skews, reason, new TreeMap<>(shards));
  }
}
