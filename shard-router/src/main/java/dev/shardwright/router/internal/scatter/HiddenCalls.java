package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks for calls of functions of which only the catalog knows. Read from a shard, since all have
 * the same, when they are first needed, and again after a while. Thread-safe.
 *
 * <p>A function that was made since is not seen until then. A session of PostgreSQL that prepared
 * the statement before would not call it either, for as long as it lives.
 */
final class HiddenCalls {
  private static final Duration KEPT = Duration.ofSeconds(30);

  private final LongSupplier nanos;
  private volatile @Nullable Known known;

  private record Known(CatalogFunctions functions, long at) {}

  /**
   * @param nanos a clock that only goes forward
   */
  HiddenCalls(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Refuses a statement that may call one of them. Before it does, what is known is read anew.
   *
   * @param shard is asked if it is time
   */
  void check(Analysis analysis, Supplier<CatalogFunctions> shard) {
    if (objection(analysis, shard).isPresent()) {
      read(shard)
          .objection(analysis)
          .ifPresent(
              message -> {
                throw new SqlRefused(SqlRefused.Reason.NOT_OVER_SHARDS, message);
              });
    }
  }

  /** What there is against a statement, by what is known. */
  Optional<String> objection(Analysis analysis, Supplier<CatalogFunctions> shard) {
    if (!CatalogFunctions.concern(analysis)) {
      return Optional.empty();
    }
    Known last = known;
    return last != null && nanos.getAsLong() - last.at() < KEPT.toNanos()
        ? last.functions().objection(analysis)
        : read(shard).objection(analysis);
  }

  private CatalogFunctions read(Supplier<CatalogFunctions> shard) {
    long at = nanos.getAsLong();
    CatalogFunctions read = shard.get();
    known = new Known(read, at);
    return read;
  }

  /** What is known may not be so any more: the schema was changed. */
  void forget() {
    known = null;
  }
}
