package dev.shardwright.bench.moves;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that each do one thing over and over, until they are ended or it fails. Thread-safe. */
final class Loops implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final long seed;
  private final Map<String, AtomicLong> turns = new LinkedHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private volatile boolean ended;

  /** What is done over and over. */
  interface Turn {
    void take(Random random) throws Exception;
  }

  Loops(long seed) {
    this.seed = seed;
  }

  /**
   * Begins one.
   *
   * @param pauseMillis between two turns: the processors are the movers' too
   */
  void begin(String name, long pauseMillis, Turn turn) {
    AtomicLong count = new AtomicLong();
    turns.put(name, count);
    Random random = new Random(seed + turns.size());
    Thread thread = new Thread(() -> run(name, pauseMillis, turn, count, random), name);
    threads.add(thread);
    thread.start();
  }

  /** How many turns each has taken. */
  Map<String, Long> turns() {
    Map<String, Long> now = new TreeMap<>();
    turns.forEach((name, count) -> now.put(name, count.get()));
    return now;
  }

  /** Waits until each has taken so many more turns, or has failed. */
  void turnMore(long more) {
    Map<String, Long> then = turns();
    await().atMost(PATIENCE).until(() -> haveTurned(then, more));
  }

  /** Whether each has taken so many more turns than then, or has failed. */
  private boolean haveTurned(Map<String, Long> then, long more) {
    boolean all =
        turns().entrySet().stream()
            .allMatch(of -> of.getValue() >= then.getOrDefault(of.getKey(), 0L) + more);
    synchronized (failures) {
      return all || !failures.isEmpty();
    }
  }

  /** Waits for their ends; throws what has failed. Safe to call twice. */
  void end() throws InterruptedException {
    ended = true;
    for (Thread thread : threads) {
      thread.join();
    }
    synchronized (failures) {
      if (!failures.isEmpty()) {
        AssertionError error = new AssertionError(failures.get(0).getMessage());
        failures.forEach(error::addSuppressed);
        throw error;
      }
    }
  }

  private void run(String name, long pauseMillis, Turn turn, AtomicLong count, Random random) {
    try {
      while (!ended) {
        turn.take(random);
        count.incrementAndGet();
        Thread.sleep(pauseMillis);
      }
    } catch (Exception | AssertionError e) {
      synchronized (failures) {
        failures.add(new AssertionError(name + ", turn " + count.get() + ": " + e, e));
      }
    }
  }

  @Override
  public void close() {
    ended = true;
  }
}
