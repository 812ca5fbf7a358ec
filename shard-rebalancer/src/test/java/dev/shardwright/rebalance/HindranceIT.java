package dev.shardwright.rebalance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.internal.capture.ObjectNames;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.MigrationDocuments;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterMembership;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What keeps a migration is told while it does, and no longer. */
@Timeout(600)
@Tag("slow")
class HindranceIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private LiveCluster cluster;
  private Rebalancer rebalancer;

  /** What comes before each session of the leader. */
  private volatile Runnable beforeSession = () -> {};

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(3_000);
    rebalancer =
        cluster.rebalancer(
            cluster
                .options()
                .withCredentials(
                    (shard, endpoint, role) -> {
                      beforeSession.run();
                      return cluster.credentials().credentialsFor(shard, endpoint, role);
                    }));
    rebalancer.campaign("one");
  }

  @AfterEach
  void close() throws Exception {
    rebalancer.close();
    cluster.close();
  }

  @Test
  void anAbortSaysForWhichRouterItWaitsAndAtItsEndWhyItWas() throws Exception {
    int number;
    try (RouterMembership router = cluster.cluster.join(new RouterDescription("host", 42, "1.0"));
        Connection session = cluster.connect(ShardId.of("s-1"));
        Statement statement = session.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d, %d)".formatted(AdvisoryLocks.ROUTER, router.number()));
      number = start(Duration.ZERO, Long.MAX_VALUE);
      until(number, "PREPARING", Hindrance.WAITING);
      rebalancer.abort(number);
      assertThat(until(number, "ABORTING", Hindrance.WAITING).note())
          .isEqualTo(
              "waits for routers [%d] to end what they began before".formatted(router.number()));
    }
    assertThat(until(number, "ABORTED", Hindrance.NONE).note()).isEqualTo("asked for");
  }

  /** And an abort does not wait for it. */
  @Test
  void aWriterWhoKeepsTheTriggersFromATableIsNamed() throws Exception {
    int number;
    try (Connection writer = cluster.connect(ShardId.of("s-1"));
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("set application_name = 'writer'; insert into account values (-1)");
      number = start(Duration.ZERO, Long.MAX_VALUE);
      assertThat(until(number, "INSTALLING", Hindrance.WAITING).note())
          .startsWith("waits for session ")
          .contains("application 'writer'")
          .endsWith(" to unlock \"public\".\"account\"");
      rebalancer.abort(number);
      until(number, "ABORTED", Hindrance.NONE);
      writer.rollback();
    }
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /** As a dump of the database does. */
  @Test
  void aReaderWhoKeepsAKeyLogFromBeingDroppedIsNamed() throws Exception {
    int number = start(Duration.ZERO, 4_000);
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    String keyLog = ObjectNames.keyLog(number, 1);
    try (Connection reader = cluster.connect(ShardId.of("s-1"));
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute(
          "set application_name = 'reader'; lock " + keyLog + " in access share mode");
      rebalancer.abort(number);
      assertThat(until(number, "ABORTING", Hindrance.WAITING).note())
          .startsWith("waits for session ")
          .contains("application 'reader'")
          .endsWith(" to unlock " + keyLog);
    }
    assertThat(until(number, "ABORTED", Hindrance.NONE).note()).isEqualTo("asked for");
    assertThat(cluster.leftOvers(number)).isEmpty();
  }

  /** It is registered, so it is not cut off, and all attempts wait for it. */
  @Test
  void aRouterThatDoesNotAcknowledgeAHoldIsNamedByItsNumber() throws Exception {
    int number;
    try (RouterMembership router = cluster.cluster.join(new RouterDescription("host", 42, "1.0"));
        Connection session = cluster.connect(ShardId.of("s-1"));
        Statement statement = session.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d, %d)".formatted(AdvisoryLocks.ROUTER, router.number()));
      number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
      until(number, "PREPARING", Hindrance.WAITING);
      cluster
          .cluster
          .acknowledgements()
          .acknowledge(new Subject(number, 0, /* held= */ false), router.number());
      String others = "routers [%d] to acknowledge the hold".formatted(router.number());
      assertThat(until(number, "CUTTING_OVER", Hindrance.WAITING).note())
          .isEqualTo("waits for " + others);
      assertThat(until(number, "CATCHING_UP", Hindrance.TROUBLE).note())
          .isEqualTo("no attempt kept its budget: it waited for " + others);
    }
    assertThat(until(number, "IN_WINDOW", Hindrance.NONE).note()).isEmpty();
  }

  @Test
  void whatFailedOnceIsToldNoMoreOnceTheCopyGoesWell() throws Exception {
    int number = start(Duration.ZERO, 4_000);
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    endSessions(number);
    assertThat(until(number, "COPYING", Hindrance.TROUBLE).note()).startsWith("failed: ");
    assertThat(until(number, "COPYING", Hindrance.NONE).note()).isEmpty();
  }

  @Test
  void whatIsInTheWayIsToldNoMoreOnceItIsGone() throws Exception {
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    until(number, "IN_WINDOW", Hindrance.NONE);
    String target = nameOf("s-2");
    cluster.execute("s-1", "alter database %s with allow_connections false".formatted(target));
    assertThat(until(number, "IN_WINDOW", Hindrance.TROUBLE).note())
        .startsWith("failed: ")
        .contains("not currently accepting connections");
    cluster.execute("s-1", "alter database %s with allow_connections true".formatted(target));
    assertThat(until(number, "IN_WINDOW", Hindrance.NONE).note()).isEmpty();
    cluster.execute("s-2", "alter table entry drop constraint entry_pkey");
    assertThat(until(number, "IN_WINDOW", Hindrance.TROUBLE).note())
        .startsWith("cannot go on: ")
        .contains("it has no primary key");
    cluster.execute("s-2", "alter table entry add primary key (account, n)");
    assertThat(until(number, "IN_WINDOW", Hindrance.NONE).note()).isEmpty();
  }

  /** What the server says beside its message has the row in it. */
  @Test
  void aRowThatIsRefusedEndsTheMoveAndIsNotTold() throws Exception {
    for (String shard : List.of("s-1", "s-2")) {
      cluster.execute(
          shard, "alter table account add constraint short check (length(note) < 9) not valid");
    }
    int number = start(Duration.ZERO, Long.MAX_VALUE);
    assertThat(until(number, "ABORTED", Hindrance.NONE).note())
        .contains("table public.account", "violates check constraint \"short\"")
        .doesNotContain("xxx")
        .doesNotContain("Failing row");
    assertThat(cluster.count("s-2", "account")).isZero();
  }

  @Test
  void whatTheCredentialsProviderThrowsIsTold() throws Exception {
    RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
    int number = start(Duration.ZERO, 4_000);
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    beforeSession =
        () -> {
          throw new IllegalStateException("no password today");
        };
    endSessions(number);
    String told = "failed: the credentials provider gave none: no password today";
    rebalancer.await(number, status -> status.note().equals(told), PATIENCE);
    assertThat(rebalancer.check(plan).describe()).contains("no password today");
    beforeSession =
        () -> {
          throw new LinkageError("half a class path");
        };
    rebalancer.await(number, status -> status.note().contains("half a class path"), PATIENCE);
    beforeSession = () -> {};
    assertThat(until(number, "COPYING", Hindrance.NONE).note()).isEmpty();
  }

  /** Nothing of the move is there yet that the shard would be kept for. */
  @Test
  void aMoveWhoseTargetIsRemovedBeforeItBeginsIsOver() throws Exception {
    beforeSession =
        () ->
            rebalancer.migrations().stream()
                .filter(status -> status.state().equals("REGISTERING"))
                .forEach(status -> rebalancer.pause(status.number()));
    int number = start(Duration.ZERO, Long.MAX_VALUE);
    until(number, "REGISTERING", Hindrance.PAUSED);
    beforeSession = () -> {};
    cluster.removeShard("s-2");
    rebalancer.resume(number);
    assertThat(until(number, "ABORTED", Hindrance.NONE).note()).contains("shard s-2");
    assertThat(cluster.leftOvers(number)).noneMatch(left -> left.startsWith("s-1"));
  }

  @Test
  void aJournalThatCannotBeReadKeepsNoOtherMigration() throws Exception {
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    until(number, "IN_WINDOW", Hindrance.NONE);
    MigrationDocuments documents = cluster.cluster.migrations();
    int spoilt = documents.newNumber();
    documents.create(spoilt, "spoilt".getBytes(UTF_8), "RUN".getBytes(UTF_8));
    rebalancer.close();
    try (Rebalancer next = cluster.rebalancer()) {
      next.campaign("two");
      next.rollBack(number);
      next.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(next.migrations()).extracting(MigrationStatus::number).containsExactly(number);
      assertThat(next.kept().illegible()).containsOnlyKeys(spoilt);
      assertThat(next.kept().illegible().get(spoilt)).contains("migrations/" + spoilt);
      RebalancePlan plan = next.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      assertThat(next.check(plan).findings().keySet())
          .filteredOn(Finding::isBlocking)
          .singleElement()
          .extracting(Finding::what, InstanceOfAssertFactories.STRING)
          .contains("migration " + spoilt, "migrations/" + spoilt);
      assertThatThrownBy(() -> next.start(plan, MoveOptions.DEFAULTS))
          .isInstanceOf(SteeringRefused.class)
          .hasMessageContaining("migration " + spoilt);
    }
  }

  @Test
  void aWishThatCannotBeReadIsToldWithItsNode() throws Exception {
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    until(number, "IN_WINDOW", Hindrance.NONE);
    MigrationDocuments documents = cluster.cluster.migrations();
    int version = documents.desired(number).orElseThrow().version();
    documents.replaceDesired(number, "FLY".getBytes(UTF_8), version);
    String node = "migrations/%d/desired".formatted(number);
    assertThatThrownBy(() -> rebalancer.migration(number))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining(node);
    assertThat(rebalancer.migrations()).isEmpty();
    assertThat(rebalancer.kept().illegible()).containsOnlyKeys(number);
    assertThat(rebalancer.kept().illegible().get(number)).contains(node);
    documents.replaceDesired(number, "ROLL_BACK".getBytes(UTF_8), version + 1);
    assertThat(until(number, "DONE", Hindrance.NONE).outcome())
        .isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
  }

  /** It has not begun, so that each new leader looks whether it is to be given up. */
  @Test
  void aWishThatCannotBeReadKeepsNoOtherMigrationFromGoingOn() throws Exception {
    int number = start(Duration.ofMinutes(10), Long.MAX_VALUE);
    until(number, "IN_WINDOW", Hindrance.NONE);
    rebalancer.close();
    MigrationDocuments documents = cluster.cluster.migrations();
    try (Rebalancer next = cluster.rebalancer()) {
      Topology topology = cluster.topology();
      long key =
          LongStream.iterate(1, id -> id + 1)
              .filter(id -> cluster.ownerOf(topology, id).value().equals("s-1"))
              .findFirst()
              .orElseThrow();
      RebalanceRequest request =
          new RebalanceRequest.MoveKey(
              new RingId("bank", Region.ALL), String.valueOf(key), ShardId.of("s-2"));
      int waiting = next.start(next.plan(request), MoveOptions.DEFAULTS).get(0);
      int version = documents.desired(waiting).orElseThrow().version();
      documents.replaceDesired(waiting, "FLY".getBytes(UTF_8), version);
      next.campaign("two");
      next.rollBack(number);
      next.await(number, MigrationStatus::isOver, PATIENCE);
      assertThat(next.kept().illegible()).containsOnlyKeys(waiting);
    }
  }

  private String nameOf(String shard) throws SQLException {
    try (Connection connection = cluster.connect(ShardId.of(shard))) {
      return connection.getCatalog();
    }
  }

  private void endSessions(int number) throws SQLException {
    cluster.execute(
        "s-2",
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = '%s'"
                .formatted(new MoverIdentity(number, 0).applicationName())
            + " and datname = current_database()");
  }

  private int start(Duration window, long bytesPerSecond) {
    return rebalancer
        .start(
            rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
            new MoveOptions(window, bytesPerSecond, 2, Duration.ofMillis(500)))
        .get(0);
  }

  private MigrationStatus until(int number, String state, Hindrance hindrance) throws Exception {
    return rebalancer.await(
        number,
        status -> status.state().equals(state) && status.hindrance() == hindrance,
        PATIENCE);
  }
}
