package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.cli.CliCluster.Result;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TlsZooKeeperServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Servers that ask who we are, encrypt, and let each role do no more than it must. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("slow")
class SecuredIT {
  private static final String ADMIN_SECRET = "secret-of-admins";
  private static final String APP_SECRET = "secret-of-apps";
  private static final String OWNER_SECRET = "secret-of-owners";
  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir private static Path directory = Path.of("");
  private static PostgresServer postgres;
  private static TlsZooKeeperServer zooKeeper;

  /** Waits for all of its deadline, and does so beside the other tests. */
  private static CompletableFuture<Result> toStranger;

  private final CliCluster cluster = new CliCluster();
  private final String plain = cluster.zooKeeper();
  private final StringBuilder said = new StringBuilder();

  @BeforeAll
  static void startServers() throws SQLException, IOException {
    postgres =
        PostgresServer.start(PostgresOptions.DEFAULTS.withTls().with("log_connections", "on"));
    postgres.createRole("admin", ADMIN_SECRET);
    postgres.createRole("app", APP_SECRET);
    postgres.execute("grant set on parameter session_replication_role to admin");
    postgres.execute("grant pg_signal_backend, pg_read_all_stats to admin");
    zooKeeper = TlsZooKeeperServer.start();
    Files.copy(postgres.certificate(), other());
    CliCluster cluster = new CliCluster();
    cluster.environment.putAll(environment());
    cluster.environment.put("SHARDWRIGHT_ZOOKEEPER_TRUSTSTORE", other().toString());
    toStranger = CompletableFuture.supplyAsync(() -> cluster.run("status"));
  }

  @AfterAll
  static void stopServers() {
    zooKeeper.close();
    postgres.close();
  }

  @BeforeEach
  void setUp() {
    cluster.environment.putAll(environment());
  }

