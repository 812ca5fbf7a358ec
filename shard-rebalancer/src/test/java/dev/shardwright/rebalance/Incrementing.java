package dev.shardwright.rebalance;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Threads that increment accounts at random, each increment in a transaction that adds an entry
 * too, and know which were acknowledged. They heed no hold and follow the topology late: whatever
 * keeps their writes right is in the databases.
 */
final class Incrementing {
  /** Longer than a writer waits for a held row, or a lock. */
  private static final long PATIENCE_MILLIS = 60_000;

  private static final int PLENTY = 2_000;

  /** Lost connections, and servers that shut down or do not accept any yet. */
  private static final Set<String> LOST =
      Set.of("08000", "08001", "08003", "08006", "57P01", "57P02", "57P03");

  /** The database has rolled back, or is a standby still: it is done again. */
  private static final Set<String> AGAIN = Set.of("40001", "40P01", "25006");

  /** Stands for whatever isolation the server, or the role, has by default. */
  private static final int USUAL = Connection.TRANSACTION_NONE;

  private final LiveCluster cluster;
  private final Manner manner;
  private final Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
  private final Map<Long, Long> unknown = new ConcurrentHashMap<>();
  private final Map<Long, Long> atRisk = new ConcurrentHashMap<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final AtomicLong refused = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile Optional<ShardId> risky = Optional.empty();
  private volatile boolean ended;
  private volatile Topology topology;

  /**
   * How they go about it.
   *
   * @param threads how many
   * @param pauseMillis between two increments
   * @param isolations of their transactions, by turns of the threads; other than READ COMMITTED
   *     they have their snapshots some time before they write
   * @param servers whether these may go away and come back
   */
  private record Manner(int threads, int pauseMillis, List<Integer> isolations, boolean servers) {}

  /** As fast as they can. */
  Incrementing(LiveCluster cluster, long seed) {
    this(cluster, seed, new Manner(4, 0, List.of(Connection.TRANSACTION_READ_COMMITTED), false));
  }

  /** Few, with pauses: where the writers are not what is tried out. */
  static Incrementing gently(LiveCluster cluster, long seed) {
    return new Incrementing(
        cluster, seed, new Manner(2, 5, List.of(Connection.TRANSACTION_READ_COMMITTED), false));
  }

  /** The same while servers come and go, whose starts need the processors. */
  static Incrementing throughCrashes(LiveCluster cluster, long seed) {
    return new Incrementing(
        cluster, seed, new Manner(2, 15, List.of(Connection.TRANSACTION_READ_COMMITTED), true));
  }

  /** In transactions whose snapshots are older than what they meet. */
  static Incrementing withOldSnapshots(LiveCluster cluster, long seed) {
    return new Incrementing(
        cluster,
        seed,
        new Manner(
            4,
            0,
            List.of(Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE),
            false));
  }

  /** The same in transactions of the kind that is usual where they connect. */
  static Incrementing asIsUsual(LiveCluster cluster, long seed) {
    return new Incrementing(cluster, seed, new Manner(4, 0, List.of(USUAL), false));
  }

