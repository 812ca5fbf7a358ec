package dev.shardwright.bench.moves;

import dev.shardwright.testkit.ZooKeeperServer;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** The sessions that a cluster's processes have with ZooKeeper, and an end to them. */
final class Sessions implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final ZooKeeperServer server;
  private final String path;
  private final ZooKeeper client;
  private int expired;

  Sessions(ZooKeeperServer server, String cluster) throws IOException {
    this.server = server;
    this.path = "/shardwright/" + cluster;
    this.client = new ZooKeeper(server.connectString(), TIMEOUT_MILLIS, event -> {});
  }

  /** That of whoever leads, or is about to. */
  void expireLeader() throws KeeperException, InterruptedException {
    Optional<String> first =
        client.getChildren(path + "/leader", false).stream()
            .min(Comparator.comparing(name -> name.substring(name.length() - 10)));
    if (first.isPresent()) {
      expireOwnerOf(path + "/leader/" + first.get());
    }
  }

  void expireRouter(int number) throws KeeperException, InterruptedException {
    expireOwnerOf(path + "/routers/" + number);
  }

  /** Nothing is done where it has none at present. */
  private void expireOwnerOf(String node) throws KeeperException, InterruptedException {
    Stat stat = client.exists(node, false);
    if (stat != null) {
      server.expireSession(stat.getEphemeralOwner());
      expired++;
    }
  }

  /** How often one has expired. */
  int expired() {
    return expired;
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
