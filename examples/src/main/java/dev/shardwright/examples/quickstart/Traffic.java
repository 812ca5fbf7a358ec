package dev.shardwright.examples.quickstart;

import dev.shardwright.ShardException;
import dev.shardwright.examples.quickstart.Dataset.CheckedTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reads and writes by random keys from several threads: four reads to one write. */
final class Traffic {
  private static final int READS_PER_WRITE = 4;

  /** Beyond the rows that were loaded. */
  private static final long FIRST_ID = 1_000_000;

  private final Work work;
  private final CheckedTable written;
  private final List<Long> keys;
  private final Ledger ledger;
  private final AtomicLong ids = new AtomicLong(FIRST_ID);
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicReference<@Nullable Exception> firstFailure = new AtomicReference<>();

  /** What a service does for its users. */
  interface Work {
    /** Reads some rows of that key. */
    void read(long key) throws SQLException;

    /**
     * In one transaction, inserts one row for that key and adds one to the key's counter.
     *
     * @return the primary key of the new row, as {@link CheckedTable#primaryKey} would write it
     */
    String write(long key, long id) throws SQLException;
  }

  /**
   * Makes traffic of it.
   *
   * @param written the table that it inserts into
   * @param ledger is told of all that was acknowledged
   */
  Traffic(Work work, CheckedTable written, List<Long> keys, Ledger ledger) {
    this.work = work;
    this.written = written;
    this.keys = keys;
    this.ledger = ledger;
  }

  /** Begins; goes on until it is ended. */
  Running start(int threads) {
    Running running = new Running(threads);
    for (int i = 0; i < threads; i++) {
      Random random = new Random(i);
      running.threads.add(running.executor.submit(() -> work(random, running.going)));
    }
    return running;
  }

  /** Traffic that runs. */
  final class Running implements AutoCloseable {
    private final ExecutorService executor;
    private final List<Future<long[]>> threads = new ArrayList<>();
    private final AtomicBoolean going = new AtomicBoolean(true);
    private final long start = System.nanoTime();

    private Running(int threads) {
      executor = Executors.newFixedThreadPool(threads);
    }

    /** Ends it and tells how it went. */
    Outcome end() throws InterruptedException, ExecutionException {
      going.set(false);
      LongStream latencies = LongStream.empty();
      for (Future<long[]> thread : threads) {
        latencies = LongStream.concat(latencies, Arrays.stream(thread.get()));
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new Outcome(new Latencies(latencies), took, failed.get(), firstFailure.get());
    }

    /** Ends it, if it has not ended. */
    @Override
    public void close() {
      going.set(false);
      executor.shutdownNow();
    }
  }

  private long[] work(Random random, AtomicBoolean going) {
    LongStream.Builder latencies = LongStream.builder();
    long before = System.nanoTime();
    while (going.get()) {
      long key = keys.get(random.nextInt(keys.size()));
      try {
        if (random.nextInt(READS_PER_WRITE + 1) == 0) {
          ledger.inserted(written, work.write(key, ids.getAndIncrement()));
          ledger.counted(key);
        } else {
          work.read(key);
        }
      } catch (ShardException | SQLException e) {
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
  record Outcome(Latencies latencies, Duration took, int failed, @Nullable Exception firstFailure) {

    long operationsPerSecond() {
      return Math.round(latencies.count() * 1e9 / took.toNanos());
    }
  }
}
