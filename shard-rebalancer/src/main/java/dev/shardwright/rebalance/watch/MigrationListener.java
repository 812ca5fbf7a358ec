package dev.shardwright.rebalance.watch;

/**
 * Is told what happens to migrations, in the process that carries them out.
 *
 * <p>It is called on a thread of its own, one event after the other, in the order in which they
 * happened. It may block, throw, or ask and steer the rebalancer: no migration waits for it. While
 * it is more than a thousand events behind, further ones are left out, and the log says how many.
 * Closing the rebalancer waits a few seconds for what was told before, then interrupts it.
 */
@FunctionalInterface
public interface MigrationListener {
  /** That has happened. */
  void happened(MigrationEvent event);
}
