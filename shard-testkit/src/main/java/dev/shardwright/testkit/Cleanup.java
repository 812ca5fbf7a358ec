package dev.shardwright.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be undone when the JVM ends before its owner has closed it: running processes and the
 * data on disk. Thread-safe.
 */
final class Cleanup {
  private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);
  private static final Set<Runnable> PENDING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(Cleanup::runAll, "shardwright-testkit-cleanup"));
  }

  private Cleanup() {}

  static void add(Runnable undo) {
    PENDING.add(undo);
  }

  static void done(Runnable undo) {
    PENDING.remove(undo);
  }

  private static void runAll() {
    for (Runnable undo : PENDING) {
      try {
        undo.run();
      } catch (RuntimeException e) {
        LOG.warn("could not clean up; the others still have their turn", e);
      }
    }
  }
}
