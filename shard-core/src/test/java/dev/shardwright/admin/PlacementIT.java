package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Keys below 500 belong on s1, the others on s2, until a test moves them. */
@Tag("slow")
class PlacementIT {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");
  private static final String T = "create table public.t (k bigint primary key, v int)";
  private static final String INSERT_7 = "insert into t values (7, 1)";

  private final InterferingStore store = new InterferingStore();
  private TestCluster cluster;

  @BeforeEach
  void twoShards() throws SQLException {
    cluster = new TestCluster(store);
    cluster.admin.init();
    cluster.admin.addShard(cluster.database("s1", T));
    cluster.admin.addShard(cluster.database("s2", T));
    cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
    cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
  }

  @AfterEach
  void close() throws SQLException {
    cluster.close();
  }

  @Test
  void leavesRangesThatMoveWhereTheyAre() throws SQLException {
    Topology moving = cluster.beginMove(3, "ks", "s1", "s2");
    cluster.admin.setWeight(S2, 1000);
    for (ThrowingCallable change :
        List.<ThrowingCallable>of(
            () -> cluster.admin.pin("ks", "7", S2), () -> cluster.admin.layOut("ks"))) {
      assertThatThrownBy(change)
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("ranges of keyspace ks move, by migrations [3]: wait for them")
          .hasMessageContaining("or abort them");
    }
    cluster.admin.pin("ks", "501", S1);
    assertThat(cluster.admin.topology().moves()).isEqualTo(moving.moves());
  }

  @Test
  void dropsNoKeyspaceWhoseRangesMove() {
    cluster.admin.unregisterTable(TableName.of("t"));
    cluster.beginMove(3, "ks", "s1", "s2");
    assertThatThrownBy(() -> cluster.admin.dropKeyspace("ks"))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining("ranges of keyspace ks move, by migrations [3]: wait for them")
        .hasMessageContaining("or abort them");
  }

  @Test
  void createsAKeyspaceAgainWithoutAChange() {
    NewKeyspace wanted = NewKeyspace.hash("again", KeyType.BIGINT);
    AdminOutcome first = cluster.admin.createKeyspace(wanted);
    assertThat(cluster.admin.createKeyspace(wanted)).isEqualTo(first);
    assertThatThrownBy(() -> cluster.admin.createKeyspace(wanted.withVirtualNodes(7)))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining("there is a keyspace again already");
  }

  @Test
  void namesSplitKeysThatDoNotAscend() {
    for (String second : List.of("700", "500")) {
      NewKeyspace wanted = NewKeyspace.range("rs", KeyType.BIGINT, List.of("700", second));
      assertThatThrownBy(() -> cluster.admin.createKeyspace(wanted))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("split keys of keyspace rs must ascend: %s comes after 700", second);
    }
  }

  /** Who registers it with another key at the same time and loses has guards there by then. */
  @Test
  void guardsATableAsTheWinnerOfTwoRegistrationsSays() throws SQLException {
    String other = "create table public.u (k bigint, v bigint, primary key (k, v))";
    for (String shard : List.of("s1", "s2")) {
      cluster.asAdmin(shard, other + "; grant insert on public.u to app");
    }
    ShardedTable byOther = GuardIT.keyed("u", "v");
    store.next(
        wanted -> {
          store.next(loses -> new CompareAndSet.Unknown("the loser's answer is lost"));
          assertThatThrownBy(() -> cluster.admin.registerTable("ks", byOther))
              .isInstanceOf(ChangeFailed.class);
          return store.behind().compareAndSet(wanted);
        });
    cluster.admin.registerTable("ks", GuardIT.keyed("u", "k"));
    cluster.asApp("s1", "insert into u values (1, 700)");
    GuardIT.assertRefused(cluster, "s1", "insert into u values (700, 1)");
    cluster.asApp("s2", "insert into u values (700, 1)");
  }

  @Test
  void pinsAKeyAndGivesItBack() throws SQLException {
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
    assertThat(cluster.admin.pin("ks", "7", S2).epoch())
        .isEqualTo(cluster.admin.topology().epoch());

    cluster.admin.unpin("ks", "7");
    assertOnlyAccepts("s1", "s2");
  }

