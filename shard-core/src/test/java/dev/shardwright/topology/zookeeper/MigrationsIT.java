package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.zookeeper.MigrationDocuments.Document;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MigrationsIT {
  private static final AtomicInteger CLUSTERS = new AtomicInteger();
  private static ZooKeeperServer server;

  private String name;
  private ZooKeeperCluster cluster;
  private ZooKeeperCluster other;

  @BeforeAll
  static void startServer() {
    server = ZooKeeperServer.start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void connectTwice() {
    name = "migrations-" + CLUSTERS.incrementAndGet();
    cluster = ZooKeeperCluster.connect(server.connectString(), name);
    other = ZooKeeperCluster.connect(server.connectString(), name);
  }

  @AfterEach
  void close() {
    cluster.close();
    other.close();
  }

  @Test
  void aJournalIsReplacedOnlyByWhoKnowsItsNewestVersion() {
    int number = cluster.migrations().newNumber();
    cluster.migrations().create(number, bytes("begun"), bytes("run"));
    Document begun = other.migrations().journal(number).orElseThrow();
    assertThat(text(begun)).isEqualTo("begun");

    Document copied =
        cluster.migrations().replaceJournal(number, bytes("copied"), begun.version()).orElseThrow();
    assertThat(other.migrations().replaceJournal(number, bytes("lost"), begun.version())).isEmpty();
    assertThat(text(other.migrations().journal(number).orElseThrow())).isEqualTo("copied");
    assertThat(other.migrations().replaceJournal(number, bytes("done"), copied.version()))
        .map(Document::version)
        .contains(copied.version() + 1);
  }

  @Test
  void anyProcessMaySayWhatItWants() {
    int number = cluster.migrations().newNumber();
    cluster.migrations().create(number, bytes("begun"), bytes("run"));
    Document desired = other.migrations().desired(number).orElseThrow();
    assertThat(text(desired)).isEqualTo("run");
    assertThat(other.migrations().replaceDesired(number, bytes("pause"), desired.version()))
        .isPresent();
    assertThat(text(cluster.migrations().desired(number).orElseThrow())).isEqualTo("pause");
    assertThat(cluster.migrations().replaceDesired(number, bytes("abort"), desired.version()))
        .isEmpty();
  }

  @Test
  void numbersAreNotGivenAgainAfterAMigrationIsRemoved() {
    int first = cluster.migrations().newNumber();
    cluster.migrations().create(first, bytes("a"), bytes("run"));
    int second = other.migrations().newNumber();
    other.migrations().create(second, bytes("b"), bytes("run"));
    assertThat(cluster.migrations().numbers()).containsExactly(first, second);
    cluster.migrations().remove(second);
    cluster.migrations().remove(second);
    assertThat(other.migrations().numbers()).containsExactly(first);
    assertThat(other.migrations().journal(second)).isEqualTo(Optional.empty());
    assertThat(cluster.migrations().newNumber()).isGreaterThan(second).isGreaterThan(first);
  }

  @Test
  void whatSomebodyElsePutBesideThemIsNoMigration() throws Exception {
    int number = cluster.migrations().newNumber();
    cluster.migrations().create(number, bytes("a"), bytes("run"));
    try (Nodes nodes = new Nodes(server.connectString())) {
      nodes.create(new ClusterPaths(name).migrations() + "/backup");
    }
    assertThat(cluster.migrations().numbers()).containsExactly(number);
  }

  @Test
  void acknowledgementsOutliveTheirRoutersAndAreAboutOneFormOfTheMove() {
    MoveAcknowledgements acknowledgements = cluster.acknowledgements();
    acknowledgements.prepare(7);
    Subject prepared = new Subject(7, 0, false);
    Subject held = new Subject(7, 0, true);
    other.acknowledgements().acknowledge(prepared, 3);
    other.acknowledgements().acknowledge(prepared, 3);
    other.acknowledgements().acknowledge(prepared, 20);
    other.acknowledgements().acknowledge(held, 3);
    assertThat(acknowledgements.of(prepared)).containsExactly(3, 20);
    assertThat(acknowledgements.of(held)).containsExactly(3);
    Subject next = new Subject(7, 12, false);
    other.acknowledgements().acknowledge(next, 3);
    acknowledgements.forgetBefore(next);
    assertThat(acknowledgements.of(prepared)).isEmpty();
    assertThat(acknowledgements.of(held)).isEmpty();
    assertThat(acknowledgements.of(next)).containsExactly(3);
    other.close();
    assertThat(acknowledgements.of(next)).containsExactly(3);
    acknowledgements.forget(7);
    acknowledgements.forget(7);
    assertThat(acknowledgements.of(next)).isEmpty();
  }

  @Test
  void acknowledgingAMoveThatIsOverDoesNothing() {
    cluster.acknowledgements().acknowledge(new Subject(8, 1, false), 3);
    assertThat(cluster.acknowledgements().of(new Subject(8, 1, false))).isEmpty();
  }

  @Test
  void loadsAreReplacedAndGoWithTheSession() {
    other.loads().report(3, bytes("little"));
    other.loads().report(3, bytes("much"));
    assertThat(cluster.loads().all())
        .hasSize(1)
        .hasEntrySatisfying(
            3, load -> assertThat(new String(load, StandardCharsets.UTF_8)).isEqualTo("much"));
    assertThatThrownBy(() -> other.loads().report(3, new byte[RouterLoads.MAX_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    other.close();
    await().until(() -> cluster.loads().all().isEmpty());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Document document) {
    return new String(document.data(), StandardCharsets.UTF_8);
  }
}
