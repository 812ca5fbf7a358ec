package dev.shardwright.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Three real ZooKeeper servers that form a quorum, inside this JVM, on ports of the loopback
 * interface. Gone with their data after {@link #close}, or when the JVM ends. Thread-safe.
 */
public final class ZooKeeperEnsemble implements AutoCloseable {
  private static final int NODES = 3;
  private static final int MAJORITY = NODES / 2 + 1;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final Path directory = Directories.temporary("zookeeper");
  private final List<EnsembleNode> nodes = new ArrayList<>();
  private final Runnable cleanup = this::remove;
  private boolean closed;

  private ZooKeeperEnsemble(boolean mayLag) {
    List<EnsembleNode.NodePorts> ports =
        IntStream.range(0, NODES).mapToObj(node -> EnsembleNode.NodePorts.free()).toList();
    for (int node = 0; node < NODES; node++) {
      nodes.add(new EnsembleNode(node, ports, directory.resolve("node-" + node), mayLag));
    }
  }

  /** Starts three servers; they have a leader and accept connections when this returns. */
  public static ZooKeeperEnsemble start() {
    return start(/* mayLag= */ false);
  }

  /** The same, of servers that {@link #lag} can hold up: their way to the leader is a proxy. */
  public static ZooKeeperEnsemble startThatMayLag() {
    return start(/* mayLag= */ true);
  }

  private static ZooKeeperEnsemble start(boolean mayLag) {
    ZooKeeperSettings.apply();
    ZooKeeperEnsemble ensemble = new ZooKeeperEnsemble(mayLag);
    Cleanup.add(ensemble.cleanup);
    try {
      ensemble.restart();
      return ensemble;
    } catch (RuntimeException e) {
      ensemble.close();
      throw e;
    }
  }

  /** What a client connects to: all nodes, as {@code host:port,host:port,host:port}. */
  public String connectString() {
    return nodes.stream().map(EnsembleNode::connectString).collect(Collectors.joining(","));
  }

  /**
   * What a client of one node alone connects to.
   *
   * @param node 0, 1 or 2
   */
  public String connectString(int node) {
    return nodes.get(node).connectString();
  }

  /** How many nodes there are, stopped ones included. */
  public int size() {
    return nodes.size();
  }

  /** The node that leads; none while there is no quorum. */
  public synchronized Optional<Integer> leader() {
    return IntStream.range(0, NODES).filter(node -> nodes.get(node).leading()).boxed().findFirst();
  }

  /**
   * Holds up what a follower hears of the leader, until {@link #catchUp}: it answers by what it
   * knew. After five seconds it is no follower any more, and answers nothing.
   */
  public synchronized void lag(int follower) {
    nodes.get(follower).freeze();
  }

  /** Lets a follower hear what it has missed. */
  public synchronized void catchUp(int follower) {
    nodes.get(follower).thaw();
  }

  /** Ends one node; the data stay. */
  public synchronized void stop(int node) {
    nodes.get(node).stop();
  }

  /**
   * Starts one node again, on the same ports and data; ends it first if it runs. Where that makes a
   * majority, it serves clients when this returns.
   */
  public synchronized void restart(int node) {
    checkOpen();
    nodes.get(node).stop();
    nodes.get(node).start();
    awaitQuorum();
  }

  /** Ends all nodes; the data stay. */
  public synchronized void stop() {
    nodes.forEach(EnsembleNode::stop);
  }

  /** Starts all nodes again, on the same ports and data; ends them first where they run. */
  public synchronized void restart() {
    checkOpen();
    stop();
    nodes.forEach(EnsembleNode::start);
    awaitQuorum();
  }

  /**
   * Ends a session as if it had timed out: its ephemeral nodes go, its connection is closed, and
   * its client learns on reconnecting that the session has expired.
   *
   * @param sessionId what the client's {@code getSessionId()} says
   * @throws IllegalStateException while there is no quorum
   */
  public synchronized void expireSession(long sessionId) {
    int leader =
        leader()
            .orElseThrow(
                () -> new IllegalStateException("no leader: a quorum must end the session"));
    nodes.get(leader).closeSession(sessionId);
  }

  /** Ends all nodes and removes their data. Safe to call again. */
  @Override
  public void close() {
    remove();
    Cleanup.done(cleanup);
  }

  private void awaitQuorum() {
    List<EnsembleNode> started = nodes.stream().filter(EnsembleNode::started).toList();
    if (started.size() >= MAJORITY
        && !Processes.await(() -> started.stream().allMatch(EnsembleNode::serving), START_LIMIT)) {
      throw new IllegalStateException(
          "%d ZooKeeper nodes did not form a quorum within %s"
              .formatted(started.size(), START_LIMIT));
    }
  }

  private synchronized void remove() {
    if (!closed) {
      closed = true;
      stop();
      nodes.forEach(EnsembleNode::releasePorts);
      Directories.delete(directory);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the ZooKeeper ensemble " + connectString() + " is closed");
    }
  }
}
