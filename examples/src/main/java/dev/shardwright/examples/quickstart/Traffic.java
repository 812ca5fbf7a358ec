package dev.shardwright.examples.quickstart;

import dev.shardwright.ShardException;
import dev.shardwright.router.Keyspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reads and writes by random keys from several threads for a while: four reads to one write. */
final class Traffic {
  private static final int READS_PER_WRITE = 4;

  /** Beyond the rows that were loaded. */
  private static final long FIRST_ID = 1_000_000;

  private final Dataset dataset;
  private final Keyspace keyspace;
  private final Ledger ledger;
  private final List<Long> keys;
  private final AtomicLong ids = new AtomicLong(FIRST_ID);
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicReference<@Nullable ShardException> firstFailure = new AtomicReference<>();

  Traffic(Dataset dataset, Keyspace keyspace, Ledger ledger) {
    this.dataset = dataset;
    this.keyspace = keyspace;
    this.ledger = ledger;
    this.keys = dataset.keys();
  }

  /** Runs for that long. */
  Outcome run(int threads, Duration duration) throws InterruptedException, ExecutionException {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      long start = System.nanoTime();
      long end = start + duration.toNanos();
      List<Future<long[]>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Random random = new Random(i);
        running.add(executor.submit(() -> work(random, end)));
      }
      LongStream latencies = LongStream.empty();
      for (Future<long[]> thread : running) {
        latencies = LongStream.concat(latencies, Arrays.stream(thread.get()));
      }
      Latencies all = new Latencies(latencies);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new Outcome(all, took, failed.get(), firstFailure.get());
    } finally {
      executor.shutdownNow();
    }
  }

  private long[] work(Random random, long end) {
    LongStream.Builder latencies = LongStream.builder();
    long before = System.nanoTime();
    while (before < end) {
      long key = keys.get(random.nextInt(keys.size()));
      try {
        if (random.nextInt(READS_PER_WRITE + 1) == 0) {
          ledger.inserted(dataset.written(), dataset.write(keyspace, key, ids.getAndIncrement()));
          ledger.counted(key);
        } else {
          dataset.read(keyspace, key);
        }
      } catch (ShardException e) {
        failed.incrementAndGet();
        firstFailure.compareAndSet(null, e);
      }
      long after = System.nanoTime();
      latencies.add(after - before);
      before = after;
    }
    return latencies.build().toArray();
  }

  /**
   * How it went.
   *
   * @param latencies of all operations
   * @param took from first to last
   * @param failed how many operations failed
   * @param firstFailure the first of these
   */
  record Outcome(
      Latencies latencies, Duration took, int failed, @Nullable ShardException firstFailure) {

    long operationsPerSecond() {
      return Math.round(latencies.count() * 1e9 / took.toNanos());
    }
  }
}
