package dev.shardwright.router;

import static java.util.stream.Collectors.joining;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A read of many keys that succeeded on some shards, or on none, and failed on others. Says which
 * failed and why, and holds what did arrive.
 */
public final class SomeShardsFailed extends ShardException {
  private final transient List<Failure> failures;
  private final transient Map<Object, List<?>> results;

  /**
   * One shard that failed.
   *
   * @param shard which
   * @param keys the keys that would have been read there, in the order given
   * @param cause why
   */
  public record Failure(ShardId shard, List<?> keys, ShardException cause) {
    /** Keeps an unmodifiable copy of the keys. */
    public Failure {
      keys = List.copyOf(keys);
    }
  }

  SomeShardsFailed(List<Failure> failures, Map<?, ? extends List<?>> results) {
    super(message(failures, results.size()), failures.get(0).cause());
    this.failures = List.copyOf(failures);
    this.results = Collections.unmodifiableMap(new LinkedHashMap<>(results));
    failures.stream().skip(1).forEach(failure -> addSuppressed(failure.cause()));
  }

  /** The shards that failed; at least one. */
  public List<Failure> failures() {
    return failures;
  }

  /** The rows of each key whose shard answered, in the order in which the keys were given. */
  public Map<Object, List<?>> results() {
    return results;
  }

  private static String message(List<Failure> failures, int answered) {
    return failures.stream()
        .map(
            failure ->
                "shard %s failed for %s of the keys, %s: %s"
                    .formatted(
                        failure.shard(),
                        failure.keys().size(),
                        some(failure.keys()),
                        failure.cause().getMessage()))
        .collect(joining("; ", "", "; " + answered + " keys were read"));
  }

  private static String some(List<?> keys) {
    return keys.size() <= 5 ? keys.toString() : keys.subList(0, 5) + " and more";
  }
}