  @Test
  void refusesAPinWithRowsInTheWay() throws SQLException {
    cluster.asApp("s1", "insert into t values (6, 1), (7, 1), (8, 1)");
    Topology before = cluster.admin.topology();
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining("1 rows of public.t on shard s1, one with key '7'")
        .hasMessageContaining("the rebalancer");
    assertThat(cluster.admin.topology()).isEqualTo(before);
    cluster.asApp("s1", "update t set v = 2 where k = 7");
  }

  @Test
  void refusesLeftOversThatWouldRiseAgain() throws SQLException {
    GuardIT.leaveOver(cluster, "s2", 7);
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining("1 rows of public.t on shard s2");
  }

  @Test
  void waitsForTheWriterInsideAndReopensWhatItClosed() throws SQLException {
    try (ClusterAdmin impatient = cluster.impatientAdmin();
        Connection writer = cluster.connect("s1", "app")) {
      writer.setAutoCommit(false);
      writer.createStatement().execute(INSERT_7);
      assertThatThrownBy(() -> impatient.pin("ks", "7", S2))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("no lock within 500 ms");
      writer.commit();
    }
    cluster.asApp("s1", "delete from t");
    assertOnlyAccepts("s1", "s2");
  }

  @Test
  void refusesWrongKeysAndNames() {
    assertThatThrownBy(() -> cluster.admin.pin("ks", "seven", S2)).hasMessageContaining("seven");
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", ShardId.of("s9")))
        .hasMessageContaining("there is no shard s9; the cluster has [s1, s2]");
    assertThatThrownBy(() -> cluster.admin.pin("ks", Region.of("eu"), "7", S2))
        .hasMessageContaining("no region 'eu'");
  }

  @Test
  void refusesAShardOfAnotherRegionBeforeItClosesAnything() throws SQLException {
    String ddl = "create table public.t (k bigint, region text, primary key (k, region))";
    try (TestCluster regional = TestCluster.of("")) {
      for (String region : List.of("eu", "us")) {
        Shard shard = regional.database(region + "-1", ddl).withRegion(Region.of(region));
        regional.admin.addShard(shard);
      }
      regional.admin.createKeyspace(
          NewKeyspace.hash("ks", KeyType.BIGINT)
              .withRegions(List.of(Region.of("eu"), Region.of("us"))));
      regional.admin.registerTable(
          "ks", new ShardedTable(TableName.of("t"), Optional.of("k"), Optional.of("region")));
      assertThatThrownBy(() -> regional.admin.pin("ks", Region.of("eu"), "7", ShardId.of("us-1")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tokens of region eu to shard us-1 of region us");
      regional.asApp("eu-1", "insert into t values (7, 'eu')");
    }
  }

  @Test
  void reopensWhatItClosedForAChangeThatTheStoreRefuses() throws SQLException {
    store.next(
        wanted -> {
          throw new IllegalArgumentException("too large");
        });
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2)).hasMessage("too large");
    assertOnlyAccepts("s1", "s2");
  }

