package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.admin.ChangeFailed;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An endpoint's URL says how the connection is encrypted and whose certificate is trusted. */
class TlsIT {
  private static final String CLUSTER = "encrypted";

  private static PostgresServer encrypted;
  private static PostgresServer stranger;

  @BeforeAll
  static void start() {
    encrypted =
        PostgresServer.start(
            PostgresOptions.DEFAULTS.withSuperuser("postgres", "the secret").withTls());
    stranger = PostgresServer.start(PostgresOptions.DEFAULTS.withTls());
  }

  @AfterAll
  static void stop() {
    encrypted.close();
    stranger.close();
  }

  @Test
  void speaksOnlyToAServerWhoseCertificateItTrusts() {
    String zooKeeper = ZooKeeperServer.shared().connectString();
    CredentialsProvider credentials =
        (shard, endpoint, role) -> Credentials.of(encrypted.user(), encrypted.password());
    try (ClusterAdmin admin =
        ClusterAdmin.connect(
            zooKeeper,
            CLUSTER,
            ZooKeeperOptions.DEFAULTS,
            credentials,
            ClusterAdminOptions.DEFAULTS)) {
      admin.init();
      assertThatThrownBy(() -> admin.addShard(shard("s1", stranger.certificate())))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("s1")
          .hasMessageContaining("SSL error")
          .hasMessageNotContaining(encrypted.password());
      admin.addShard(shard("s1", encrypted.certificate()));
      admin.createKeyspace(NewKeyspace.hash("shop", KeyType.BIGINT));
    }
    try (ShardRouter router =
        ShardRouter.connect(
            zooKeeper, CLUSTER, RouterOptions.DEFAULTS.withCredentials(credentials))) {
      assertThat(
              router
                  .keyspace("shop")
                  .on(1L)
                  .queryOne(
                      "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
                      row -> row.getBoolean(1)))
          .contains(true);
    }
    trust(zooKeeper, stranger.certificate());
    try (ShardRouter router =
        ShardRouter.connect(
            zooKeeper, CLUSTER, RouterOptions.DEFAULTS.withCredentials(credentials))) {
      assertThatThrownBy(
              () -> router.keyspace("shop").on(1L).queryOne("select 1", row -> row.getInt(1)))
          .isInstanceOf(ShardUnavailable.class)
          .hasMessageContaining("s1")
          .hasMessageContaining("SSL error")
          .hasMessageNotContaining(encrypted.password());
    }
  }

  /** As an operator may write it who knows better than the administration. */
  private static void trust(String zooKeeper, Path certificate) {
    try (ZooKeeperCluster cluster = ZooKeeperCluster.connect(zooKeeper, CLUSTER)) {
      TopologyStore store = cluster.topologyStore();
      Topology now = store.read();
      assertThat(
              store.compareAndSet(
                  now.withShard(shard("s1", certificate)).withEpoch(now.epoch().next())))
          .isInstanceOf(CompareAndSet.Applied.class);
    }
  }

  private static Shard shard(String id, Path trusted) {
    String url = encrypted.url() + "?sslmode=verify-full&sslrootcert=" + trusted;
    return Shard.of(ShardId.of(id), new Endpoint(url, encrypted.user()));
  }
}
