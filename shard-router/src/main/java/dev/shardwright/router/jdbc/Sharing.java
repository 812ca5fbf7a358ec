package dev.shardwright.router.jdbc;

import com.google.common.base.Throwables;
import dev.shardwright.TopologyUnavailable;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Things that are opened when the first user comes, shared by all users of the same key, and closed
 * when there has been no user for a while. Thread-safe.
 *
 * @param <K> what tells them apart
 * @param <T> what is shared; never null
 */
final class Sharing<K, T> {
  private final Function<K, T> open;
  private final Consumer<T> close;
  private final Duration idle;
  private final Later later;
  private final LongSupplier nanoTime;
  private final Map<K, Shared> all = new ConcurrentHashMap<>();

  /** Does something after some time, on a thread of its own. */
  @FunctionalInterface
  interface Later {
    void run(Duration delay, Runnable task);
  }

  /**
   * @param idle how long one without users is kept
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  Sharing(
      Function<K, T> open, Consumer<T> close, Duration idle, Later later, LongSupplier nanoTime) {
    this.open = open;
    this.close = close;
    this.idle = idle;
    this.later = later;
    this.nanoTime = nanoTime;
  }

  /**
   * A use of the shared thing, until {@link Use#end}; opens it if need be. If that fails, it fails
   * for all who wait for it, and the next one tries again.
   *
   * @throws TopologyUnavailable if the thread is interrupted while another opens it
   */
  Use<T> use(K key) {
    while (true) {
      Shared shared = all.computeIfAbsent(key, Shared::new);
      if (shared.enter()) {
        return new Use<>(shared.thing(), shared::leave);
      }
    }
  }

  /** One use. Ends once, however often it is told to. */
  static final class Use<T> {
    private final T thing;
    private final Runnable leave;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Use(T thing, Runnable leave) {
      this.thing = thing;
      this.leave = leave;
    }

    T thing() {
      return thing;
    }

    void end() {
      if (ended.compareAndSet(false, true)) {
        leave.run();
      }
    }
  }

  /**
   * One shared thing, which its first user opens; those who come meanwhile wait for the outcome.
   */
  private final class Shared {
    private final K key;
    private final CompletableFuture<T> opened = new CompletableFuture<>();
    private final AtomicBoolean opening = new AtomicBoolean();
    private int users;
    private long idleSince;

    /** Whether somebody looks after a while whether it is still in use; one at a time. */
    private boolean watched;

    private boolean gone;

    Shared(K key) {
      this.key = key;
    }

    /** Counts a user; false if it is gone: another takes its place. */
    synchronized boolean enter() {
      if (!gone) {
        users++;
      }
      return !gone;
    }

    T thing() {
      if (opening.compareAndSet(false, true)) {
        try {
          opened.complete(open.apply(key));
        } catch (RuntimeException | Error e) {
          remove();
          opened.completeExceptionally(e);
        }
      }
      try {
        return opened.get();
      } catch (InterruptedException e) {
        leave();
        Thread.currentThread().interrupt();
        throw new TopologyUnavailable("interrupted while another thread connects", e);
      } catch (ExecutionException e) {
        Throwable failure = Objects.requireNonNull(e.getCause());
        Throwables.throwIfUnchecked(failure);
        throw new IllegalStateException(failure);
      }
    }

    synchronized void leave() {
      users--;
      if (users == 0) {
        idleSince = nanoTime.getAsLong();
        watch(idle);
      }
    }

    private void watch(Duration delay) {
      if (!watched) {
        watched = true;
        later.run(delay, this::look);
      }
    }

    private void look() {
      if (mayGo()) {
        close.accept(opened.join());
      }
    }

    /** Whether it has gone for having had no user long enough; otherwise looks again if need be. */
    private synchronized boolean mayGo() {
      watched = false;
      if (users > 0) {
        return false;
      }
      Duration left = idle.minusNanos(nanoTime.getAsLong() - idleSince);
      if (left.isZero() || left.isNegative()) {
        remove();
        return true;
      }
      watch(left);
      return false;
    }

    private synchronized void remove() {
      gone = true;
      all.remove(key, this);
    }
  }
}
