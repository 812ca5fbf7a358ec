package dev.shardwright.router.internal.moves;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread for what is not to keep others waiting. Thread-safe. */
final class Background implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Background.class);
  private static final long IDLE_SECONDS = 10;
  private static final long END_SECONDS = 5;

  private final String name;
  private final ScheduledThreadPoolExecutor executor;

  /** A thread that is there while it has something to do. */
  Background(String name) {
    this(name, Thread::new);
    executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  private Background(String name, ThreadFactory threads) {
    this.name = name;
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = threads.newThread(task);
              thread.setName(name);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
  }

  /** A thread that stays from its first task on. */
  static Background lasting(String name, ThreadFactory threads) {
    return new Background(name, threads);
  }

  void run(Runnable task) {
    executor.execute(() -> logged(task));
  }

  void runIn(Duration pause, Runnable task) {
    var unused = executor.schedule(() -> logged(task), pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** What a task throws is kept by the executor, where nobody looks. */
  private void logged(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      log.error("{} failed", name, e);
      throw e;
    }
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
