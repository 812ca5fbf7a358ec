package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.testkit.TlsZooKeeperServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.TestTopologies;
import dev.shardwright.topology.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may change what, encryption, and where in ZooKeeper everything is. */
@Timeout(180)
class SecurityIT {
  private static final AtomicInteger CHROOTS = new AtomicInteger();
  private static final ZooKeeperOptions OWNER =
      ZooKeeperOptions.DEFAULTS.withLogin(new ZooKeeperOptions.Login("owner", "secret-1"));
  private static final ZooKeeperOptions STRANGER =
      ZooKeeperOptions.DEFAULTS.withLogin(new ZooKeeperOptions.Login("stranger", "secret-2"));
  private static ZooKeeperServer server;

  private final List<ZooKeeperCluster> clusters = new ArrayList<>();
  private Nodes nodes;
  private String connectString;

  @BeforeAll
  static void startServer() {
    server = ZooKeeperServer.start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void setUp() throws Exception {
    String chroot = "/apps-" + CHROOTS.incrementAndGet();
    try (Nodes root = new Nodes(server.connectString())) {
      root.create(chroot);
    }
    connectString = server.connectString() + chroot;
    nodes = new Nodes(connectString);
  }

  @AfterEach
  void tearDown() {
    clusters.forEach(ZooKeeperCluster::close);
    nodes.close();
  }

  @Test
  void everythingIsBelowThePathAtTheEndOfTheConnectString() throws Exception {
    ZooKeeperCluster cluster = connect(ZooKeeperOptions.DEFAULTS);
    cluster.topologyStore().compareAndSet(TestTopologies.everything());
    cluster.join(new RouterDescription("host", 1, "1.0"));
    assertThat(nodes.children("/shardwright/prod")).contains("topology", "rings", "routers");
    try (Nodes root = new Nodes(server.connectString())) {
      assertThat(root.exists("/shardwright")).isFalse();
    }
  }

  @Test
  void aPathThatDoesNotExistIsNamed() {
    String missing = server.connectString() + "/missing";
    try (ZooKeeperCluster cluster = ZooKeeperCluster.connect(missing, "prod")) {
      assertThatThrownBy(() -> cluster.topologyStore().compareAndSet(Topology.INITIAL))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining(missing)
          .hasMessageContaining("create that path first");
    }
  }

  @Test
  void onlyTheIdentityThatSetTheClusterUpMayChangeIt() throws Exception {
    ZooKeeperCluster owner = connect(OWNER);
    Topology topology = TestTopologies.everything();
    owner.topologyStore().compareAndSet(topology);
    owner.join(new RouterDescription("host", 1, "1.0"));
    List<String> elected = new CopyOnWriteArrayList<>();
    owner.election().candidate("owner", listener(elected));
    await().until(() -> !elected.isEmpty());

    for (ZooKeeperOptions other : List.of(STRANGER, ZooKeeperOptions.DEFAULTS)) {
      ZooKeeperCluster cluster = connect(other);
      assertThat(cluster.topologyStore().read()).isEqualTo(topology);
      assertThat(cluster.routers()).hasSize(1);
      assertThatThrownBy(() -> cluster.topologyStore().compareAndSet(topology.next()))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining("not allowed")
          .hasMessageNotContaining("secret");
      assertThatThrownBy(() -> cluster.join(new RouterDescription("evil", 2, "1.0")))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining("not allowed");
    }
    assertThatThrownBy(() -> nodes.set("/shardwright/prod/topology", new byte[0]))
        .isInstanceOf(KeeperException.NoAuthException.class);
    assertThat(owner.topologyStore().read()).isEqualTo(topology);
    Topology next = topology.next().withoutMove(9).withoutKeyspace("events");
    assertThat(owner.topologyStore().compareAndSet(next))
        .isEqualTo(new CompareAndSet.Applied(new Epoch(2)));
  }

  @Test
  void noNodeIsLeftOpen() throws Exception {
    ZooKeeperCluster owner = connect(OWNER);
    owner.topologyStore().compareAndSet(TestTopologies.everything());
    owner.join(new RouterDescription("host", 1, "1.0"));
    List<String> elected = new CopyOnWriteArrayList<>();
    owner.election().candidate("owner", listener(elected));
    await().until(() -> !elected.isEmpty());
    assertNotOpen("/shardwright");
  }

  @Test
  void passwordsAreNotShown() {
    ZooKeeperOptions.Tls tls =
        new ZooKeeperOptions.Tls(
            Path.of("trust.p12"),
            "secret-3",
            Optional.of(new ZooKeeperOptions.KeyStore(Path.of("key.p12"), "secret-4")));
    assertThat(OWNER.withTls(tls).toString()).contains("owner", "key.p12").doesNotContain("secret");
  }

  @Test
  void aConnectionMayBeEncryptedAndBothSidesMayBeAskedWhoTheyAre() {
    try (TlsZooKeeperServer secure = TlsZooKeeperServer.start()) {
      ZooKeeperOptions.Tls tls =
          new ZooKeeperOptions.Tls(
              secure.trustStore(),
              TlsZooKeeperServer.PASSWORD,
              Optional.of(
                  new ZooKeeperOptions.KeyStore(secure.keyStore(), TlsZooKeeperServer.PASSWORD)));
      connectString = secure.connectString();
      // The first handshake of a JVM takes many seconds where all processors are busy.
      ZooKeeperOptions patient =
          ZooKeeperOptions.DEFAULTS.withConnectDeadline(Duration.ofSeconds(30));
      ZooKeeperCluster cluster = connect(patient.withTls(tls));
      Topology topology = TestTopologies.everything();
      cluster.topologyStore().compareAndSet(topology);
      assertThat(cluster.topologyStore().read()).isEqualTo(topology);

      ZooKeeperOptions impatient =
          ZooKeeperOptions.DEFAULTS.withConnectDeadline(Duration.ofSeconds(1));
      assertThatThrownBy(() -> connect(impatient))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining("plain text");
      ZooKeeperOptions.Tls anonymous =
          new ZooKeeperOptions.Tls(
              secure.trustStore(), TlsZooKeeperServer.PASSWORD, Optional.empty());
      assertThatThrownBy(() -> connect(impatient.withTls(anonymous)))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining("TLS")
          .hasMessageContaining("trust.p12")
          .hasMessageContaining("there is no key store");
    }
  }

  private void assertNotOpen(String path) throws Exception {
    assertThat(nodes.acl(path))
        .as(path)
        .hasSize(2)
        .containsAll(ZooDefs.Ids.READ_ACL_UNSAFE)
        .doesNotContainAnyElementsOf(ZooDefs.Ids.OPEN_ACL_UNSAFE);
    for (String child : nodes.children(path)) {
      assertNotOpen(path + "/" + child);
    }
  }

  private ZooKeeperCluster connect(ZooKeeperOptions options) {
    ZooKeeperCluster cluster = ZooKeeperCluster.connect(connectString, "prod", options);
    clusters.add(cluster);
    return cluster;
  }

  private static LeaderElection.Listener listener(List<String> elected) {
    return new LeaderElection.Listener() {
      @Override
      public void elected(FencingToken token) {
        elected.add("elected " + token);
      }

      @Override
      public void dismissed() {
        elected.add("dismissed");
      }
    };
  }
}
