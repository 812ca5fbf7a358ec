package dev.shardwright.bench.compare;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * What all threads of this JVM have spent between two moments: those that were asked to do the
 * work, and those that they had do a part of it. Threads that have ended meanwhile are not seen.
 *
 * @param cpuNanos also of the garbage collector and the compiler; the kernel counts in steps of 10
 *     ms
 * @param bytes allocated
 */
record Spent(long cpuNanos, long bytes) {

  /** Remembers what has been spent until now; allocates little itself, for that counts too. */
  static final class Meter {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final long[] threads = THREADS.getAllThreadIds();
    private final long[] bytes = THREADS.getThreadAllocatedBytes(threads);
    private final long cpuNanos = SYSTEM.getProcessCpuTime();

    /** What has been spent since then. */
    Spent spent() {
      Meter now = new Meter();
      Map<Long, Long> before = new HashMap<>();
      for (int i = 0; i < threads.length; i++) {
        before.put(threads[i], bytes[i]);
      }
      long more = 0;
      for (int i = 0; i < now.threads.length; i++) {
        // A thread that has just ended has -1.
        if (now.bytes[i] > 0) {
          more += now.bytes[i] - Math.max(0, before.getOrDefault(now.threads[i], 0L));
        }
      }
      return new Spent(now.cpuNanos - cpuNanos, more);
    }
  }
}
