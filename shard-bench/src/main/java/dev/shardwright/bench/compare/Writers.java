package dev.shardwright.bench.compare;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.router.Keyspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that add one to the balance of an account at random, one statement after the other, and
 * know how often that was acknowledged for each account. Thread-safe.
 */
final class Writers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Writers.class);
  private static final String ADD =
      "update accounts set balance = balance + 1 where account_id = ?";

  private final Keyspace bank;
  private final AtomicLongArray acknowledged;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile Duration rest = Duration.ZERO;
  private volatile boolean ended;

  Writers(Keyspace bank, int accounts, int count) {
    this.bank = bank;
    this.acknowledged = new AtomicLongArray(accounts);
    for (int i = 0; i < count; i++) {
      Random random = new Random(i);
      Thread thread = new Thread(() -> write(random), "writer-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  /** Statements so far that were carried out. */
  long done() {
    return done.get();
  }

  /** Statements that failed. */
  long failed() {
    return failed.get();
  }

  /** The nanoseconds of the slowest statement since the last call. */
  long takeLongest() {
    return longest.getAndSet(0);
  }

  /** How often one was added to that account for certain. */
  long acknowledged(int account) {
    return acknowledged.get(account);
  }

  /** From now on each rests so long after a statement. */
  void restFor(Duration time) {
    rest = time;
  }

  @Override
  public void close() {
    ended = true;
    threads.forEach(Uninterruptibles::joinUninterruptibly);
  }

  private void write(Random random) {
    while (!ended) {
      long account = random.nextInt(acknowledged.length());
      long began = System.nanoTime();
      try {
        if (bank.on(account).update(ADD, account) != 1) {
          throw new IllegalStateException("account " + account + " is not there");
        }
        acknowledged.incrementAndGet((int) account);
        done.incrementAndGet();
      } catch (RuntimeException e) {
        failed.incrementAndGet();
        LOG.error("account {}", account, e);
      }
      longest.accumulateAndGet(System.nanoTime() - began, Math::max);
      if (!rest.isZero()) {
        Uninterruptibles.sleepUninterruptibly(rest);
      }
    }
  }
}
