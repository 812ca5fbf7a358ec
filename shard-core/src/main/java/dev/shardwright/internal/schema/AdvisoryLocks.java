package dev.shardwright.internal.schema;

/**
 * The classes (first keys) of the advisory locks that Shardwright takes. All begin with {@code
 * 0x5357}, "SW" in ASCII; {@code docs/errors.md} lists them for operators.
 */
public final class AdvisoryLocks {
  /**
   * Held in shared mode by each session of a router for as long as the session lives; the second
   * key is the router's number.
   */
  public static final int ROUTER = 0x5357_0001;

  /**
   * Held by whoever changes the schema {@code shardwright} or a guard, for one transaction; the
   * second key is 0.
   */
  public static final int INSTALL = 0x5357_0002;

  /**
   * Held in shared mode by each transaction that writes rows of a range move, and exclusively by
   * the mover while it waits for these to end; the second key is the move's number.
   */
  public static final int GATE = 0x5357_0003;

  /**
   * Held by whoever raises the register of a range move, for one transaction; the second key is the
   * move's number, or 0 for the register of the newest mover.
   */
  public static final int ADVANCE = 0x5357_0004;

  private AdvisoryLocks() {}
}
