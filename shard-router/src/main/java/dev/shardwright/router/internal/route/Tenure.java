package dev.shardwright.router.internal.route;

/**
 * A time in which movers wait for what this router runs. It ends when they have cut the router off
 * and gone on: what began in it knows of ranges that are not there any more, so it must not go on
 * over connections that are opened afterwards. Thread-safe.
 */
public final class Tenure {
  private volatile boolean over;

  /** Movers have gone on without waiting. */
  public void end() {
    over = true;
  }

  /** Whether movers have gone on without waiting for what began in it. */
  public boolean isOver() {
    return over;
  }
}
