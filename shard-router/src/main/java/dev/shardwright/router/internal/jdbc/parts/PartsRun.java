package dev.shardwright.router.internal.jdbc.parts;

import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.statement.Running;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards' parts of a write, carried out at the same time, a bounded number of them. Waits until
 * each has ended, so that what became of it can be told. Once a part has failed or the deadline has
 * passed, no other begins; what then still runs is left to end after a failure, and cancelled after
 * the deadline or an interrupt. Used once.
 *
 * @param <T> what a part gives
 */
public final class PartsRun<T> {
  private static final Logger log = LoggerFactory.getLogger(PartsRun.class);

  /** How soon a wish to cancel is sent again: it may have come before its statement. */
  private static final Duration AGAIN = Duration.ofMillis(100);

  private final List<Part<T>> parts;
  private final Running running;
  private final List<PartEnd<T>> ends;
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean stopped;
  private boolean interrupted;

  /** One shard's part. */
  @FunctionalInterface
  public interface Part<T> {
    T carryOut() throws SQLException;
  }

  /**
   * @param running what the parts run, to be cancelled
   */
  public PartsRun(List<Part<T>> parts, Running running) {
    this.parts = parts;
    this.running = running;
    this.ends =
        Collections.synchronizedList(
            new ArrayList<>(Collections.nCopies(parts.size(), PartEnd.notTried())));
  }

  /**
   * Carries all of them out.
   *
   * @param deadline for all together
   * @return how they ended, in their order
   */
  public List<PartEnd<T>> run(ExecutorService workers, Duration deadline) {
    if (parts.size() == 1) {
      return inTurn();
    }
    long end = System.nanoTime() + deadline.toNanos();
    List<Future<?>> loops = new ArrayList<>();
    for (int i = 0; i < Math.min(ScatterOptions.DEFAULTS.parallelism(), parts.size()); i++) {
      Runnable loop =
          () -> carryOutWaiting(this::carryOutBeside, () -> System.nanoTime() - end >= 0);
      try {
        // Where all workers are busy, this thread does it, and keeps the deadline itself.
        loops.add(workers.submit(loop));
      } catch (RuntimeException | Error e) {
        log.warn("no thread for a part of a write; those that run take it", e);
        break;
      }
    }
    if (loops.isEmpty()) {
      carryOutWaiting(this::carryOutBeside, () -> System.nanoTime() - end >= 0);
    }
    loops.forEach(loop -> await(loop, end));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return List.copyOf(ends);
  }

  /** Carries all of them out on the calling thread, one after the other. */
  public List<PartEnd<T>> inTurn() {
    carryOutWaiting(this::carryOut, () -> false);
    return List.copyOf(ends);
  }

  private void carryOutWaiting(Function<Part<T>, PartEnd<T>> how, BooleanSupplier tooLate) {
    for (int at = next.getAndIncrement(); at < parts.size(); at = next.getAndIncrement()) {
      if (!stopped && !tooLate.getAsBoolean()) {
        ends.set(at, how.apply(parts.get(at)));
      }
    }
  }

  /** Others run beside it, of which the caller has to hear, whatever becomes of this one. */
  private PartEnd<T> carryOutBeside(Part<T> part) {
    try {
      return carryOut(part);
    } catch (RuntimeException | Error e) {
      stopped = true;
      return PartEnd.failed(SqlFailures.broken(e));
    }
  }

  private PartEnd<T> carryOut(Part<T> part) {
    try {
      return PartEnd.done(part.carryOut());
    } catch (SQLException e) {
      PartEnd<T> end = PartEnd.failed(e);
      if (end.fate() != PartEnd.Fate.DONE) {
        stopped = true;
      }
      return end;
    }
  }

  private void await(Future<?> loop, long end) {
    boolean late = interrupted;
    while (true) {
      long left = late ? AGAIN.toNanos() : Math.max(0, end - System.nanoTime());
      try {
        loop.get(left, TimeUnit.NANOSECONDS);
        return;
      } catch (TimeoutException e) {
        late = true;
      } catch (InterruptedException e) {
        interrupted = true;
        late = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException("a part of a write broke", e.getCause());
      }
      stop();
    }
  }

  private void stop() {
    stopped = true;
    try {
      running.cancelParts();
    } catch (SQLException e) {
      log.debug("a part of a write could not be cancelled", e);
    }
  }
}
