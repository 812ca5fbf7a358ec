package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens between the comparison of all rows and the change of hands, which may be hours. */
@Timeout(180)
class BlockedCutoverIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ShardId SOURCE = ShardId.of("s-1");
  private static final String IN_RANGE = "hashint8extended(id, 0) >= 0";

  private LiveCluster cluster;
  private Rebalancer rebalancer;
  private Connection writer;
  private int number;

  /** A writer that does not end keeps all attempts from passing the gate. */
  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(500);
    rebalancer = cluster.rebalancer();
    number =
        rebalancer
            .start(
                rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS)),
                new MoveOptions(Duration.ZERO, 40_000, 2, Duration.ofMillis(50)))
            .get(0);
    rebalancer.campaign("one");
    rebalancer.await(number, status -> status.rows() > 0, PATIENCE);
    writer = cluster.connect(SOURCE);
    writer.setAutoCommit(false);
    try (Statement statement = writer.createStatement()) {
      statement.execute("update account set note = 'late' where " + IN_RANGE);
    }
  }

  @AfterEach
  void close() throws Exception {
    writer.close();
    rebalancer.close();
    cluster.close();
  }

  @Test
  void aTableThatIsChangedAfterItsRowsWereComparedDoesNotChangeHands() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    for (String shard : new String[] {"s-1", "s-2"}) {
      cluster.execute(shard, "alter table entry add column extra int");
    }
    writer.rollback();
    MigrationStatus aborted = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(aborted.outcome()).isEqualTo(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(aborted.note())
        .contains("tables [public.entry] were changed on shard s-1 while their rows moved");
    assertThat(cluster.leftOvers(number)).isEmpty();
    assertThat(cluster.count("s-1", "account")).isEqualTo(500);
  }

  @Test
  void theNewOwnerDrawsNoNumberThatTheOldOneDrewMeanwhile() throws Exception {
    rebalancer.await(number, status -> status.attempts() > 0, PATIENCE);
    String sequence = "pg_get_serial_sequence('entry', 'id')";
    long drawn =
        number("s-1", "select max(nextval(" + sequence + ")) from generate_series(1, 150000)");
    int soFar = rebalancer.migration(number).orElseThrow().attempts();
    rebalancer.await(number, status -> status.attempts() > soFar + 1, PATIENCE);
    writer.rollback();
    MigrationStatus done = rebalancer.await(number, MigrationStatus::isOver, PATIENCE);
    assertThat(done.outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
    assertThat(number("s-2", "select nextval(" + sequence + ")")).isGreaterThan(drawn);
  }

  @Test
  void manyAttemptsLeaveFewAcknowledgements() throws Exception {
    MoveAcknowledgements acknowledgements = cluster.cluster.acknowledgements();
    MoveAcknowledgements.Subject earlier =
        new MoveAcknowledgements.Subject(number, 0, /* held= */ true);
    acknowledgements.acknowledge(earlier, 7);
    assertThat(acknowledgements.of(earlier)).isEqualTo(Set.of(7));
    rebalancer.await(number, status -> status.attempts() > 1, PATIENCE);
    assertThat(acknowledgements.of(earlier)).isEmpty();
  }

  private long number(String shard, String query) throws SQLException {
    try (Connection connection = cluster.connect(ShardId.of(shard));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
