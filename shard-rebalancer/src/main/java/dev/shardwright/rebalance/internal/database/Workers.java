package dev.shardwright.rebalance.internal.database;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.internal.schema.Transaction;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads that work on several sessions at once, for as long as one piece of work lasts. Used by
 * the thread that made them.
 */
public final class Workers implements AutoCloseable {
  /** Whoever gives up a migration's work for good ends the sessions of what runs longer. */
  private static final long PATIENCE_SECONDS = 60;

  private final ExecutorService executor;

  /**
   * @param name what they do, in the names of the threads
   */
  public Workers(String name, int threads) {
    AtomicInteger numbers = new AtomicInteger();
    executor =
        Executors.newFixedThreadPool(
            threads,
            work -> new Thread(work, "shardwright-" + name + "-" + numbers.incrementAndGet()));
  }

  /** What came of two things that were done at the same time. */
  public record Both<A, B>(A here, B beside) {}

  /**
   * Does one thing in the calling thread and another beside it, on another session. Returns, or
   * throws the first failure, once both have ended.
   */
  public static <A, B> Both<A, B> both(Transaction.Work<A> here, Transaction.Work<B> beside)
      throws SQLException {
    FutureTask<B> other = new FutureTask<>(beside::run);
    new Thread(other, "shardwright-beside-" + Thread.currentThread().getName()).start();
    A first;
    try {
      first = here.run();
    } catch (SQLException | RuntimeException e) {
      awaitEnd(other, e);
      throw e;
    }
    try {
      return new Both<>(first, requireNonNull(Uninterruptibles.getUninterruptibly(other)));
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  private static void awaitEnd(FutureTask<?> other, Exception failure) {
    try {
      Uninterruptibles.getUninterruptibly(other);
    } catch (ExecutionException e) {
      failure.addSuppressed(e.getCause());
    }
  }

  /** Begins something that {@link #result} gives the result of. */
  public <T> Future<T> begin(Callable<T> work) {
    return executor.submit(work);
  }

  /** What came of it, once it is done; throws what it threw. */
  public static <T> T result(Future<T> begun) throws SQLException, InterruptedException {
    try {
      return begun.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      throw failure(e.getCause());
    }
  }

  /** Does all of it, and throws the first failure as soon as there is one. */
  public void doAll(List<Callable<Boolean>> works) throws SQLException, InterruptedException {
    CompletionService<Boolean> running = new ExecutorCompletionService<>(executor);
    works.forEach(running::submit);
    for (int i = 0; i < works.size(); i++) {
      result(running.take());
    }
  }

  /** Interrupts what still runs, and waits for its end. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static SQLException failure(@Nullable Throwable cause) {
    if (cause instanceof SQLException failure) {
      return failure;
    }
    if (cause instanceof RuntimeException failure) {
      throw failure;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new SQLException("work beside other work failed", cause);
  }
}
