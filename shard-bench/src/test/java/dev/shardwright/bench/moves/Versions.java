package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ShardException;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.ShardUnavailable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What is known of values that are only counted up, by key: how often that was begun, how often it
 * was acknowledged, and the largest that anybody has read. Each time has an id of its own, which
 * may be kept with the value. Thread-safe.
 */
final class Versions {
  private final AtomicLongArray begun;
  private final AtomicLongArray acknowledged;
  private final AtomicLongArray read;
  private final AtomicLong newest = new AtomicLong();

  /** The key of each id, but of those that changed nothing. */
  private final Map<Long, Long> keys = new ConcurrentHashMap<>();

  private final Set<Long> acknowledgedIds = ConcurrentHashMap.newKeySet();

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
    long id = begun(key);
    write.run();
    done(key, id);
  }

  /** The same where services may fail: says whether it was done for certain. */
  boolean tryToCount(long key, LongConsumer write) {
    long id = begun(key);
    try {
      write.accept(id);
    } catch (RangeMoved | ShardUnavailable e) {
      left(key, id);
      return false;
    } catch (ShardException e) {
      return false; // it may have been done
    }
    done(key, id);
    return true;
  }

  /** Somebody else begins to count one up, with the id that is returned. */
  long begun(long key) {
    long id = newest.incrementAndGet();
    keys.put(id, key);
    begun.incrementAndGet((int) key);
    return id;
  }

  /** It was not done after all: nothing was changed. */
  void left(long key, long id) {
    begun.decrementAndGet((int) key);
    keys.remove(id);
  }

  /** Somebody else has done so. */
  void done(long key, long id) {
    acknowledged.incrementAndGet((int) key);
    acknowledgedIds.add(id);
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

  /**
   * The same of each time by its id: what was acknowledged is there, what may have been done may
   * be, and what was not done is not.
   *
   * @param found the key of each id that is kept, which are the last ones where there are too many
   */
  void checkIds(Map<Long, Long> values, Map<Long, Long> found, int mostKept) {
    assertThat(keys).containsAllEntriesOf(found);
    Map<Long, Long> kept = countByKey(found.keySet().stream());
    Map<Long, Long> missing =
        countByKey(acknowledgedIds.stream().filter(id -> !found.containsKey(id)));
    values.forEach(
        (key, value) -> {
          long ids = kept.getOrDefault(key, 0L);
          assertThat(ids).as("ids of account %s", key).isEqualTo(Math.min(value, mostKept));
          assertThat(missing.getOrDefault(key, 0L))
              .as("acknowledged ids that are not kept of account %s", key)
              .isLessThanOrEqualTo(value - ids);
        });
  }

  private Map<Long, Long> countByKey(Stream<Long> ids) {
    return ids.collect(Collectors.groupingBy(keys::get, Collectors.counting()));
  }

  private static long sum(AtomicLongArray counts) {
    return LongStream.range(0, counts.length()).map(at -> counts.get((int) at)).sum();
  }
}
