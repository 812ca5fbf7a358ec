package dev.shardwright.rebalance.watch;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long work on the ranges waited at a cutover that succeeded, part by part.
 *
 * @param routers until all routers waited
 * @param gate until the last writer in the database had ended
 * @param drain until the key logs were empty
 * @param fence until the old owner refused the ranges
 * @param commit until the topology had another owner
 * @param open until that owner accepted them
 */
public record CutoverPause(
    Duration routers,
    Duration gate,
    Duration drain,
    Duration fence,
    Duration commit,
    Duration open) {
  /** From the hold to the end. */
  public Duration total() {
    return parts().values().stream().reduce(Duration.ZERO, Duration::plus);
  }

  /** The parts by their names, in their order. */
  public Map<String, Duration> parts() {
    Map<String, Duration> parts = new LinkedHashMap<>();
    parts.put("routers", routers);
    parts.put("gate", gate);
    parts.put("drain", drain);
    parts.put("fence", fence);
    parts.put("commit", commit);
    parts.put("open", open);
    return Collections.unmodifiableMap(parts);
  }
}
