package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.ring.ShardId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnterIT {
  private static final String LOCKS =
      "select objid from pg_locks where locktype = 'advisory' and granted and mode = 'ShareLock'"
          + " and objsubid = 2 and database = (select oid from pg_database where datname ="
          + " current_database()) and classid = "
          + AdvisoryLocks.ROUTER;

  private TestCluster cluster;

  @BeforeEach
  void aShard() throws SQLException {
    cluster = TestCluster.of("", "s1");
  }

  @AfterEach
  void close() throws SQLException {
    cluster.close();
  }

  @Test
  void answersTheIdentityAndHoldsTheRoutersLockWhileTheSessionLives() throws SQLException {
    try (Connection session = cluster.connect("s1", "app")) {
      assertThat(enter(session, 7, 1)).isEqualTo("test/s1");
      session.createStatement().execute("begin; rollback");
      assertThat(cluster.query("s1", LOCKS)).containsExactly("7");
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(cluster.query("s1", LOCKS)).isEmpty());
  }

  @Test
  void takesNoLockForSessionsThatCannotBeToldApart() throws SQLException {
    try (Connection session = cluster.connect("s1", "app")) {
      assertThat(enter(session, 0, 1)).isEqualTo("test/s1");
      assertThat(cluster.query("s1", LOCKS)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
  void refusesEpochsBelowTheMinimumUnderEveryIsolation(String isolation) throws SQLException {
    cluster.asAdmin("s1", "select shardwright.raise_minimum_epoch(5)");
    try (Connection session = cluster.connect("s1", "app")) {
      setDefaultIsolation(session, isolation);
      assertThat(enter(session, 7, 5)).isEqualTo("test/s1");
      assertThatThrownBy(() -> enter(session, 7, 4))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.STALE_EPOCH))
          .hasMessageContaining("epoch 4")
          .hasMessageContaining("\"minimumEpoch\" : 5");
    }
  }

  @Test
  void seesAMinimumRaisedAfterItsSnapshot() throws SQLException {
    try (Connection session = cluster.connect("s1", "app");
        Statement statement = session.createStatement()) {
      statement.execute("begin isolation level repeatable read");
      statement.execute("select count(*) from pg_class");
      cluster.asAdmin("s1", "select shardwright.raise_minimum_epoch(5)");
      assertThatThrownBy(() -> enter(session, 7, 4)).hasMessageContaining("epoch 5 and later");
    }
  }

  @Test
  void raisesTheMinimumOnly() throws SQLException {
    assertThat(cluster.query("s1", "select shardwright.raise_minimum_epoch(9)"))
        .containsExactly("9");
    assertThat(cluster.query("s1", "select shardwright.raise_minimum_epoch(8)"))
        .containsExactly("9");
    assertThat(cluster.query("s1", "select last_value from shardwright.minimum_epoch"))
        .containsExactly("9");
  }

  @Test
  void refusesAServerThatWasPromotedSinceTheMinimumWasAsserted() throws SQLException {
    cluster.asAdmin("s1", "select shardwright.raise_minimum_epoch(5)");
    // As a promotion would leave it: the assertion stands on another timeline than the server.
    cluster.asAdmin("s1", "select setval('shardwright.asserted_timeline', 77)");
    try (Connection session = cluster.connect("s1", "app")) {
      assertThatThrownBy(() -> enter(session, 7, 5))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.TIMELINE_CHANGED))
          .hasMessageContaining("shardwright.readmit");
      cluster.asAdmin("s1", "select shardwright.raise_minimum_epoch(6)");
      assertThatThrownBy(() -> enter(session, 7, 6)).hasMessageContaining("timeline 1");
      assertThat(cluster.query("s1", "select shardwright.readmit(5)")).containsExactly("6");
      assertThatThrownBy(() -> enter(session, 7, 6)).hasMessageContaining("timeline 1");
      assertThat(cluster.query("s1", "select shardwright.readmit(6)")).containsExactly("6");
      assertThat(enter(session, 7, 6)).isEqualTo("test/s1");
    }
  }

  @Test
  void admitsNobodyAfterAPromotionAndHalfAReadmission() throws SQLException {
    cluster.asAdmin("s1", "select setval('shardwright.asserted_timeline', 77)");
    cluster.asAdmin("s1", "alter sequence shardwright.minimum_epoch maxvalue 8");
    assertThatThrownBy(() -> cluster.asAdmin("s1", "select shardwright.readmit(9)"))
        .hasMessageContaining("out of bounds");
    try (Connection session = cluster.connect("s1", "app")) {
      assertThatThrownBy(() -> enter(session, 7, 9)).hasMessageContaining("timeline");
    }
  }

  @Test
  void refusesADatabaseThatIsNoShardAnyMore() throws SQLException {
    cluster.admin.removeShard(ShardId.of("s1"));
    try (Connection session = cluster.connect("s1", "app")) {
      assertThatThrownBy(() -> enter(session, 7, 1))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.WRONG_DATABASE));
    }
  }

  @Test
  void letsTheAppRoleDoNothingElse() {
    for (String forbidden :
        List.of(
            "select shardwright.raise_minimum_epoch(5)",
            "select shardwright.readmit(5)",
            "select shardwright.timeline()",
            "select setval('shardwright.minimum_epoch', 5)",
            "select last_value from shardwright.minimum_epoch",
            "update shardwright.identity set shard = 'other'",
            "select * from shardwright.identity",
            "delete from shardwright.guard",
            "create table shardwright.mine ()",
            "drop function shardwright.enter(int4, int8)")) {
      assertThatThrownBy(() -> cluster.asApp("s1", forbidden))
          .as(forbidden)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    }
  }

  @Test
  void isNotFooledByTheSearchPath() throws SQLException {
    cluster.asAdmin(
        "s1",
        "create schema evil; grant usage on schema evil to app;"
            + " create function evil.pg_advisory_lock_shared(int4, int4) returns void"
            + " language sql as ''");
    try (Connection session = cluster.connect("s1", "app")) {
      session.createStatement().execute("set search_path = evil, pg_catalog");
      assertThat(enter(session, 8, 1)).isEqualTo("test/s1");
      assertThat(cluster.query("s1", LOCKS)).containsExactly("8");
    }
  }

  private static void setDefaultIsolation(Connection session, String isolation)
      throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("set default_transaction_isolation = '" + isolation + "'");
    }
  }

  private static String enter(Connection session, int router, long epoch) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row =
            statement.executeQuery("select shardwright.enter(%d, %d)".formatted(router, epoch))) {
      row.next();
      return row.getString(1);
    }
  }
}
