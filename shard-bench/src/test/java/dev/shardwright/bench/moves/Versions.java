package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ShardException;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.ShardUnavailable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/**
 * What is known of values that are only counted up, by key: how often that was begun, how often it
 * was acknowledged, and the largest that anybody has read. Thread-safe.
 */
final class Versions {
  private final AtomicLongArray begun;
  private final AtomicLongArray acknowledged;
  private final AtomicLongArray read;

  /** For keys from 1 to that. */
  Versions(int keys) {
    begun = new AtomicLongArray(keys + 1);
    acknowledged = new AtomicLongArray(keys + 1);
    read = new AtomicLongArray(keys + 1);
  }

  interface Write {
    void run() throws Exception;
  }

  interface Read {
    long run() throws Exception;
  }

  interface ReadMany {
    Map<Long, Long> run() throws Exception;
  }

  /** Counts one up. What fails may have been done all the same, for all that is known. */
  void count(long key, Write write) throws Exception {
    begun.incrementAndGet((int) key);
    write.run();
    acknowledged.incrementAndGet((int) key);
  }

  /** The same where services may fail: says whether it was done for certain. */
  boolean tryToCount(long key, Runnable write) {
    begun(key);
    try {
      write.run();
    } catch (RangeMoved | ShardUnavailable e) {
      left(key);
      return false;
    } catch (ShardException e) {
      return false; // it may have been done
    }
    done(key);
    return true;
  }

  /** Somebody else begins to count one up. */
  void begun(long key) {
    begun.incrementAndGet((int) key);
  }

  /** It was not done after all: nothing was changed. */
  void left(long key) {
    begun.decrementAndGet((int) key);
  }

  /** Somebody else has done so. */
  void done(long key) {
    acknowledged.incrementAndGet((int) key);
  }

  /** Reads one: what was acknowledged, or read by anybody, before, is in what is read now. */
  void read(long key, Read reading) throws Exception {
    readMany(List.of(key), () -> Map.of(key, reading.run()));
  }

  /** The same of several by one statement: those, each once. */
  void readMany(Collection<Long> keys, ReadMany reading) throws Exception {
    Map<Long, Long> least = new TreeMap<>();
    keys.forEach(key -> least.put(key, leastOf(Math.toIntExact(key))));
    Map<Long, Long> found = reading.run();
    assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(keys);
    found.forEach(
        (key, version) -> {
          int at = Math.toIntExact(key);
          assertThat(version).as("account %s", key).isBetween(least.get(key), begun.get(at));
          read.accumulateAndGet(at, version, Math::max);
        });
  }

  private long leastOf(int key) {
    return Math.max(acknowledged.get(key), read.get(key));
  }

  /** Reads the sum of all. */
  void readSum(Read reading) throws Exception {
    long least = sum(acknowledged);
    long found = reading.run();
    assertThat(found).as("sum of versions").isBetween(least, sum(begun));
  }

  /** No write that was acknowledged or read was lost, and none was done twice. */
  void check(Map<Long, Long> values) {
    assertThat(values).hasSize(begun.length() - 1);
    values.forEach(
        (key, value) -> {
          int at = Math.toIntExact(key);
          assertThat(value).as("account %s", key).isBetween(leastOf(at), begun.get(at));
        });
  }

  private static long sum(AtomicLongArray counts) {
    return LongStream.range(0, counts.length()).map(at -> counts.get((int) at)).sum();
  }
}
