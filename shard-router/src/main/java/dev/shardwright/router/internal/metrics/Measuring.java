package dev.shardwright.router.internal.metrics;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a registry or its filters throw away from the work that is measured, whose end is what
 * counts. Thread-safe.
 */
final class Measuring {
  private static final Logger log = LoggerFactory.getLogger(Measuring.class);

  private final AtomicBoolean warned = new AtomicBoolean();

  void failed(Throwable e) {
    if (warned.getAndSet(true)) {
      log.debug("work could not be measured", e);
    } else {
      log.warn("work could not be measured; where it happens again is logged at DEBUG", e);
    }
  }
}
