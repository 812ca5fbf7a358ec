package dev.shardwright.rebalance;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads that increment accounts at random, each increment in a transaction that adds an entry
 * too, and know which were acknowledged. They heed no hold and follow the topology late: whatever
 * keeps their writes right is in the databases.
 */
final class Incrementing {
  private static final int THREADS = 4;

  private final LiveCluster cluster;
  private final int pauseMillis;
  private final Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
  private final Map<Long, Long> unknown = new ConcurrentHashMap<>();
  private final List<Exception> failures = new ArrayList<>();
  private final AtomicLong refused = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ended;
  private volatile Topology topology;

  /** As fast as they can. */
  Incrementing(LiveCluster cluster, long seed) {
    this(cluster, seed, THREADS, 0);
  }

  /** Few, with pauses: where the writers are not what is tried out. */
  static Incrementing gently(LiveCluster cluster, long seed) {
    return new Incrementing(cluster, seed, 2, 5);
  }

  private Incrementing(LiveCluster cluster, long seed, int count, int pauseMillis) {
    this.cluster = cluster;
    this.pauseMillis = pauseMillis;
    this.topology = cluster.topology();
    for (int i = 0; i < count; i++) {
      Random random = new Random(seed + i);
      Thread thread = new Thread(() -> run(random), "incrementing-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  /** How many increments were acknowledged so far. */
  long count() {
    return acknowledged.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How often a database refused one, so that it was done elsewhere. */
  long refused() {
    return refused.get();
  }

  Map<Long, Long> acknowledged() {
    return acknowledged;
  }

  Map<Long, Long> unknown() {
    return unknown;
  }

  /** Ends the threads; throws what one of them did not expect. Safe to call twice. */
  void end() throws InterruptedException {
    ended = true;
    for (Thread thread : threads) {
      thread.join();
    }
    synchronized (failures) {
      if (!failures.isEmpty()) {
        AssertionError error = new AssertionError(failures.size() + " increments failed");
        failures.forEach(error::addSuppressed);
        throw error;
      }
    }
  }

  private void run(Random random) {
    Map<ShardId, Connection> connections = new TreeMap<>();
    try {
      while (!ended) {
        increment(1 + random.nextInt(cluster.accounts), connections);
        Thread.sleep(pauseMillis);
      }
    } catch (SQLException | InterruptedException e) {
      synchronized (failures) {
        failures.add(e);
      }
    } finally {
      connections.values().forEach(Incrementing::close);
    }
  }

  private void increment(long account, Map<ShardId, Connection> connections)
      throws SQLException, InterruptedException {
    for (int attempt = 0; attempt < 2_000; attempt++) {
      ShardId shard = cluster.ownerOf(topology, account);
      Connection connection = connections.get(shard);
      if (connection == null) {
        connection = cluster.connect(shard);
        connection.setAutoCommit(false);
        connections.put(shard, connection);
      }
      if (tried(connection, account)) {
        return;
      }
      refused.incrementAndGet();
      Thread.sleep(2);
      topology = cluster.topology();
    }
    throw new SQLException("account " + account + " could not be incremented");
  }

  private boolean tried(Connection connection, long account) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int rows =
          statement.executeUpdate(
              "update account set increments = increments + 1 where id = " + account);
      if (rows == 0) {
        connection.rollback(); // it has moved on, and its rows are deleted here
        return false;
      }
      statement.executeUpdate(
          "insert into entry select id, increments from account where id = " + account);
    } catch (SQLException e) {
      connection.rollback();
      if (String.valueOf(e.getSQLState()).startsWith("SW")) {
        return false;
      }
      throw e;
    }
    unknown.merge(account, 1L, Long::sum);
    connection.commit();
    unknown.merge(account, -1L, Long::sum);
    acknowledged.merge(account, 1L, Long::sum);
    return true;
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
