package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.rebalance.internal.events.Events;
import dev.shardwright.rebalance.internal.journal.Journal;
import dev.shardwright.rebalance.internal.metrics.MigrationMeters;
import dev.shardwright.rebalance.internal.migration.Desired;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.topology.zookeeper.FencingToken;
import dev.shardwright.topology.zookeeper.LeaderElection;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate that, while it leads, carries out all migrations: each on a thread of its own, so
 * many at a time as the shards can bear. Thread-safe.
 */
public final class Leadership implements LeaderElection.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(300);
  private static final Duration FAREWELL = Duration.ofSeconds(30);

  private final ZooKeeperCluster cluster;
  private final CredentialsProvider credentials;
  private final MigrationMeters meters;
  private final Events events;
  private final Clock clock;
  private final RandomGenerator random;
  private final Journal journal;
  private final Map<Integer, Thread> running = new ConcurrentHashMap<>();
  private LeaderElection.@Nullable Candidacy candidacy;
  private @Nullable Thread scheduler;
  private @Nullable Thread readmission;

  public Leadership(
      ZooKeeperCluster cluster,
      CredentialsProvider credentials,
      MigrationMeters meters,
      Events events,
      Clock clock,
      RandomGenerator random) {
    this.cluster = cluster;
    this.credentials = credentials;
    this.meters = meters;
    this.events = events;
    this.clock = clock;
    this.random = random;
    this.journal = new Journal(cluster.migrations());
  }

  /** Stands for election under that name, until it is closed. */
  public synchronized void campaign(String name) {
    candidacy = cluster.election().candidate(name, this);
  }

  @Override
  public synchronized void elected(FencingToken token) {
    Thread thread = new Thread(() -> schedule(token.value()), "shardwright-rebalancer");
    thread.setDaemon(true);
    scheduler = thread;
    thread.start();
    Thread looking =
        new Thread(
            new Readmission(cluster.topologyStore(), credentials), "shardwright-readmission");
    looking.setDaemon(true);
    readmission = looking;
    looking.start();
  }

  @Override
  public void dismissed() {
    List<Thread> threads;
    synchronized (this) {
      threads = Stream.of(scheduler, readmission).flatMap(Stream::ofNullable).toList();
      scheduler = null;
      readmission = null;
    }
    threads.forEach(Thread::interrupt);
    running.values().forEach(Thread::interrupt);
  }

  /** Steps down; what runs is left where it is, for the next leader. Safe to call twice. */
  @Override
  public void close() {
    LeaderElection.Candidacy standing;
    synchronized (this) {
      standing = candidacy;
      candidacy = null;
    }
    if (standing != null) {
      standing.close();
    }
    dismissed();
    long end = System.nanoTime() + FAREWELL.toNanos();
    for (Thread thread : List.copyOf(running.values())) {
      join(thread, end);
    }
  }

  private void schedule(int token) {
    try {
      startAndShow(token);
    } finally {
      meters.show(List.of());
    }
  }

  private void startAndShow(int token) {
    Journal.Kept kept = Journal.Kept.NOTHING;
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Journal.Kept before = kept;
        kept = journal.legible(before.migrations());
        warnOf(kept.illegible(), before.illegible());
        Set<Integer> givenUp = givenUp(kept.migrations());
        for (Migration next : Places.startable(kept.migrations(), running.keySet(), givenUp)) {
          start(next.number(), token);
        }
        meters.show(kept.migrations());
        Thread.sleep(LOOK_AGAIN.toMillis());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | OutOfMemoryError e) {
        if (Thread.currentThread().isInterrupted()) {
          LOG.debug("Dismissed in the middle of looking at the migrations", e);
          return;
        }
        // Who leads and starts nothing would keep others from leading; and the service's own meter
        // registry may throw anything.
        LOG.warn("The migrations cannot be read, begun or shown, trying again", e);
        pause();
      }
    }
  }

  /** Those that are to be aborted, of all that have not begun. */
  private Set<Integer> givenUp(List<Migration> all) {
    return all.stream()
        .filter(migration -> migration.state() == MigrationState.PLANNED)
        .map(Migration::number)
        .filter(number -> !running.containsKey(number))
        .filter(this::isToBeAborted)
        .collect(Collectors.toSet());
  }

  /** What cannot be understood does not say so, and keeps nobody else from going on. */
  private boolean isToBeAborted(int number) {
    try {
      return journal.desired(number) == Desired.ABORT;
    } catch (TopologyUnavailable e) {
      LOG.debug("What is wanted of migration {} is not known", number, e);
      return false;
    }
  }

  private static void warnOf(Map<Integer, String> illegible, Map<Integer, String> before) {
    illegible.forEach(
        (number, why) -> {
          if (!before.containsKey(number)) {
            LOG.warn("Migration {} is not carried out: {}", number, why);
          }
        });
  }

  private void start(int number, int token) {
    Thread thread =
        new Thread(
            () -> {
              try {
                carryOut(number, token);
              } finally {
                running.remove(number);
              }
            },
            "shardwright-migration-" + number);
    thread.setDaemon(true);
    running.put(number, thread);
    try {
      thread.start();
    } catch (OutOfMemoryError e) { // no room for one more thread
      running.remove(number);
      throw e;
    }
    if (Thread.currentThread().isInterrupted()) {
      thread.interrupt(); // whoever dismissed this leader may not have seen it
    }
  }

  private void carryOut(int number, int token) {
    try {
      Optional<Journal.Entry> entry = journal.read(number);
      if (entry.isPresent()) {
        new MigrationRun(cluster, credentials, events, entry.get(), token, clock, random).run();
      }
    } catch (InterruptedException e) {
      LOG.info("Migration {} is left to the next leader", number);
    } catch (RuntimeException | Error e) {
      if (Thread.currentThread().isInterrupted()) {
        LOG.info("Migration {} is left to the next leader", number);
        LOG.debug("Dismissed in the middle of migration {}", number, e);
        return;
      }
      LOG.error("Migration {} is left, and begun again from its journal", number, e);
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread, long end) {
    try {
      thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
