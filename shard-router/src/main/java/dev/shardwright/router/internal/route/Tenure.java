package dev.shardwright.router.internal.route;

/**
 * A time in which movers wait for what this router runs. It ends when they have cut the router off
 * and gone on: what began in it knows of ranges that are not there any more, so it must not go on
 * over connections that are opened afterwards. Thread-safe.
 */
public final class Tenure {
  /** That of a router that is not on the list of routers. */
  public static final long NO_REGISTRATION = 0;

  private final long registration;
  private volatile boolean over;

  /**
   * @param registration of the router, from before it read the topology that the first work in it
   *     goes by; {@link #NO_REGISTRATION} if it is not known to have been on the list
   */
  public Tenure(long registration) {
    this.registration = registration;
  }

  /** Whether a router with that registration now has been on the list all the while. */
  public boolean isOf(long now) {
    return registration != NO_REGISTRATION && registration == now;
  }

  /** Movers have gone on without waiting. */
  public void end() {
    over = true;
  }

  /** Whether movers have gone on without waiting for what began in it. */
  public boolean isOver() {
    return over;
  }
}
