package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.data.ACL;

/**
 * A client with a session, how it is opened, and what others may do with the nodes that it creates.
 * Thread-safe.
 */
final class Connection implements AutoCloseable {
  private static final int RETRIES = 5;
  private static final int FIRST_RETRY_MILLIS = 100;
  private static final int LAST_RETRY_MILLIS = 2_000;
  private static final String FAREWELL_MILLIS = "1000";

  private final CuratorFramework curator;
  private final Handles handles;

  private Connection(CuratorFramework curator, Handles handles) {
    this.curator = curator;
    this.handles = handles;
  }

  /** What requests are made with. */
  CuratorFramework curator() {
    return curator;
  }

  /** Ends the session. Safe to call twice. */
  @Override
  public void close() {
    curator.close();
    handles.close();
  }

  /**
   * A client with a session; it opens the next one by itself when this one has expired.
   *
   * @throws IllegalArgumentException if the connect string is not valid
   * @throws TopologyUnavailable if there is none in time
   */
  static Connection open(String connectString, ZooKeeperOptions options) {
    ConnectString.check(connectString);
    Handles handles = new Handles();
    CuratorFramework curator = client(connectString, options, handles);
    Connection connection = new Connection(curator, handles);
    boolean connected = false;
    try {
      curator.start();
      connected =
          curator.blockUntilConnected(
              Math.toIntExact(options.connectDeadline().toMillis()), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopologyUnavailable(
          "interrupted while connecting to ZooKeeper at " + connectString, e);
    } finally {
      if (!connected) {
        connection.close();
      }
    }
    if (!connected) {
      throw new TopologyUnavailable(
          "no connection to ZooKeeper at %s within %s ms: check that it runs, has a quorum, and speaks %s"
              .formatted(
                  connectString,
                  options.connectDeadline().toMillis(),
                  options.tls().map(Connection::terms).orElse("plain text on these ports")),
          null);
    }
    return connection;
  }

  /** What must be right for TLS: the client does not tell which of it is not. */
  private static String terms(ZooKeeperOptions.Tls tls) {
    return "TLS on these ports, that trust store %s opens with its password and trusts the servers' certificates, that those name the servers' hosts, and that %s"
        .formatted(
            tls.trustStore(),
            tls.key()
                .map(key -> "the servers trust the certificate in " + key.file())
                .orElse("the servers ask for no certificate of ours: there is no key store"));
  }

  /** With a login, nodes can be changed by that identity only, and read by everybody. */
  static List<ACL> acl(ZooKeeperOptions options) {
    return options.login().isEmpty()
        ? ZooDefs.Ids.OPEN_ACL_UNSAFE
        : Stream.of(ZooDefs.Ids.CREATOR_ALL_ACL, ZooDefs.Ids.READ_ACL_UNSAFE)
            .flatMap(List::stream)
            .toList();
  }

  private static CuratorFramework client(
      String connectString, ZooKeeperOptions options, Handles handles) {
    int sessionMillis = Math.toIntExact(options.sessionTimeout().toMillis());
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(connectString)
            .sessionTimeoutMs(sessionMillis)
            .connectionTimeoutMs(sessionMillis)
            .retryPolicy(
                new ExponentialBackoffRetry(FIRST_RETRY_MILLIS, RETRIES, LAST_RETRY_MILLIS))
            // The addresses that the operator gave are the ones that work from here.
            .ensembleTracker(false)
            // A container node is removed once it is empty, and its version begins again.
            .dontUseContainerParents()
            .aclProvider(sameAclEverywhere(acl(options)))
            .zookeeperFactory(handles)
            .zkClientConfig(clientConfig(options));
    options
        .login()
        .ifPresent(
            login ->
                builder.authorization(
                    "digest",
                    (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8)));
    return builder.build();
  }

  private static ACLProvider sameAclEverywhere(List<ACL> acl) {
    return new ACLProvider() {
      @Override
      public List<ACL> getDefaultAcl() {
        return acl;
      }

      @Override
      public List<ACL> getAclForPath(String path) {
        return acl;
      }
    };
  }

  private static ZKClientConfig clientConfig(ZooKeeperOptions options) {
    ZKClientConfig config = new ZKClientConfig();
    // Our requests have deadlines of their own: this one is for the farewell on close.
    config.setProperty(ZKClientConfig.ZOOKEEPER_REQUEST_TIMEOUT, FAREWELL_MILLIS);
    options.tls().ifPresent(tls -> encrypt(config, tls));
    return config;
  }

  private static void encrypt(ZKClientConfig config, ZooKeeperOptions.Tls tls) {
    config.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
    config.setProperty(
        ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
    try (ClientX509Util names = new ClientX509Util()) {
      config.setProperty(names.getSslTruststoreLocationProperty(), tls.trustStore().toString());
      config.setProperty(names.getSslTruststorePasswdProperty(), tls.trustStorePassword());
      tls.key()
          .ifPresent(
              key -> {
                config.setProperty(names.getSslKeystoreLocationProperty(), key.file().toString());
                config.setProperty(names.getSslKeystorePasswdProperty(), key.password());
              });
    }
  }
}
