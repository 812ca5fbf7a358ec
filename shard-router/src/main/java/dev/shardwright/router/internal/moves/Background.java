package dev.shardwright.router.internal.moves;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A thread that is there while it has something to do. Thread-safe. */
final class Background implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;
  private static final long END_SECONDS = 5;

  private final ScheduledThreadPoolExecutor executor;

  Background(String name) {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  void run(Runnable task) {
    executor.execute(task);
  }

  void runIn(Duration pause, Runnable task) {
    var unused = executor.schedule(task, pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Nothing begins any more; what runs is interrupted and waited for, though not for ever. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      var unused = executor.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