  private static Map<String, String> environment() {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "SHARDWRIGHT_ZOOKEEPER",
                zooKeeper.connectString(),
                "SHARDWRIGHT_CLUSTER",
                "prod-" + NAMES.incrementAndGet(),
                "SHARDWRIGHT_USER",
                "app",
                "SHARDWRIGHT_PASSWORD",
                APP_SECRET,
                "SHARDWRIGHT_ADMIN_USER",
                "admin",
                "SHARDWRIGHT_ADMIN_PASSWORD",
                ADMIN_SECRET));
    environment.putAll(
        Map.of(
            "SHARDWRIGHT_ZOOKEEPER_USER",
            "owner",
            "SHARDWRIGHT_ZOOKEEPER_PASSWORD",
            OWNER_SECRET,
            "SHARDWRIGHT_ZOOKEEPER_TRUSTSTORE",
            zooKeeper.trustStore().toString(),
            "SHARDWRIGHT_ZOOKEEPER_TRUSTSTORE_PASSWORD",
            TlsZooKeeperServer.PASSWORD,
            "SHARDWRIGHT_ZOOKEEPER_KEYSTORE",
            zooKeeper.keyStore().toString(),
            "SHARDWRIGHT_ZOOKEEPER_KEYSTORE_PASSWORD",
            TlsZooKeeperServer.PASSWORD));
    return environment;
  }

  @AfterEach
  void nothingSecretWasSaid() {
    assertThat(said.toString())
        .isNotEmpty()
        .doesNotContain(ADMIN_SECRET, APP_SECRET, OWNER_SECRET, TlsZooKeeperServer.PASSWORD);
  }

  @Test
  void everythingWorksEncryptedAndWithTheLeastRights() throws Exception {
    run("init").done();
    run("shard", "add", "s1", "--url", database(CliCluster.ORDERS)).done();
    run("shard", "add", "s2", "--url", database(CliCluster.ORDERS)).done();
    run("keyspace", "create", "shop", "--strategy", "hash", "--key-type", "bigint").done();
    run("table", "add", "shop", "orders", "--key", "user_id").done();
    Path orders =
        Files.writeString(
            directory.resolve("orders.csv"),
            IntStream.rangeClosed(1, 3_000)
                .mapToObj(i -> i + "," + i + ",x\n")
                .collect(Collectors.joining("", "user_id,id,note\n", "")));
    run("load", "orders", orders.toString()).done();
    run("shard", "add", "s3", "--url", database(""), "--create-tables").done();
    run("rebalance", "--yes", "--max-pause", "1s", "--rollback-window", "0", "--wait", "clean")
        .done();
    assertThat(run("query", "select count(*), sum(id) from orders").done().out())
        .contains("3000  4501500");
    assertThat(run("status").done().out()).contains("s3", "sslmode=verify-full");
    run("skew").done();
    assertThat(run("doctor").done().out()).contains("healthy  yes");
    run("fsck").done();

    assertThat(postgres.log().lines())
        .filteredOn(line -> line.contains("connection authorized: user=a"))
        .anyMatch(line -> line.contains("user=app"))
        .anyMatch(line -> line.contains("user=admin"))
        .allMatch(line -> line.contains("SSL enabled"));
  }

  /** Without certificates: where ZooKeeper asks for them, a certificate is an identity as well. */
  @Test
  void whoIsNotTheOwnerMayLookAndChangesNothing() throws Exception {
    cluster.environment.keySet().removeIf(name -> name.contains("STORE"));
    cluster.environment.put("SHARDWRIGHT_ZOOKEEPER", plain);
    run("init").done();
    run("shard", "add", "s1", "--url", database(CliCluster.ORDERS)).done();
    cluster.environment.put("SHARDWRIGHT_ZOOKEEPER_USER", "stranger");
    assertThat(run("status").done().out()).contains("s1");
    run("shard", "weight", "s1", "200")
        .refused("not allowed", "use the identity that set the cluster up");
    run("shard", "drain", "s1").refused("not allowed");
    cluster.environment.put("SHARDWRIGHT_ZOOKEEPER_USER", "owner");
    assertThat(run("shard", "show", "s1").done().out()).contains("weight    100");
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void aZooKeeperWhoseCertificateNobodySignedIsNotSpokenTo() throws Exception {
    heard(toStranger.get(60, TimeUnit.SECONDS))
        .refused(zooKeeper.connectString(), "speaks TLS", "trust store " + other(), "key.p12");
  }

  /** Trusts nobody who speaks for ZooKeeper. */
  private static Path other() {
    return directory.resolve("other.pem");
  }

  @Test
  void aDatabaseWhoseCertificateNobodySignedBecomesNoShard() throws Exception {
    run("init").done();
    String url = database(CliCluster.ORDERS);
    String other = url.replace(postgres.certificate().toString(), pem(zooKeeper).toString());
    assertThat(run("shard", "add", "s1", "--url", other).is(1).err())
        .contains("shard s1", "PKIX", "signed by what sslrootcert of the URL names");
    assertThat(run("shard", "list").done().out()).contains("(none)");
  }

  @Test
  void aWrongPasswordOfEitherRoleIsNamed() throws Exception {
    run("init").done();
    String url = database(CliCluster.ORDERS);
    cluster.environment.put("SHARDWRIGHT_ADMIN_PASSWORD", "wrong");
    run("shard", "add", "s1", "--url", url).refused("shard s1", "admin", "password");
    cluster.environment.put("SHARDWRIGHT_ADMIN_PASSWORD", ADMIN_SECRET);
    run("shard", "add", "s1", "--url", url).done();
    cluster.environment.put("SHARDWRIGHT_PASSWORD", "wrong");
    assertThat(run("doctor").is(1).out()).contains("app role", "s1", "password");
  }

  @Test
  void loginAndEncryptionMayComeFromOptionsAndTheFile() throws Exception {
    run("init").done();
    run("shard", "add", "s1", "--url", database(CliCluster.ORDERS)).done();
    cluster.environment.keySet().removeIf(name -> name.startsWith("SHARDWRIGHT_ZOOKEEPER"));
    Path passwords =
        Files.writeString(
            directory.resolve("passwords.properties"),
            """
            zookeeper=%s
            zookeeper.password=%s
            zookeeper.truststore.password=%s
            zookeeper.keystore.password=%s
            """
                .formatted(
                    zooKeeper.connectString(),
                    OWNER_SECRET,
                    TlsZooKeeperServer.PASSWORD,
                    TlsZooKeeperServer.PASSWORD));
    run(
            "shard",
            "weight",
            "s1",
            "200",
            "--config",
            passwords.toString(),
            "--zookeeper-user",
            "owner",
            "--zookeeper-truststore",
            zooKeeper.trustStore().toString(),
            "--zookeeper-keystore",
            zooKeeper.keyStore().toString())
        .done();
    Files.writeString(
        passwords,
        Files.readString(passwords)
            + "zookeeper.user=owner\nzookeeper.truststore=%s\nzookeeper.keystore=%s\n"
                .formatted(zooKeeper.trustStore(), zooKeeper.keyStore()));
    run("shard", "weight", "s1", "300", "--config", passwords.toString()).done();
  }

  private Result run(String... args) {
    return heard(cluster.run(args));
  }

  private Result heard(Result result) {
    said.append(result.out()).append(result.err());
    return result;
  }

  /** A database of the admin role, whose tables the app role may use and not change. */
  private static String database(String ddl) throws SQLException {
    String name = "orders_" + NAMES.incrementAndGet();
    postgres.createDatabase(name);
    postgres.execute("alter database %s owner to admin".formatted(name));
    String url =
        "%s?sslmode=verify-full&sslrootcert=%s"
            .formatted(postgres.url(name), postgres.certificate());
    List<String> statements = new ArrayList<>();
    statements.add(
        "alter default privileges grant select, insert, update, delete on tables to app");
    if (!ddl.isEmpty()) {
      statements.add(ddl);
    }
    try (Connection connection = DriverManager.getConnection(url, "admin", ADMIN_SECRET);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
    return url;
  }

  private static Path pem(TlsZooKeeperServer server) throws IOException, GeneralSecurityException {
    byte[] certificate =
        KeyStore.getInstance(
                server.trustStore().toFile(), TlsZooKeeperServer.PASSWORD.toCharArray())
            .getCertificate("node")
            .getEncoded();
    return Files.writeString(
        directory.resolve("zookeeper.pem"),
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(certificate)));
  }
}
