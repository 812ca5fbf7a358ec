package dev.shardwright.bench.moves;

import dev.shardwright.ShardException;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.testkit.ChildJvm;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A service that is a process of its own and counts random accounts up: says of each what it begins
 * and what became of it, so that it may be killed at any time.
 */
final class WriterProcess implements AutoCloseable {
  private static final List<String> OPTIONS =
      List.of("-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final long PAUSE_MILLIS = 5;

  private final ChildJvm jvm;
  private final Thread listener;
  private volatile boolean closing;
  private volatile @Nullable RuntimeException failure;

  private WriterProcess(ChildJvm jvm, Versions versions) {
    this.jvm = jvm;
    this.listener = new Thread(() -> listen(versions), "listening-to-a-writer");
    listener.start();
  }

  static WriterProcess start(ServedCluster cluster, String zooKeeper, Versions versions) {
    return new WriterProcess(
        ChildJvm.start(
            OPTIONS,
            WriterProcess.class,
            zooKeeper,
            cluster.name,
            PostgresAccess.user(),
            PostgresAccess.password()),
        versions);
  }

  private void listen(Versions versions) {
    try {
      while (true) {
        String[] words = jvm.hear(PATIENCE).split(" ", 3);
        long account = Long.parseLong(words[1]);
        switch (words[0]) {
          // It does nothing before that is known, and has an id.
          case "begins" -> jvm.tell(String.valueOf(versions.begun(account)));
          case "did" -> versions.done(account, Long.parseLong(words[2]));
          case "left" -> versions.left(account, Long.parseLong(words[2]));
          default -> throw new AssertionError("a writer says " + words[0]);
        }
      }
    } catch (IllegalStateException | UncheckedIOException e) {
      if (!closing) {
        failure = e;
      }
    }
  }

  ChildJvm jvm() {
    return jvm;
  }

  /**
   * Kills it; returns once all that it said was heard. Safe to call again.
   *
   * @throws IllegalStateException if it had ended by itself
   */
  @Override
  public void close() {
    closing = true;
    jvm.close();
    try {
      listener.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new IllegalStateException("a writer has ended by itself", failure);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Random random = new Random();
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (ShardRouter router =
        ServedCluster.connected(
            () ->
                ServedCluster.router(
                    arguments[0], arguments[1], PostgresAccess.of(arguments[2], arguments[3])))) {
      while (true) {
        long account = 1L + random.nextInt(ServedCluster.ACCOUNTS);
        System.out.println("begins " + account);
        String id = orders.readLine();
        if (id == null) {
          return;
        }
        try {
          router
              .keyspace(ServedCluster.KEYSPACE)
              .on(account)
              .update(ServedCluster.COUNT_UP_WITH_ID, Long.parseLong(id), account);
          System.out.println("did " + account + " " + id);
        } catch (RangeMoved | ShardUnavailable e) {
          System.out.println("left " + account + " " + id);
        } catch (ShardException e) {
          Thread.sleep(PAUSE_MILLIS); // it may have been done
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }
}
