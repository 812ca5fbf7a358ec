package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.topology.Epoch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router's place among the routers of its cluster. The node in ZooKeeper goes with the session
 * and is made again under the same number once there is another session. Thread-safe.
 */
public final class RouterMembership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouterMembership.class);
  private static final Duration RETRY = Duration.ofSeconds(2);

  /**
   * How long a new epoch waits to be reported: what a cutover waits for has the line to itself, and
   * the epochs of one cutover are one report.
   */
  private static final Duration REPORT_DELAY = Duration.ofMillis(500);

  private final CuratorFramework curator;
  private final Requests requests;
  private final String path;
  private final int number;
  private final RouterDescription description;
  private final Consumer<RouterMembership> onClose;
  private final Worker worker;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Epoch reported = Epoch.NONE;

  private final ConnectionStateListener onReconnect =
      (client, state) -> {
        if (state == ConnectionState.RECONNECTED) {
          publishSoon();
        }
      };

  RouterMembership(
      CuratorFramework curator,
      Requests requests,
      String path,
      int number,
      RouterDescription description,
      Consumer<RouterMembership> onClose) {
    this.curator = curator;
    this.requests = requests;
    this.path = path;
    this.number = number;
    this.description = description;
    this.onClose = onClose;
    this.worker = new Worker("shardwright-router-" + number);
  }

  /**
   * @throws TopologyUnavailable if the node cannot be made before the deadline
   */
  void begin(Deadline deadline) {
    curator.getConnectionStateListenable().addListener(onReconnect);
    publish(deadline);
  }

  /**
   * Tells one entry of this router in the list of routers from any other, before and after: while
   * this answers the same, the router has been on the list all the while.
   *
   * @return 0 if the router is not on the list now
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public long registration() {
    return requests
        .get(path, null, requests.newDeadline())
        .map(node -> node.stat().getCzxid())
        .orElse(0L);
  }

  /**
   * Puts the router on the list in its present session, if it is not there.
   *
   * @return its {@link #registration}, to be taken before what is read next
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public long register() {
    publish(requests.newDeadline());
    return registration();
  }

  /** The router number: above 0, never given to another router of this cluster, before or after. */
  public int number() {
    return number;
  }

  /**
   * Tells ZooKeeper that this router now works at that epoch: the first at once, later ones within
   * a second. Returns at once.
   */
  public void report(Epoch epoch) {
    boolean first;
    synchronized (this) {
      if (!epoch.isAfter(reported)) {
        return;
      }
      first = reported.equals(Epoch.NONE);
      reported = epoch;
    }
    if (first) {
      publishSoon();
    } else if (scheduled.compareAndSet(false, true)) {
      worker.later(REPORT_DELAY, this::publishOrRetry);
    }
  }

  /** Takes the router off the list. Safe to call twice. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    onClose.accept(this);
    curator.getConnectionStateListenable().removeListener(onReconnect);
    worker.close();
    if (requests.isConnected()) {
      try {
        requests.change(
            "remove " + path, requests.newDeadline(), List.of(Unconditional.delete(path)));
      } catch (KeeperException.NoNodeException e) {
        LOG.debug("{} was gone already", path);
      } catch (KeeperException | TopologyUnavailable e) {
        LOG.warn("{} stays until the session ends, since it could not be removed", path, e);
      }
    }
  }

  private void publishSoon() {
    if (scheduled.compareAndSet(false, true)) {
      worker.execute(this::publishOrRetry);
    }
  }

  private void publishOrRetry() {
    scheduled.set(false);
    if (!requests.isConnected()) {
      return; // the next connection brings us back here
    }
    try {
      publish(requests.newDeadline());
    } catch (TopologyUnavailable e) {
      LOG.warn("Router {} could not be registered at {}, trying again", number, path, e);
      worker.later(RETRY, this::publishSoon);
    }
  }

  private void publish(Deadline deadline) {
    byte[] document = new RegisteredRouter(number, description, reported).encode();
    while (true) {
      List<Op> write = EphemeralNode.write(requests, path, document, deadline);
      try {
        requests.change("register at " + path, deadline, write);
        return;
      } catch (KeeperException.NodeExistsException | KeeperException.NoNodeException e) {
        // The node of an ended session came or went in between: look again.
        requests.pauseOrGiveUp("register at " + path, deadline, e);
      } catch (KeeperException e) {
        throw requests.refused("register at " + path, e);
      }
    }
  }
}
