package dev.shardwright.router.internal.run;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of a router, there while they have something to do. Nothing waits in a queue. */
public final class Workers {
  private static final int MAX_THREADS = 32;
  private static final int MAX_WISHES = 16;
  private static final long IDLE_SECONDS = 30;

  private Workers() {}

  /** For parts of reads. Where all are busy, the calling thread does the part itself. */
  public static ExecutorService of(String cluster) {
    return threads("shardwright-" + cluster, MAX_THREADS, (task, executor) -> task.run());
  }

  /**
   * For wishes to cancel, which may take as long as a server that does not answer. Where all are
   * busy, a wish is rejected: the calling thread may be the one that keeps the deadlines.
   */
  public static ExecutorService ofWishes(String cluster) {
    return threads(
        "shardwright-cancel-" + cluster, MAX_WISHES, new ThreadPoolExecutor.AbortPolicy());
  }

  private static ExecutorService threads(
      String name, int most, RejectedExecutionHandler whereAllAreBusy) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        most,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        },
        whereAllAreBusy);
  }
}
