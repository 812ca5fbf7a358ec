package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.cutover.MoveTopology;
import dev.shardwright.rebalance.internal.cutover.RouterWatch;
import dev.shardwright.rebalance.internal.database.Timeline;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MoveContextIT {
  private static final ShardId S = ShardId.of("s");
  private static final ShardId T = ShardId.of("t");

  /** A server may be replaced while no session is open that would break. */
  @Test
  void opensNoSessionOnAServerThatWasReplacedSince() throws Exception {
    try (TestDatabase source = shard(S);
        TestDatabase target = shard(T);
        ZooKeeperCluster cluster =
            ZooKeeperCluster.connect(ZooKeeperServer.shared().freshConnectString(), "test")) {
      MoveContext context = context(source, target, cluster);
      long present;
      try (Connection connection = context.open(S)) {
        present = Timeline.of(connection);
      }
      assertThatCode(context.on(Map.of(S, present, T, present))::checkServers)
          .doesNotThrowAnyException();
      MoveContext sourceReplaced = context.on(Map.of(S, present - 1, T, present));
      assertRefused("s", sourceReplaced::checkServers);
      assertRefused("s", () -> sourceReplaced.open(S));
      assertRefused("s", () -> sourceReplaced.openBriskly(S));
      assertRefused("s", () -> sourceReplaced.sessions(S).open());
      assertRefused("t", context.on(Map.of(S, present, T, present - 1))::checkServers);
    }
  }

  /** Work that is paused, or waits for a replica, keeps its sessions and goes on with them. */
  @Test
  void whatRestsKeepsItsSessionsForADayAndWhatIsOnTheWayToACutoverForAMoment() throws Exception {
    try (TestDatabase source = shard(S);
        TestDatabase target = shard(T);
        ZooKeeperCluster cluster =
            ZooKeeperCluster.connect(ZooKeeperServer.shared().freshConnectString(), "test")) {
      MoveContext context = context(source, target, cluster);
      try (Connection patient = context.open(S);
          Connection brisk = context.openBriskly(S)) {
        assertThat(setting(patient, "idle_session_timeout")).isEqualTo("1d");
        assertThat(setting(patient, "idle_in_transaction_session_timeout")).isEqualTo("1min");
        assertThat(setting(patient, "tcp_keepalives_idle")).isEqualTo("60");
        assertThat(setting(brisk, "idle_session_timeout")).isEqualTo("30s");
        assertThat(setting(brisk, "idle_in_transaction_session_timeout")).isEqualTo("2s");
      }
    }
  }

  /** Whatever a database, or a role, says of them: what the mover does must not depend on it. */
  @Test
  void settingsThatChangeValuesOrKeepItFromWorkingAreItsOwn() throws Exception {
    try (TestDatabase source = shard(S);
        TestDatabase target = shard(T);
        ZooKeeperCluster cluster =
            ZooKeeperCluster.connect(ZooKeeperServer.shared().freshConnectString(), "test")) {
      for (String setting :
          List.of(
              "lc_monetary = 'C.UTF-8'",
              "xmloption = document",
              "synchronous_commit = off",
              "transaction_timeout = '1s'",
              "array_nulls = off",
              "default_transaction_isolation = serializable",
              "default_transaction_deferrable = on",
              "default_transaction_read_only = on")) {
        setForAll(source, setting);
      }
      try (Connection connection = context(source, target, cluster).open(S)) {
        assertThat(setting(connection, "transaction_read_only")).isEqualTo("off");
        assertThat(setting(connection, "transaction_isolation")).isEqualTo("read committed");
        assertThat(setting(connection, "transaction_deferrable")).isEqualTo("off");
        assertThat(setting(connection, "array_nulls")).isEqualTo("on");
        assertThat(setting(connection, "lc_monetary")).isEqualTo("C");
        assertThat(setting(connection, "xmloption")).isEqualTo("content");
        assertThat(setting(connection, "synchronous_commit")).isEqualTo("on");
        assertThat(setting(connection, "transaction_timeout")).isIn("0", null);
      }
    }
  }

  /** Where the server has it. */
  private static void setForAll(TestDatabase database, String setting) throws SQLException {
    String name = setting.substring(0, setting.indexOf(' '));
    try (Connection connection = database.connect()) {
      if (setting(connection, name) != null) {
        database.execute("alter database %s set %s".formatted(database.name(), setting));
      }
    }
  }

  /** Null if the server does not have it. */
  private static @Nullable String setting(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select current_setting('" + name + "', true)")) {
      row.next();
      return row.getString(1);
    }
  }

  private static void assertRefused(String shard, ThrowingCallable work) {
    assertThatThrownBy(work)
        .hasMessageContaining("the server of shard " + shard + " was replaced")
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.TIMELINE_CHANGED));
  }

  private static TestDatabase shard(ShardId id) throws SQLException {
    TestDatabase database = PostgresServer.shared().freshDatabase();
    try (Connection connection = database.connect()) {
      SchemaInstaller.claim(connection, new DatabaseIdentity("test", id));
    }
    return database;
  }

  private static MoveContext context(
      TestDatabase source, TestDatabase target, ZooKeeperCluster cluster) {
    Migration migration =
        Migration.planned(
            1,
            "shop",
            Region.ALL,
            new RangeTransfer(S, T, KeyRangeSet.ALL),
            Optional.empty(),
            "why",
            MoveOptions.DEFAULTS,
            Instant.EPOCH);
    Topology shards =
        Topology.INITIAL
            .withShard(Shard.of(S, new Endpoint(source.url(), source.user())))
            .withShard(Shard.of(T, new Endpoint(target.url(), target.user())));
    CredentialsProvider credentials =
        (shard, endpoint, role) -> Credentials.of(source.user(), source.password());
    return new MoveContext(
        migration,
        1,
        shards,
        credentials,
        new MoveTopology(cluster.topologyStore(), 1, 1, () -> true),
        new RouterWatch(cluster, routers -> {}));
  }
}
