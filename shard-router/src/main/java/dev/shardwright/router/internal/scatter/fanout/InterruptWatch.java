package dev.shardwright.router.internal.scatter.fanout;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Notices that a thread was interrupted while it waits for a server, which the driver does not.
 * Looks from time to time while there are such threads, and a while after, so that one query after
 * another wakes nobody up. Thread-safe.
 */
public final class InterruptWatch {
  private static final long LOOK_AGAIN_MILLIS = 100;

  /** After how many looks at nobody it stops to look. */
  private static final int IDLE_LOOKS = 10;

  private final ScheduledExecutorService clock;
  private final Set<Watched> threads = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();

  public InterruptWatch(ScheduledExecutorService clock) {
    this.clock = clock;
  }

  /**
   * A thread while it is watched.
   *
   * @param told called when it was interrupted
   */
  private record Watched(Thread thread, Runnable told) {}

  /**
   * Does work in the calling thread, and watches that meanwhile.
   *
   * @param told called soon after the thread was interrupted, perhaps more than once
   */
  void watch(Runnable work, Runnable told) {
    Watched watched = new Watched(Thread.currentThread(), told);
    threads.add(watched);
    try {
      lookSoon(IDLE_LOOKS);
      work.run();
    } finally {
      threads.remove(watched);
    }
  }

  private void lookSoon(int looks) {
    if (!looking.get() && looking.compareAndSet(false, true)) {
      schedule(looks);
    }
  }

  private void schedule(int looks) {
    try {
      var unused = clock.schedule(() -> look(looks), LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The router is closed, which ends what still runs.
      looking.set(false);
    }
  }

  private void look(int looks) {
    boolean idle = threads.isEmpty();
    for (Watched watched : threads) {
      if (watched.thread().isInterrupted()) {
        watched.told().run();
      }
    }
    if (!idle || looks > 1) {
      schedule(idle ? looks - 1 : IDLE_LOOKS);
      return;
    }
    looking.set(false);
    if (!threads.isEmpty()) {
      lookSoon(IDLE_LOOKS);
    }
  }
}
