package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ZooKeeperServerIT {
  private static ZooKeeperServer server;
  private final Queue<KeeperState> states = new ConcurrentLinkedQueue<>();
  private ZooKeeper client;

  @BeforeAll
  static void start() {
    server = ZooKeeperServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() throws Exception {
    client = connected(states);
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
  }

  @Test
  void keepsDataAndSessionsOverARestart() throws Exception {
    client.create("/kept", bytes("data"), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    client.create("/mine", bytes(""), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    server.stop();
    await().until(() -> states.contains(KeeperState.Disconnected));
    server.restart();
    await().until(() -> client.getState().isConnected());
    assertThat(client.getData("/kept", false, null)).isEqualTo(bytes("data"));
    assertThat(client.exists("/mine", false)).isNotNull();
  }

  @Test
  void losesEverythingWhenItIsToldTo() throws Exception {
    client.create("/lost", bytes("data"), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    long before = client.exists("/lost", false).getCzxid();
    server.restartEmpty();
    ZooKeeper another = connected(new ConcurrentLinkedQueue<>());
    assertThat(another.exists("/lost", false)).isNull();
    another.create("/new", bytes(""), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    assertThat(another.exists("/new", false).getCzxid()).isLessThanOrEqualTo(before);
    another.close();
  }

  @Test
  void expiresASession() throws Exception {
    client.create("/expiring", bytes(""), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    server.expireSession(client.getSessionId());
    await().until(() -> states.contains(KeeperState.Expired));
    ZooKeeper another = connected(new ConcurrentLinkedQueue<>());
    assertThat(another.exists("/expiring", false)).isNull();
    another.close();
  }

  @Test
  void holdsBackWhatAnAclForbids() throws Exception {
    client.addAuthInfo("digest", bytes("owner:secret"));
    client.create("/guarded", bytes("x"), ZooDefs.Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
    ZooKeeper stranger = connected(new ConcurrentLinkedQueue<>());
    assertThatThrownBy(() -> stranger.getData("/guarded", false, null))
        .isInstanceOf(KeeperException.NoAuthException.class);
    stranger.close();
  }

  private static ZooKeeper connected(Queue<KeeperState> states) throws Exception {
    ZooKeeper client =
        new ZooKeeper(server.connectString(), 5_000, event -> states.add(event.getState()));
    await().until(() -> client.getState().isConnected());
    return client;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
