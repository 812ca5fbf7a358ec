package dev.shardwright.router.internal.run;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that run the parts of reads of many keys. Where all are busy, the calling thread does
 * the part itself, so nothing waits in a queue and nothing is lost.
 */
public final class Workers {
  private static final int MAX_THREADS = 32;
  private static final long IDLE_SECONDS = 30;

  private Workers() {}

  public static ExecutorService of(String cluster) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        MAX_THREADS,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread =
              new Thread(task, "shardwright-" + cluster + "-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        },
        (task, executor) -> task.run());
  }
}
