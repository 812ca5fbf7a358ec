package dev.shardwright.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * One contender's turn.
 *
 * @param operations how many were done
 * @param nanosPerOperation as each thread saw it, on average
 * @param spent by all threads of this JVM meanwhile
 */
record Turn(long operations, double nanosPerOperation, Spent spent) {

  /** Lets the contender work on that many threads for that long, each at least once. */
  static Turn take(Contender contender, ExecutorService executor, int threads, long nanos)
      throws Exception {
    Spent.Meter meter = new Spent.Meter();
    long end = System.nanoTime() + nanos;
    List<Future<Work>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Random random = new Random(i);
      running.add(executor.submit(() -> work(contender.operation(), random, end)));
    }
    Work total = new Work(0, 0);
    for (Future<Work> work : running) {
      total = total.plus(work.get());
    }
    return new Turn(total.operations, (double) total.nanos / total.operations, meter.spent());
  }

  double bytesPerOperation() {
    return (double) spent.bytes() / operations;
  }

  private static Work work(Contender.Operation operation, Random random, long end)
      throws Exception {
    long start = System.nanoTime();
    long operations = 0;
    long now;
    do {
      operation.run(random);
      operations++;
      now = System.nanoTime();
    } while (now < end);
    return new Work(operations, now - start);
  }

  private record Work(long operations, long nanos) {
    Work plus(Work other) {
      return new Work(operations + other.operations, nanos + other.nanos);
    }
  }
}
