package dev.shardwright.router.jdbc;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Things that are opened when the first user comes, shared by all users of the same key, and closed
 * when there has been no user for a while. Thread-safe.
 *
 * @param <K> what tells them apart
 * @param <T> what is shared
 */
final class Sharing<K, T> {
  private final Function<K, T> open;
  private final Consumer<T> close;
  private final Duration idle;
  private final Later later;
  private final Map<K, Shared> all = new ConcurrentHashMap<>();

  /** Does something after some time, on a thread of its own. */
  @FunctionalInterface
  interface Later {
    void run(Duration delay, Runnable task);
  }

  /**
   * @param idle how long one without users is kept
   */
  Sharing(Function<K, T> open, Consumer<T> close, Duration idle, Later later) {
    this.open = open;
    this.close = close;
    this.idle = idle;
    this.later = later;
  }

  /** A use of the shared thing, until {@link Use#end}; opens it if need be. */
  Use<T> use(K key) {
    while (true) {
      Shared shared = all.computeIfAbsent(key, Shared::new);
      T thing = shared.enter();
      if (thing != null) {
        return new Use<>(thing, shared::leave);
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

  /** One shared thing, its lock held while it is opened or closed, so that users of it wait. */
  private final class Shared {
    private final K key;
    private @Nullable T thing;
    private int users;

    /** Counts the times that it had no users, so that an old timer does not close it. */
    private long idleTurn;

    private boolean gone;

    Shared(K key) {
      this.key = key;
    }

    /** Null if it is gone: another takes its place. */
    synchronized @Nullable T enter() {
      if (gone) {
        return null;
      }
      if (thing == null) {
        try {
          thing = open.apply(key);
        } finally {
          if (thing == null) {
            remove();
          }
        }
      }
      users++;
      return thing;
    }

    synchronized void leave() {
      users--;
      if (users == 0) {
        idleTurn++;
        long turn = idleTurn;
        later.run(idle, () -> closeIfStillIdle(turn));
      }
    }

    private synchronized void closeIfStillIdle(long turn) {
      T unused = thing;
      if (users == 0 && turn == idleTurn && !gone && unused != null) {
        remove();
        close.accept(unused);
      }
    }

    private void remove() {
      gone = true;
      all.remove(key, this);
    }
  }
}
