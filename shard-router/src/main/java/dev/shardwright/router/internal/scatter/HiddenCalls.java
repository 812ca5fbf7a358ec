package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks for calls of functions of which only the catalog knows. Read from a shard, since all have
 * the same, when they are first needed, and again after a while: by one thread, while others go by
 * what is known. Thread-safe.
 *
 * <p>A function that was made since is not seen until then. A session of PostgreSQL that prepared
 * the statement before would not call it either, for as long as it lives.
 */
final class HiddenCalls {
  private static final Duration KEPT = Duration.ofSeconds(30);

  /** So much longer others go by what is known while one reads. */
  private static final Duration READING = Duration.ofSeconds(5);

  /** What is refused is looked at again before that, but not by each who repeats it. */
  private static final Duration CERTAIN = Duration.ofSeconds(1);

  private final LongSupplier nanos;
  private final AtomicBoolean reading = new AtomicBoolean();
  private final AtomicInteger changes = new AtomicInteger();
  private volatile @Nullable Known known;

  private record Known(CatalogFunctions functions, long at) {}

  /**
   * @param nanos a clock that only goes forward
   */
  HiddenCalls(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Refuses a statement that may call one of them.
   *
   * @param shard is asked if it is time
   */
  void check(Analysis analysis, Supplier<CatalogFunctions> shard) {
    if (!CatalogFunctions.concern(analysis)) {
      return;
    }
    Optional<String> objection = functions(shard, KEPT).objection(analysis);
    if (objection.isPresent()) {
      objection = functions(shard, CERTAIN).objection(analysis);
    }
    if (objection.isPresent()) {
      throw new SqlRefused(SqlRefused.Reason.NOT_OVER_SHARDS, objection.get());
    }
  }

  /**
   * Whether a statement may call one of them.
   *
   * @param shard is asked if it is time
   */
  boolean mayBeIn(Analysis analysis, Supplier<CatalogFunctions> shard) {
    return CatalogFunctions.concern(analysis)
        && functions(shard, KEPT).objection(analysis).isPresent();
  }

  private CatalogFunctions functions(Supplier<CatalogFunctions> shard, Duration most) {
    Known last = known;
    if (last != null && !isOlderThan(most, last)) {
      return last.functions();
    }
    if (!reading.compareAndSet(false, true)) {
      return last != null && !isOlderThan(KEPT.plus(READING), last)
          ? last.functions()
          : read(shard);
    }
    try {
      return read(shard);
    } finally {
      reading.set(false);
    }
  }

  private boolean isOlderThan(Duration age, Known last) {
    return nanos.getAsLong() - last.at() >= age.toNanos();
  }

  private CatalogFunctions read(Supplier<CatalogFunctions> shard) {
    long at = nanos.getAsLong();
    int before = changes.get();
    CatalogFunctions read = shard.get();
    if (changes.get() == before) {
      known = new Known(read, at);
    }
    return read;
  }

  /** What is known may not be so any more: the schema was changed. */
  void forget() {
    changes.incrementAndGet();
    known = null;
  }
}
