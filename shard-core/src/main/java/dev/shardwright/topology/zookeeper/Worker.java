package dev.shardwright.topology.zookeeper;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One named thread, made on first use, that does tasks one after the other. A task that fails is
 * logged. After {@link #close} tasks are dropped. Thread-safe.
 */
final class Worker implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long END_SECONDS = 5;

  private final ScheduledThreadPoolExecutor executor;
  private volatile @Nullable Thread thread;

  Worker(String name) {
    executor = new ScheduledThreadPoolExecutor(1, task -> start(task, name));
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(() -> run(task));
  }

  /** Does the task after the delay, give or take a quarter, so that processes do not keep step. */
  void later(Duration delay, Runnable task) {
    double jitter = ThreadLocalRandom.current().nextDouble(0.75, 1.25);
    long millis = (long) (delay.toMillis() * jitter);
    // Nobody waits for it: run() sees to its errors.
    var unused = executor.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    end();
  }

  /**
   * Drops what was to be done later, and waits for the rest to come to its end, unless it is a task
   * that calls. Safe to call twice.
   *
   * @return whether no other task runs any more
   */
  boolean end() {
    executor.shutdown();
    if (Thread.currentThread() == thread) {
      return true;
    }
    try {
      if (executor.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        return true;
      }
      LOG.warn("{} is still busy {} s after its close", thread, END_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private Thread start(Runnable task, String name) {
    Thread started = new Thread(task, name);
    started.setDaemon(true);
    thread = started;
    return started;
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("A task of {} failed", Thread.currentThread().getName(), e);
    }
  }
}
