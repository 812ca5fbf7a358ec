package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.ShardException;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.rebalance.internal.capture.Inventory;
import dev.shardwright.rebalance.internal.capture.LeftBehind;
import dev.shardwright.rebalance.internal.capture.Registers;
import dev.shardwright.rebalance.internal.cutover.RouterSessions;
import dev.shardwright.rebalance.internal.database.MoverDatabase;
import dev.shardwright.rebalance.internal.database.SessionLimits;
import dev.shardwright.rebalance.internal.database.Timeline;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets routers in again where a standby was promoted. Its database admits nobody until the minimum
 * epoch is asserted there, since it may lack the newest: the epoch of now is at least that.
 *
 * <p>Where ranges have come, or may come at any moment, what came may be missing, and must not be
 * read before it has come again: each such move asserts its register on the new server once it has.
 * Whatever asserts last lets routers in, and this looks again in case it died before that. On any
 * other shard of a move nothing is missing but what the failover lost, and writes to the ranges
 * wait for the move's own register.
 */
final class Readmission implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Readmission.class);

  /** How often each shard is looked at, where these are few. */
  private static final Duration ROUND = Duration.ofSeconds(2);

  /** Each look is a session: with more than a hundred shards, a round takes longer instead. */
  private static final Duration BETWEEN_SHARDS = Duration.ofMillis(20);

  private static final SessionLimits BRIEF =
      new SessionLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5));

  /** A database in which no minimum was ever asserted admits everybody. */
  private static final String KEEPS_OUT =
      "select case when pg_is_in_recovery() or last_value = 0 then false"
          + " else last_value <> shardwright.timeline() end from shardwright.asserted_timeline";

  /** How many shards are looked at at the same time: one that does not answer takes its time. */
  private static final int LOOKS = 8;

  private final TopologyStore store;
  private final CredentialsProvider credentials;

  /** Those that are looked at, or are about to be. */
  private final Set<ShardId> looking = ConcurrentHashMap.newKeySet();

  Readmission(TopologyStore store, CredentialsProvider credentials) {
    this.store = store;
    this.credentials = credentials;
  }

  /** Looks after all shards, until the thread is interrupted. */
  @Override
  public void run() {
    ExecutorService looks = Executors.newFixedThreadPool(LOOKS, Readmission::thread);
    try {
      while (true) {
        tryToLook(looks);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      looks.shutdownNow();
    }
  }

  private static Thread thread(Runnable look) {
    Thread thread = new Thread(look, "shardwright-readmission-look");
    thread.setDaemon(true);
    return thread;
  }

  private void tryToLook(Executor looks) throws InterruptedException {
    try {
      look(looks);
    } catch (ShardException e) {
      LOG.debug("The topology cannot be read", e);
      Thread.sleep(ROUND.toMillis());
    } catch (RuntimeException e) { // whatever it is, it must not end this for good
      if (Thread.currentThread().isInterrupted()) {
        LOG.debug("Dismissed in the middle of looking at the shards", e);
        throw new InterruptedException();
      }
      LOG.warn("The shards cannot be looked at, trying again", e);
      Thread.sleep(ROUND.toMillis());
    }
  }

  private void look(Executor looks) throws InterruptedException {
    Collection<Shard> shards = store.read().shards().values();
    for (Shard shard : shards) {
      if (looking.add(shard.id())) {
        looks.execute(() -> lookOnce(shard));
      }
      Thread.sleep(pauseAfterEachOf(shards.size()).toMillis());
    }
    if (shards.isEmpty()) {
      Thread.sleep(ROUND.toMillis());
    }
  }

  private void lookOnce(Shard shard) {
    try {
      look(shard);
    } finally {
      looking.remove(shard.id());
    }
  }

  static Duration pauseAfterEachOf(int shards) {
    Duration even = ROUND.dividedBy(shards);
    return even.compareTo(BETWEEN_SHARDS) < 0 ? BETWEEN_SHARDS : even;
  }

  private void look(Shard shard) {
    try (Connection connection = MoverDatabase.forChecks(credentials, shard).open(BRIEF)) {
      admitAgain(connection, shard.id(), store::read);
    } catch (SQLException | ShardException | UncheckedIOException e) {
      LOG.debug("Shard {} cannot be looked at", shard.id(), e);
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) { // the cluster may be closed by now
        LOG.debug("Dismissed in the middle of looking at shard {}", shard.id(), e);
        return;
      }
      // The service's own credentials provider may throw anything.
      LOG.warn("Shard {} cannot be looked at", shard.id(), e);
    }
  }

  /**
   * Lets routers in if this server has kept them out since its promotion, and no move to it has
   * still to bring rows again.
   *
   * <p>The topology is read after the server was seen to be another: a move that has relied on the
   * server before is in it by then, with its ranges here, or with an attempt under way that may
   * bring them. One that is over may have gates here whose end this server lacks.
   */
  static void admitAgain(Connection connection, ShardId shard, Supplier<Topology> newest)
      throws SQLException {
    if (!keepsOut(connection)) {
      return;
    }
    SortedSet<Integer> leftBehind = LeftBehind.migrations(connection);
    Topology seen = newest.get();
    long timeline = Timeline.of(connection);
    for (RangeMove move : seen.movesOf(shard)) {
      if (mayLackRows(move, shard)
          && Registers.assertedTimeline(connection, move.number()).orElse(0) != timeline) {
        LOG.debug("Shard {} admits nobody until range move {} is in order", shard, move.number());
        return;
      }
    }
    leftBehind.removeIf(number -> seen.move(number).isPresent());
    letBe(connection, shard, seen, leftBehind);
    if (RouterSessions.readmit(connection, seen.epoch())) {
      LOG.warn("Shard {} has another server than before: it admits routers again", shard);
    }
  }

  private static void letBe(
      Connection connection, ShardId shard, Topology seen, Collection<Integer> migrations)
      throws SQLException {
    for (int migration : migrations) {
      LeftBehind.letBe(connection, migration, guards(seen, shard));
      LOG.warn(
          "Shard {} has another server than before, which lacks the end of migration {}; there is"
              + " still {}",
          shard,
          migration,
          Inventory.of(connection, migration));
    }
  }

  private static List<Guard> guards(Topology seen, ShardId id) {
    Optional<Shard> shard = seen.shard(id);
    return seen.keyspaces().values().stream()
        .flatMap(
            keyspace ->
                keyspace.tables().values().stream()
                    .flatMap(
                        table ->
                            shard.stream().map(there -> Guard.of(seen, keyspace, table, there))))
        .toList();
  }

  private static boolean mayLackRows(RangeMove move, ShardId shard) {
    return move.owner().equals(shard) ? move.value() > 0 : move.held();
  }

  /** Whether this server admits nobody since its promotion. */
  static boolean keepsOut(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(KEEPS_OUT)) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