  @Test
  void reopensWhatItClosedForAChangeThatWasNeverSent() throws SQLException {
    store.next(
        wanted -> {
          throw new TopologyUnavailable("no answer", null);
        });
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2)).hasMessage("no answer");
    assertOnlyAccepts("s1", "s2");
  }

  @Test
  void reopensWhatItClosedAfterAnInterruptAndStaysInterrupted() throws SQLException {
    store.next(
        wanted -> {
          Thread.currentThread().interrupt();
          throw new TopologyUnavailable("interrupted", null);
        });
    store.next(
        repair -> {
          assertThat(Thread.currentThread().isInterrupted()).isFalse();
          return store.behind().compareAndSet(repair);
        });
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2)).hasMessage("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertOnlyAccepts("s1", "s2");
  }

  @Test
  void saysWhatIsClosedWhereItCannotBeOpenedAgain() throws SQLException {
    for (int i = 0; i < 2; i++) {
      store.next(
          wanted -> {
            throw new TopologyUnavailable("no answer", null);
          });
    }
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2))
        .isInstanceOf(ChangeFailed.class)
        .hasMessageContaining("keys of keyspace ks")
        .hasMessageContaining("may be refused by every shard")
        .hasMessageContaining("fsck --repair-guards");
    assertThat(accepts("s1", INSERT_7)).isFalse();
    cluster.admin.repairGuards();
    assertOnlyAccepts("s1", "s2");
  }

  @Test
  void laysAKeyspaceOutAnewOnlyWithoutRowsInTheWay() throws SQLException {
    cluster.admin.createKeyspace(NewKeyspace.hash("hashed", KeyType.BIGINT));
    for (String shard : List.of("s1", "s2")) {
      cluster.asAdmin(
          shard, "create table public.h (k bigint primary key); grant all on public.h to app");
    }
    cluster.admin.registerTable("hashed", GuardIT.keyed("h", "k"));
    cluster.admin.setWeight(S1, 300);
    cluster.asAdmin("s2", "alter table h disable trigger user");
    cluster.asAdmin("s2", "insert into h select generate_series(1, 1000)");
    cluster.asAdmin("s2", "alter table h enable always trigger zz_shardwright_guard");
    assertThatThrownBy(() -> cluster.admin.layOut("hashed"))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining("rows of public.h on shard s2");

    cluster.asAdmin("s2", "truncate h");
    cluster.admin.layOut("hashed");
    int accepted = 0;
    for (int key = 0; key < 40; key++) {
      accepted += accepts("s1", "insert into h values (%d)".formatted(key)) ? 1 : 0;
      accepted += accepts("s2", "insert into h values (%d)".formatted(key)) ? 1 : 0;
    }
    assertThat(accepted).isEqualTo(40);
  }

  @Test
  void closesTheLoserBeforeAndOpensTheGainerAfterTheChange() throws SQLException {
    store.next(
        wanted -> {
          assertThat(accepts("s1", INSERT_7)).isFalse();
          assertThat(accepts("s2", INSERT_7)).isFalse();
          return store.behind().compareAndSet(wanted);
        });
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
  }

  @Test
  void finishesAfterACrashBeforeTheChange() throws SQLException {
    store.next(
        wanted -> {
          throw new Killed();
        });
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2)).isInstanceOf(Killed.class);
    assertThat(accepts("s1", INSERT_7)).isFalse();
    assertThat(accepts("s2", INSERT_7)).isFalse();

    cluster.admin.repairGuards();
    assertOnlyAccepts("s1", "s2");
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
  }

  @Test
  void finishesAfterACrashBehindTheChange() throws SQLException {
    store.next(
        wanted -> {
          store.behind().compareAndSet(wanted);
          throw new Killed();
        });
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2)).isInstanceOf(Killed.class);
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
  }

  @Test
  void saysSoWhenTheOutcomeIsUnknown() throws SQLException {
    store.next(wanted -> new CompareAndSet.Unknown("connection lost"));
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2))
        .isInstanceOf(ChangeFailed.class)
        .hasMessageContaining("may or may not be in force (connection lost)")
        .hasMessageContaining("run this again");
    assertOnlyAccepts("s1", "s2");
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
  }

  @Test
  void goesByTheTopologyWhenTheChangeCameIntoForceUnknown() throws SQLException {
    store.next(
        wanted -> {
          store.behind().compareAndSet(wanted);
          return new CompareAndSet.Unknown("connection lost");
        });
    assertThatThrownBy(() -> cluster.admin.pin("ks", "7", S2)).isInstanceOf(ChangeFailed.class);
    assertOnlyAccepts("s2", "s1");
  }

  @Test
  void aLostRaceIsPlannedAgainOnWhatTheWinnerMade() throws SQLException {
    store.loseNext(behind -> administer(behind, other -> other.pin("ks", "8", S2)));
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
    assertThat(accepts("s1", "insert into t values (8, 1)")).isFalse();
    assertThat(accepts("s2", "insert into t values (8, 1)")).isTrue();
  }

  @Test
  void aLostRaceForTheSameKeyLeavesOneOwner() throws SQLException {
    store.loseNext(
        behind ->
            administer(
                behind,
                other -> {
                  other.pin("ks", "7", S2);
                  other.unpin("ks", "7");
                }));
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
  }

  /**
   * The winner is stopped right after its change: its guards are still to be made final. The
   * narrowing of both is in force until then, so the loser's must not have widened it.
   */
  @Test
  void aSecondPlannerDoesNotOpenWhatTheFirstHasClosed() throws SQLException {
    store.next(
        first -> {
          ClusterAdmin planner = administrator(new FixedStore(store.behind()));
          assertThatThrownBy(() -> planner.pin("ks", "8", S2)).isInstanceOf(Killed.class);
          assertThat(accepts("s1", INSERT_7)).as("closed by the first").isFalse();
          assertThat(accepts("s1", "insert into t values (8, 1)")).isFalse();
          return store.behind().compareAndSet(first);
        });
    cluster.admin.pin("ks", "7", S2);
    assertOnlyAccepts("s2", "s1");
    assertThat(accepts("s1", "insert into t values (8, 1)")).as("opened again").isTrue();
  }

  @Test
  void aLateAdminDoesNotReplaceANewerGuard() throws SQLException {
    Topology old = cluster.admin.topology();
    cluster.admin.pin("ks", "7", S2);
    TopologyStore stale = new InMemoryTopologyStore(old);
    administrator(stale).registerTable("ks", GuardIT.keyed("t", "k"));
    assertOnlyAccepts("s2", "s1");
  }

  @Test
  void repairRestoresTriggersAndRemovesForgottenGuards() throws SQLException {
    cluster.asAdmin("s1", "drop trigger zz_shardwright_guard on t");
    cluster.asAdmin("s2", "alter table t disable trigger zz_shardwright_guard");
    cluster.admin.createKeyspace(NewKeyspace.hash("other", KeyType.BIGINT));
    for (String shard : List.of("s1", "s2")) {
      cluster.asAdmin(shard, "create table public.f (k bigint primary key)");
    }
    store.next(
        wanted -> {
          throw new Killed();
        });
    assertThatThrownBy(() -> cluster.admin.registerTable("other", GuardIT.keyed("f", "k")))
        .isInstanceOf(Killed.class);

    cluster.admin.repairGuards();
    assertOnlyAccepts("s1", "s2");
    for (String shard : List.of("s1", "s2")) {
      assertThat(
              cluster.query(
                  shard,
                  "select tgrelid::regclass || tgenabled::text from pg_trigger"
                      + " where tgname like 'zz_shardwright%'"))
          .containsExactly("tA");
    }
  }

  /** The end of a process, which nothing in it can do anything about. */
  private static final class Killed extends Error {}

  /** Reads as the other does; dies when it is to change something. */
  private record FixedStore(TopologyStore behind) implements TopologyStore {
    @Override
    public Topology read() {
      return behind.read();
    }

    @Override
    public Optional<Epoch> epoch() {
      return behind.epoch();
    }

    @Override
    public CompareAndSet compareAndSet(Topology next) {
      throw new Killed();
    }

    @Override
    public CompareAndSet restore(Topology kept) {
      throw new Killed();
    }

    @Override
    public Subscription watch(Consumer<Topology> listener) {
      return behind.watch(listener);
    }

    @Override
    public boolean isConnected() {
      return behind.isConnected();
    }

    @Override
    public void close() {
      behind.close();
    }
  }

  private static ClusterAdmin administrator(TopologyStore topologies) {
    return new ClusterAdmin(topologies, "test", TestCluster.CREDENTIALS, TestCluster.OPTIONS);
  }

  private static void administer(TopologyStore topologies, Consumer<ClusterAdmin> work) {
    work.accept(administrator(topologies));
  }

  private void assertOnlyAccepts(String accepting, String refusing) {
    assertThat(accepts(refusing, INSERT_7)).as(refusing + " accepts").isFalse();
    assertThat(accepts(accepting, INSERT_7)).as(accepting + " accepts").isTrue();
  }

  /** Tries, and leaves nothing behind. */
  private boolean accepts(String shard, String insert) {
    try {
      cluster.asApp(shard, "begin; " + insert + "; rollback");
      return true;
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("SW001");
      rollBack(shard);
      return false;
    }
  }

  private void rollBack(String shard) {
    try {
      cluster.asApp(shard, "rollback");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
