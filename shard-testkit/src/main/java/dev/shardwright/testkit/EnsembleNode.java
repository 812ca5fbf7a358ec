package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.zookeeper.server.admin.AdminServer.AdminServerException;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig.ConfigException;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.jspecify.annotations.Nullable;

/** One server of a {@link ZooKeeperEnsemble}. Called by one thread at a time. */
final class EnsembleNode {
  private static final int TICK_MILLIS = 100;
  private static final int MAX_SESSION_MILLIS = 60_000;
  // In ticks. Generous, so that a machine under load does not lose its quorum.
  private static final int INITIAL_SYNC_LIMIT = 200;
  private static final int SYNC_LIMIT = 50;
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final int node;
  private final List<NodePorts> ports;
  private final Path directory;

  /** The ways to the others, by their numbers. */
  private final Map<Integer, FaultProxy> ways = new HashMap<>();

  private @Nullable Running running;

  /** The ports of one node: for clients, for followers, for elections. */
  record NodePorts(int client, int quorum, int election) {
    static NodePorts free() {
      return new NodePorts(Ports.free(), Ports.free(), Ports.free());
    }
  }

  private record Running(Peer peer, Thread thread) {}

  /** Gives access to the peer that the superclass makes. */
  private static final class Peer extends QuorumPeerMain {
    @Nullable QuorumPeer quorumPeer() {
      return quorumPeer;
    }
  }

  /**
   * @param proxied whether its way to whoever leads can be frozen
   */
  EnsembleNode(int node, List<NodePorts> ports, Path directory, boolean proxied) {
    this.node = node;
    this.ports = ports;
    this.directory = directory;
    for (int other = 0; other < ports.size(); other++) {
      if (other != node && proxied) {
        ways.put(other, FaultProxy.to("127.0.0.1", ports.get(other).quorum()));
      }
    }
  }

  String connectString() {
    return "127.0.0.1:" + ports.get(node).client();
  }

  boolean started() {
    return running != null;
  }

  boolean serving() {
    QuorumPeer peer = peer();
    return peer != null && peer.getActiveServer() != null && peer.getActiveServer().isRunning();
  }

  boolean leading() {
    QuorumPeer peer = peer();
    return serving() && peer != null && peer.leader != null;
  }

  void closeSession(long sessionId) {
    QuorumPeer peer = peer();
    if (peer == null) {
      throw new IllegalStateException("ZooKeeper node " + node + " is stopped");
    }
    peer.getActiveServer().closeSession(sessionId);
  }

  void start() {
    QuorumPeerConfig config = new QuorumPeerConfig();
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("myid"), Integer.toString(node));
      config.parseProperties(properties());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the data directory of node " + node, e);
    } catch (ConfigException e) {
      throw new IllegalStateException("ZooKeeper refuses the settings of node " + node, e);
    }
    Peer peer = new Peer();
    Thread thread = new Thread(() -> run(peer, config), "zookeeper-node-" + node);
    thread.setDaemon(true);
    thread.start();
    running = new Running(peer, thread);
  }

  void stop() {
    Running stopping = running;
    if (stopping == null) {
      return;
    }
    running = null;
    // The peer is there a moment after its thread; it must not start once it was told to stop.
    Processes.await(
        () -> stopping.peer().quorumPeer() != null || !stopping.thread().isAlive(), STOP_LIMIT);
    stopping.peer().close();
    if (!Processes.await(() -> !stopping.thread().isAlive(), STOP_LIMIT)) {
      throw new IllegalStateException(
          "ZooKeeper node %d did not stop within %s".formatted(node, STOP_LIMIT));
    }
  }

  void freeze() {
    if (ways.isEmpty()) {
      throw new IllegalStateException("start the ensemble by startThatMayLag()");
    }
    ways.values().forEach(FaultProxy::freeze);
  }

  void thaw() {
    ways.values().forEach(FaultProxy::heal);
  }

  void releasePorts() {
    ways.values().forEach(FaultProxy::close);
    NodePorts mine = ports.get(node);
    Ports.release(mine.client());
    Ports.release(mine.quorum());
    Ports.release(mine.election());
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("dataDir", directory.toString());
    properties.setProperty("tickTime", Integer.toString(TICK_MILLIS));
    properties.setProperty("initLimit", Integer.toString(INITIAL_SYNC_LIMIT));
    properties.setProperty("syncLimit", Integer.toString(SYNC_LIMIT));
    properties.setProperty("minSessionTimeout", Integer.toString(2 * TICK_MILLIS));
    properties.setProperty("maxSessionTimeout", Integer.toString(MAX_SESSION_MILLIS));
    properties.setProperty("maxClientCnxns", "0");
    properties.setProperty("clientPortAddress", "127.0.0.1");
    properties.setProperty("clientPort", Integer.toString(ports.get(node).client()));
    for (int each = 0; each < ports.size(); each++) {
      properties.setProperty(
          "server." + each,
          "127.0.0.1:%d:%d".formatted(quorumPort(each), ports.get(each).election()));
    }
    return properties;
  }

  private int quorumPort(int of) {
    FaultProxy way = ways.get(of);
    return way == null ? ports.get(of).quorum() : way.port();
  }

  private static void run(Peer peer, QuorumPeerConfig config) {
    try {
      peer.runFromConfig(config);
    } catch (IOException | AdminServerException e) {
      throw new IllegalStateException("a ZooKeeper node has failed", e);
    }
  }

  private @Nullable QuorumPeer peer() {
    return running == null ? null : running.peer().quorumPeer();
  }
}
