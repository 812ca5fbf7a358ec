package dev.shardwright.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * What belongs to servers inside this JVM that live as long as it does, so that {@link LeakCheck}
 * can tell it from what a test has left. A thread belongs to the group of the thread that made it.
 */
final class SharedInJvm {
  private static final Set<Integer> PORTS = ConcurrentHashMap.newKeySet();
  private static final ThreadGroup GROUP = new ThreadGroup("shardwright-testkit-shared");

  private SharedInJvm() {}

  /** Calls in a thread of the group, and waits for it. */
  static <T> T call(Supplier<T> supplier) {
    FutureTask<T> task = new FutureTask<>(supplier::get);
    Thread thread = new Thread(GROUP, task, "shardwright-testkit-start");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot start a shared server", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting a shared server", e);
    }
  }

  static void ownPort(int port) {
    PORTS.add(port);
  }

  static boolean ownsPort(int port) {
    return PORTS.contains(port);
  }

  static boolean owns(Thread thread) {
    ThreadGroup group = thread.getThreadGroup(); // null once the thread has ended
    return group != null && GROUP.parentOf(group);
  }
}
