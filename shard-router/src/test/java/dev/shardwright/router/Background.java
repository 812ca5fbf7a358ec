package dev.shardwright.router;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Work beside the test, each piece on a thread of its own: the common pool has one thread on two
 * cores, so there one piece that waits keeps the next from starting.
 */
public final class Background {
  private Background() {}

  public static CompletableFuture<Void> run(Runnable work) {
    return CompletableFuture.runAsync(work, Background::start);
  }

  public static <T> CompletableFuture<T> supply(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, Background::start);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "test-background");
    thread.setDaemon(true);
    thread.start();
  }
}
