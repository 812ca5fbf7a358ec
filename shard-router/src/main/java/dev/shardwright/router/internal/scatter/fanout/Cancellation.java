package dev.shardwright.router.internal.scatter.fanout;

import dev.shardwright.router.UnknownOutcome;
import dev.shardwright.router.internal.pool.BrokenOff;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what one query runs on its shards before its time: because it was cancelled, its deadline
 * has passed, or one shard failed. The first reason counts, unless a write may have happened
 * meanwhile. Thread-safe.
 *
 * <p>The wish to cancel can reach a server just before the statement does, and is then lost. So it
 * is sent again as long as the statement runs. It can never hit what the connection is used for
 * next, since {@link #during} waits for a wish that is on its way.
 *
 * <p>A server that heeds no wish keeps the threads that run its parts. One of them may be the
 * query's own caller, who is not to wait: the connection it waits on is closed then.
 */
public final class Cancellation {
  private static final Logger log = LoggerFactory.getLogger(Cancellation.class);
  private static final long AGAIN_MILLIS = 100;

  /** How many wishes a server may leave unheeded before the caller does not wait for it. */
  private static final int WISHES = 5;

  /** Query cancelled. */
  private static final String CANCELLED = "57014";

  private final Executor wishes;
  private final ScheduledExecutorService scheduler;
  private final Set<Running> running = new HashSet<>();
  private @Nullable Thread caller;
  private @Nullable RuntimeException reason;
  private boolean all;
  private Runnable listener = () -> {};

  /**
   * @param wishes sends the wishes, each to one shard, never on the calling thread: a shard that
   *     does not answer keeps nobody waiting; may reject one, which is then sent later
   */
  public Cancellation(Executor wishes, ScheduledExecutorService scheduler) {
    this.wishes = wishes;
    this.scheduler = scheduler;
  }

  /** What runs on one connection, until it is ended. */
  final class Running {
    private final BaseConnection connection;
    private volatile boolean callers;
    private final boolean transaction;
    private final AtomicBoolean wishing = new AtomicBoolean();
    private final Object closing = new Object();

    /** How many wishes were sent; one look after the other counts them. */
    private int unheeded;

    private boolean over;
    private volatile boolean aborted;
    private boolean ended;

    private Running(BaseConnection connection, boolean callers, boolean transaction) {
      this.connection = connection;
      this.callers = callers;
      this.transaction = transaction;
    }

    /** Unless a wish is on its way already, which may take long. */
    private void cancelSoon() {
      if (wishing.compareAndSet(false, true) && !begun(this::cancel)) {
        wishing.set(false);
      }
    }

    private synchronized void cancel() {
      try {
        if (!ended) {
          connection.cancelQuery();
        }
      } catch (SQLException e) {
        log.debug("a part of a query over several shards could not be cancelled", e);
      } finally {
        wishing.set(false);
      }
    }

    private void abortSoon() {
      var unused = begun(this::abort);
    }

    /** False where as many are under way as may be: all of this is tried again. */
    private boolean begun(Runnable wish) {
      try {
        wishes.execute(wish);
        return true;
      } catch (RejectedExecutionException e) {
        log.debug("a wish to end a part of a query over several shards has to wait", e);
        return false;
      }
    }

    /** Unless it has ended by now, and the connection may be somebody else's. */
    private void abort() {
      synchronized (closing) {
        if (over || aborted) {
          return;
        }
        aborted = true;
        try {
          connection.abort(Runnable::run);
        } catch (SQLException e) {
          log.debug("a connection on which a part does not end could not be closed", e);
        }
      }
    }

    /** Waits for a wish that is on its way, unless the connection will never be used again. */
    void end() {
      synchronized (closing) {
        over = true;
      }
      if (!aborted) {
        synchronized (this) {
          ended = true;
        }
      }
      synchronized (Cancellation.this) {
        running.remove(this);
        Cancellation.this.notifyAll();
      }
    }
  }

  /** What a part says to its shard. */
  @FunctionalInterface
  public interface Exchange<T> {
    T run() throws SQLException;
  }

  /**
   * Does something on the connection, which is ended where everything is.
   *
   * @throws SQLException also if nothing is to be sent any more
   */
  public <T> T during(BaseConnection connection, Exchange<T> exchange) throws SQLException {
    return during(begin(connection), exchange);
  }

  /**
   * The same on the connection of the caller's transaction, which a query that is refused leaves as
   * it was: what runs there then comes to its end, unless {@linkplain #stopAll all} is ended.
   */
  public <T> T duringTransaction(BaseConnection connection, Exchange<T> exchange)
      throws SQLException {
    return during(begin(connection, /* transaction= */ true), exchange);
  }

  private static <T> T during(Running begun, Exchange<T> exchange) throws SQLException {
    try {
      return exchange.run();
    } catch (Error e) {
      BrokenOff.close(() -> begun.connection, e);
      throw e;
    } finally {
      begun.end();
    }
  }

  Running begin(BaseConnection connection) throws SQLException {
    return begin(connection, /* transaction= */ false);
  }

  private synchronized Running begin(BaseConnection connection, boolean transaction)
      throws SQLException {
    RuntimeException why = reason;
    if (why != null) {
      throw new SQLException("not sent any more: " + why.getMessage(), CANCELLED, why);
    }
    Running begun = new Running(connection, Thread.currentThread().equals(caller), transaction);
    running.add(begun);
    return begun;
  }

  /**
   * Returns when nothing runs on a connection any more, which its owner then may use. Interrupting
   * does not shorten it: the owner would have to wait for the same statement.
   */
  public synchronized void awaitEnd(BaseConnection connection) {
    running.stream()
        .filter(one -> one.connection.equals(connection))
        .forEach(one -> one.callers = true); // who now waits for it as if it ran there
    boolean interrupted = false;
    while (running.stream().anyMatch(one -> one.connection.equals(connection))) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends everything, now and later. What was said first remains the reason. */
  public void stop(RuntimeException why) {
    Runnable wake;
    synchronized (this) {
      if (reason != null) {
        return;
      }
      reason = why;
      wake = listener;
    }
    wake.run();
    cancelRunning();
  }

  /**
   * The same because nobody wants to wait any longer. If the query was refused before, what runs in
   * the caller's transaction since then is ended too, and the refusal carries why.
   */
  public void stopAll(RuntimeException why) {
    synchronized (this) {
      all = true;
      if (reason instanceof SqlRefused refusal) {
        refusal.addSuppressed(why);
      }
    }
    stop(why);
  }

  /** That nobody knows what became of a write is more than why its end was not waited for. */
  public synchronized void outweigh(UnknownOutcome unknown) {
    if (reason != null && !(reason instanceof UnknownOutcome)) {
      unknown.addSuppressed(reason);
      reason = unknown;
    }
  }

  /** Why everything was to end; null if it was not. */
  public synchronized @Nullable RuntimeException reason() {
    return reason;
  }

  public boolean isStopped() {
    return reason() != null;
  }

  /** How long to wait for a connection, in the terms of the pool: not at all once stopped. */
  public long patience() {
    return isStopped() ? 0 : Long.MAX_VALUE;
  }

  /** Told once, when everything is to end; replaces the one before. */
  synchronized void onStop(Runnable told) {
    listener = told;
  }

  /** Whoever waits for the query runs parts of it too. */
  synchronized void callerIs(Thread thread) {
    caller = thread;
  }

  private void cancelRunning() {
    List<Running> still;
    boolean sparing;
    synchronized (this) {
      still = List.copyOf(running);
      sparing = reason instanceof SqlRefused && !all;
    }
    if (still.isEmpty()) {
      return;
    }
    for (Running one : still) {
      if (one.aborted || (one.transaction && sparing)) {
        continue;
      }
      if (one.callers && one.unheeded >= WISHES) {
        one.abortSoon();
      } else {
        one.unheeded++;
        one.cancelSoon();
      }
    }
    var unused = scheduler.schedule(this::cancelRunning, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
  }
}