  private Incrementing(LiveCluster cluster, long seed, Manner manner) {
    this.cluster = cluster;
    this.manner = manner;
    this.topology = cluster.topology();
    for (int i = 0; i < manner.threads(); i++) {
      Random random = new Random(seed + i);
      int isolation = manner.isolations().get(i % manner.isolations().size());
      Thread thread = new Thread(() -> run(random, isolation), "incrementing-" + i);
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

  /** Counts from now on what this shard acknowledges: it may lose it. */
  void risk(ShardId shard) {
    risky = Optional.of(shard);
  }

  /** From now on nothing is at risk any more. */
  void riskNoMore() {
    risky = Optional.empty();
  }

  /** The server that is no more had no part any more in what became of these accounts. */
  void isSafe(Predicate<Long> accounts) {
    atRisk.keySet().removeIf(accounts);
  }

  /** What was acknowledged by a shard that may have lost it. */
  Map<Long, Long> atRisk() {
    return atRisk;
  }

  /** Ends the threads; throws what one of them did not expect. Safe to call twice. */
  void end() throws InterruptedException {
    ended = true;
    for (Thread thread : threads) {
      thread.join(PATIENCE_MILLIS);
      if (thread.isAlive()) {
        throw new AssertionError("a writer does not end: " + thread.getName());
      }
    }
    synchronized (failures) {
      if (!failures.isEmpty()) {
        AssertionError error = new AssertionError(failures.size() + " increments failed");
        failures.forEach(error::addSuppressed);
        throw error;
      }
    }
  }

  private void run(Random random, int isolation) {
    Map<ShardId, Connection> connections = new TreeMap<>();
    try {
      while (!ended) {
        increment(1 + random.nextInt(cluster.accounts), isolation, connections);
        Thread.sleep(manner.pauseMillis());
      }
    } catch (SQLException | InterruptedException | RuntimeException | Error e) {
      synchronized (failures) {
        failures.add(e);
      }
    } finally {
      connections.values().forEach(Incrementing::close);
    }
  }

  private void increment(long account, int isolation, Map<ShardId, Connection> connections)
      throws SQLException, InterruptedException {
    for (int attempt = 0; attempt < PLENTY; attempt++) {
      ShardId shard = cluster.ownerOf(topology, account);
      try {
        if (tried(connection(shard, isolation, connections), account, isolation)) {
          risky.filter(shard::equals).ifPresent(risk -> atRisk.merge(account, 1L, Long::sum));
          return;
        }
      } catch (SQLException e) {
        if (!manner.servers() || !LOST.contains(String.valueOf(e.getSQLState()))) {
          throw e;
        }
        Connection lost = connections.remove(shard);
        if (lost != null) {
          close(lost);
        }
        if (unknown.getOrDefault(account, 0L) > 0) {
          return; // perhaps this one: it must not be done again
        }
      }
      refused.incrementAndGet();
      Thread.sleep(manner.servers() ? 20 : 2);
      topology = cluster.topology();
    }
    throw new SQLException("account " + account + " could not be incremented");
  }

  private Connection connection(ShardId shard, int isolation, Map<ShardId, Connection> connections)
      throws SQLException {
    Connection known = connections.get(shard);
    if (known != null) {
      return known;
    }
    Connection connection = cluster.connect(shard);
    connections.put(shard, connection);
    if (isolation != USUAL) {
      connection.setTransactionIsolation(isolation);
    }
    connection.setAutoCommit(false);
    return connection;
  }

  /** Whether it was done; else it is to be done again. */
  private boolean tried(Connection connection, long account, int isolation)
      throws SQLException, InterruptedException {
    try (Statement statement = connection.createStatement()) {
      if (isolation != Connection.TRANSACTION_READ_COMMITTED) {
        statement.executeQuery("select from account where id = " + account).close();
        Thread.sleep(account % 20);
      }
      int rows =
          statement.executeUpdate(
              "update account set increments = increments + 1 where id = " + account);
      if (rows == 0) {
        connection.rollback(); // it has moved on, and its rows are deleted here
        return false;
      }
      statement.executeUpdate(
          "insert into entry (account, n) select id, increments from account where id = "
              + account);
    } catch (SQLException e) {
      return rolledBack(connection, e);
    }
    unknown.merge(account, 1L, Long::sum);
    try {
      connection.commit();
    } catch (SQLException e) {
      if (!AGAIN.contains(String.valueOf(e.getSQLState()))) {
        throw e;
      }
      unknown.merge(account, -1L, Long::sum);
      return false;
    }
    unknown.merge(account, -1L, Long::sum);
    acknowledged.merge(account, 1L, Long::sum);
    return true;
  }

  /** False where it is to be done again; throws where that is not so. */
  private static boolean rolledBack(Connection connection, SQLException e) throws SQLException {
    String state = String.valueOf(e.getSQLState());
    if (!state.startsWith("SW") && !AGAIN.contains(state)) {
      throw e;
    }
    connection.rollback();
    return false;
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
