package dev.shardwright.bench.moves;

import static dev.shardwright.bench.moves.ServedCluster.COUNT_UP;
import static dev.shardwright.bench.moves.ServedCluster.KEYSPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.ShardUnavailable;
import java.util.List;
import java.util.Map;

/** A service that counts versions of accounts up and reads them, over and over. Thread-safe. */
final class CountingUp implements AutoCloseable {
  private static final long PAUSE_MILLIS = 5;

  private final ServedCluster cluster;
  private final Loops loops;
  private final Versions versions = new Versions(ServedCluster.ACCOUNTS);

  CountingUp(ServedCluster cluster, long seed) {
    this.cluster = cluster;
    this.loops = new Loops(seed);
  }

  /** No write may fail. */
  void writeAlways(String name, ShardRouter router, List<Long> keys) {
    begin(name, keys, key -> write(router, key));
  }

  void writeWherePossible(String name, ShardRouter router, List<Long> keys) {
    begin(name, keys, key -> versions.tryToCount(key, id -> countUp(router, key)));
  }

  /** No read may fail. */
  void readAlways(String name, ShardRouter router, List<Long> keys) {
    begin(name, keys, key -> read(router, key));
  }

  void readWherePossible(String name, ShardRouter router, List<Long> keys) {
    begin(
        name,
        keys,
        key -> {
          try {
            read(router, key);
          } catch (RangeMoved | ShardUnavailable e) {
            // What it does read counts.
          }
        });
  }

  private interface Work {
    void on(long key) throws Exception;
  }

  private void begin(String name, List<Long> keys, Work work) {
    loops.begin(name, PAUSE_MILLIS, random -> work.on(keys.get(random.nextInt(keys.size()))));
  }

  /** One write, which may not fail. */
  void write(ShardRouter router, long key) throws Exception {
    versions.count(key, () -> countUp(router, key));
  }

  private void read(ShardRouter router, long key) throws Exception {
    versions.read(key, () -> version(router, key));
  }

  /** How many turns each loop has taken. */
  Map<String, Long> turns() {
    return loops.turns();
  }

  /** Each loop goes on, and nothing was lost or doubled. */
  void finish() throws Exception {
    loops.turnMore(5);
    loops.end();
    System.out.println(loops.turns());
    versions.check(cluster.values("select id, version from account"));
  }

  private static void countUp(ShardRouter router, long key) {
    assertThat(router.keyspace(KEYSPACE).on(key).update(COUNT_UP, key)).isEqualTo(1);
  }

  private static long version(ShardRouter router, long key) {
    return router
        .keyspace(KEYSPACE)
        .on(key)
        .queryOne("select version from account where id = ?", row -> row.getLong(1), key)
        .orElseThrow();
  }

  @Override
  public void close() {
    loops.close();
  }
}
