package dev.shardwright.bench.compare;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * One contender's turn.
 *
 * @param nanosPerOperation as each thread saw it, on average
 * @param bytesPerOperation allocated by the calling threads
 */
record Turn(double nanosPerOperation, double bytesPerOperation) {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Lets the contender work on that many threads for that long. */
  static Turn take(Contender contender, ExecutorService executor, int threads, long nanos)
      throws Exception {
    long end = System.nanoTime() + nanos;
    List<Future<Work>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Random random = new Random(i);
      running.add(executor.submit(() -> work(contender.operation(), random, end)));
    }
    Work total = new Work(0, 0, 0);
    for (Future<Work> work : running) {
      total = total.plus(work.get());
    }
    return new Turn(
        (double) total.nanos / total.operations, (double) total.bytes / total.operations);
  }

  private static Work work(Contender.Operation operation, Random random, long end)
      throws Exception {
    long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    long operations = 0;
    long now = start;
    while (now < end) {
      operation.run(random);
      operations++;
      now = System.nanoTime();
    }
    return new Work(
        operations, now - start, THREADS.getCurrentThreadAllocatedBytes() - bytesBefore);
  }

  private record Work(long operations, long nanos, long bytes) {
    Work plus(Work other) {
      return new Work(operations + other.operations, nanos + other.nanos, bytes + other.bytes);
    }
  }
}
