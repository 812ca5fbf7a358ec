package dev.shardwright.testkit;

import dev.shardwright.testkit.FaultProxy.Direction;
import dev.shardwright.testkit.FaultProxy.Flow;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** The faults of one proxy that are in force, and the place where its threads wait. Thread-safe. */
final class Faults {
  private final Map<Direction, Flow> flows = new EnumMap<>(Direction.class);
  private long delayNanos;
  private boolean cutOnNextResponse;

  /** What a pump does with bytes it has read. */
  enum Verdict {
    FORWARD,
    DROP,
    CUT
  }

  Faults() {
    clear();
  }

  synchronized void set(Direction direction, Flow flow) {
    flows.put(direction, flow);
    notifyAll();
  }

  synchronized void delay(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("a delay must not be negative: " + delay);
    }
    delayNanos = delay.toNanos();
    notifyAll();
  }

  synchronized void cutOnNextResponse() {
    cutOnNextResponse = true;
    notifyAll();
  }

  synchronized void clear() {
    for (Direction direction : Direction.values()) {
      flows.put(direction, Flow.PASSED);
    }
    delayNanos = 0;
    cutOnNextResponse = false;
    notifyAll();
  }

  /** Wakes those that wait, so that they look whether their connection is still wanted. */
  synchronized void wake() {
    notifyAll();
  }

  /** Waits until bytes in this direction are no longer held, or until {@code unwanted}. */
  synchronized void awaitFlow(Direction direction, BooleanSupplier unwanted) {
    await(direction, unwanted, () -> 0);
  }

  /** Waits as long as bytes that have just arrived must wait, and says what becomes of them. */
  synchronized Verdict judge(Direction direction, BooleanSupplier unwanted) {
    long arrivedNanos = System.nanoTime();
    await(direction, unwanted, () -> arrivedNanos + delayNanos - System.nanoTime());
    if (unwanted.getAsBoolean()) {
      return Verdict.CUT;
    }
    if (direction == Direction.RESPONSES && cutOnNextResponse) {
      cutOnNextResponse = false;
      return Verdict.CUT;
    }
    return flows.get(direction) == Flow.SWALLOWED ? Verdict.DROP : Verdict.FORWARD;
  }

  private synchronized void await(
      Direction direction, BooleanSupplier unwanted, LongSupplier remainingNanos) {
    try {
      while (!unwanted.getAsBoolean()) {
        long nanos = remainingNanos.getAsLong();
        if (flows.get(direction) == Flow.HELD) {
          wait();
        } else if (nanos > 0) {
          wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
        } else {
          return;
        }
      }
    } catch (InterruptedException e) {
      // Nobody interrupts the proxy's own threads.
      throw new IllegalStateException("a thread of the fault proxy was interrupted", e);
    }
  }
}
