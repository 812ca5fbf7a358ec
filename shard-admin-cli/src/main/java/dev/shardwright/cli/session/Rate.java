package dev.shardwright.cli.session;

/**
 * How much in a second.
 *
 * @param bytesPerSecond at least 1
 */
public record Rate(long bytesPerSecond) {
  /**
   * @throws IllegalArgumentException if it is not positive
   */
  public Rate {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("a rate of 0 would never end: give at least 1 byte");
    }
  }
}
