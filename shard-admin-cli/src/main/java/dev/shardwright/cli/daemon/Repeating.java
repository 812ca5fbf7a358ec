package dev.shardwright.cli.daemon;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task that is done again and again on a thread of its own, with a pause in between. */
final class Repeating implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Repeating.class);
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final Thread thread;
  private final Duration every;
  private final Runnable task;
  private volatile boolean closed;

  private Repeating(String name, Duration every, Runnable task) {
    this.every = every;
    this.task = task;
    this.thread = new Thread(this::run, name);
    this.thread.setDaemon(true);
  }

  /** Begins at once. */
  static Repeating start(String name, Duration every, Runnable task) {
    Repeating repeating = new Repeating(name, every, task);
    repeating.thread.start();
    return repeating;
  }

  private void run() {
    while (!closed) {
      try {
        task.run();
      } catch (Throwable e) { // what nobody expected, no memory either, must not be the last turn
        failed(e);
      }
      if (!closed) {
        pause();
      }
    }
  }

  private void failed(Throwable e) {
    if (closed) {
      LOG.debug("The last turn of {} was interrupted", thread.getName(), e);
    } else {
      LOG.error("A turn of {} failed, there will be a next one", thread.getName(), e);
    }
  }

  private void pause() {
    try {
      Thread.sleep(every.toMillis());
    } catch (InterruptedException e) {
      closed = true; // only close interrupts it
    }
  }

  /** No turn begins any more; one that a database keeps busy is left. Safe to call twice. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(FAREWELL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
