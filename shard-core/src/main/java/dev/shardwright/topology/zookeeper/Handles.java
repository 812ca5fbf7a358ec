package dev.shardwright.topology.zookeeper;

import org.apache.curator.utils.DefaultZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;

/**
 * Makes the handles of one client, which has one at a time, and none once this is closed. Curator
 * makes a new handle for a session that has expired, and may do so just after its own end: nobody
 * would ever close that one, and its threads would go on for as long as the JVM does. Thread-safe.
 */
final class Handles extends DefaultZookeeperFactory implements AutoCloseable {
  private @Nullable ZooKeeper last;
  private boolean closed;

  @Override
  public synchronized ZooKeeper newZooKeeper(
      String connectString,
      int sessionTimeout,
      Watcher watcher,
      boolean canBeReadOnly,
      @Nullable ZKClientConfig config)
      throws Exception {
    if (closed) {
      throw new IllegalStateException("the client of ZooKeeper is closed");
    }
    ZooKeeper made =
        super.newZooKeeper(connectString, sessionTimeout, watcher, canBeReadOnly, config);
    last = made;
    return made;
  }

  /** Closes the last one, if nobody did. Safe to call twice. */
  @Override
  public void close() {
    ZooKeeper left;
    synchronized (this) {
      closed = true;
      left = last;
    }
    if (left != null) {
      try {
        left.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
