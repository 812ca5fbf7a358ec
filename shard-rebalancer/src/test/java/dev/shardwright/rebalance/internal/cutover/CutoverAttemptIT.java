package dev.shardwright.rebalance.internal.cutover;

import static dev.shardwright.rebalance.internal.copy.TimeLeft.UNHURRIED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.capture.OwnerRow;
import dev.shardwright.rebalance.internal.capture.Registers;
import dev.shardwright.rebalance.internal.capture.StoredRows;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.migration.ComparedRows;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresStandby;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.testkit.junit.PostgresExtension;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CutoverAttemptIT {
  @RegisterExtension static final PostgresExtension SERVER = new PostgresExtension();

  private static final ShardId S = ShardId.of("s");
  private static final ShardId T = ShardId.of("t");
  private static final KeyRangeSet TEENS = KeyRangeSet.of(new KeyRange(10, 19));
  private static final Duration BUDGET = Duration.ofSeconds(3);
  private static final String NO_ANSWER = "no answer";
  private static final String REGISTER = "select last_value from shardwright.register_7";

  /** Lets everything pass. */
  private static final String GATE =
      """
      create function shardwright.gate_7_1() returns trigger language plpgsql as $$ begin
        return case tg_op when 'DELETE' then old else new end;
      end $$;
      create trigger zzz_shardwright_gate_7 before insert or update or delete on t
        for each row execute function shardwright.gate_7_1();
      alter table t enable always trigger zzz_shardwright_gate_7;
      """;

  private TwoShards shards;
  private MoverIdentity mover = TwoShards.MOVER;
  private ZooKeeperCluster cluster;
  private InMemoryTopologyStore store;
  private MoveTopology topology;

  @BeforeEach
  void open() throws SQLException {
    shards =
        TwoShards.withTable(
            SERVER.server(), TEENS, "create table t (k bigint primary key, note text)");
    for (TestDatabase side : List.of(shards.source(), shards.target())) {
      side.execute(GATE);
      try (Connection connection = side.connect()) {
        Registers.create(connection, TwoShards.MOVER, 0);
      }
    }
    store = new InMemoryTopologyStore(topology());
    topology = new MoveTopology(store, 7, 3, () -> true);
    cluster = ZooKeeperCluster.connect(ZooKeeperServer.shared().freshConnectString(), "test");
  }

  private Topology topology() {
    Topology made = Topology.INITIAL.next();
    for (ShardId shard : List.of(S, T)) {
      made = made.withShard(Shard.of(shard, new Endpoint("jdbc:postgresql://x/" + shard, "app")));
    }
    return made.withKeyspace(shards.keyspace())
        .withMove(RangeMove.of(7, "ks", Region.ALL, S, T, TEENS, 3));
  }

  @AfterEach
  void close() throws SQLException {
    cluster.close();
    shards.close();
  }

  /** The target may commit yet what it gave no answer to; by then more may have been copied. */
  @Test
  void whatTheTargetCommitsWithoutAnAnswerRaisesNoRow() throws Exception {
    try (Connection silent = shards.to();
        Connection gate = shards.from();
        Connection from = shards.from()) {
      Connection to = sayingNothingAfterCommit(silent);
      try {
        attempt(new Links(insertingBehindGate(gate), from, to, false)).run();
      } catch (SQLException e) {
        takeOver();
      }
      assertThat(to.isClosed()).as("the target was given up").isTrue();
      assertThat(move().held()).isFalse();
      shards.source().execute("delete from t where k = 10");
      try (Connection next = shards.to()) {
        TwoShards.drainAll(shards.drain(), from, next);
      }
      commitLate(silent);
      assertThat(shards.moving(shards.target()))
          .isEqualTo(shards.moving(shards.source()))
          .isEmpty();
    }
  }

  /** Whoever took over says so in the owner's row, which the attempt's transactions look at. */
  @Test
  void whatAnotherMoverHasTakenOverRaisesNothing() throws Exception {
    try (Connection to = shards.to();
        Connection gate = shards.from();
        Connection from = shards.from();
        Connection other = shards.source().connect()) {
      shards.source().execute("update shardwright.mover set token = 4 where migration = 7");
      CutoverAttempt attempt = attempt(new Links(gate, from, to, false));
      assertThatThrownBy(attempt::run)
          .isInstanceOf(SQLException.class)
          .extracting(e -> ((SQLException) e).getSQLState())
          .isEqualTo(SqlStates.MOVER_SUPERSEDED);
      assertThat(move().held()).isFalse();
      assertThat(Registers.value(other, 7)).hasValue(0);
    }
  }

  /** It has neither the rows that came nor what guards them, and looks like the one before. */
  @Test
  void aTableThatWasMadeAnewOnTheTargetRaisesNothing() throws Exception {
    shards.source().execute("insert into t values (10, 'x')");
    shards.target().execute("drop table t; create table t (k bigint primary key, note text)");
    try (Connection to = shards.to();
        Connection gate = shards.from();
        Connection from = shards.from()) {
      assertThatThrownBy(attempt(new Links(gate, from, to, false))::run)
          .isInstanceOf(DefinitionChanged.class)
          .hasMessageContaining("written on shard t")
          .hasMessageContaining("trigger zzz_shardwright_gate_7 of table public.t");
      assertThat(move().held()).isFalse();
      assertThat(move().owner()).isEqualTo(S);
    }
  }

  /** Were the target's primary lost next, so would be what the source has acknowledged. */
  @Test
  @Tag("embedded")
  @Tag("slow")
  void rangesStayWhereTheyAreUntilAReplicaHasTheirLastRows() throws Exception {
    try (PostgresStandby standby = SERVER.server().standby();
        Connection to = shards.to();
        Connection gate = shards.from();
        Connection from = shards.from()) {
      assertThat(ReplicaFlush.await(to, UNHURRIED)).isTrue();
      CutoverAttempt behind =
          attempt(
              new Links(
                  afterHold(gate, () -> insertAndFreeze(standby)),
                  from,
                  to,
                  /* replicated= */ true));
      behind.run();
      assertThat(behind.waitedFor())
          .hasValueSatisfying(whom -> assertThat(whom).contains("replica of shard t"));
      assertThat(move().held()).isFalse();
      assertThat(move().owner()).isEqualTo(S);

      standby.thaw();
      assertThat(ReplicaFlush.await(to, UNHURRIED)).isTrue();
      attempt(new Links(gate, from, to, /* replicated= */ true)).run();
      assertThat(move().owner()).isEqualTo(T);
    }
  }

  private void insertAndFreeze(PostgresStandby standby) throws SQLException {
    standby.freeze();
    shards.source().execute("insert into t values (11, 'late')");
  }

  /** What is in force tells whether the ranges have changed hands. */
  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"DONE, 1", "NOT_DONE, 1", "GIVEN_UP_BEFORE, 3"})
  void aChangeOfHandsWhoseAnswerIsLostIsMadeOnce(Fate fate, long value) throws Exception {
    topology = losingTheAnswer(fate, /* thenLosingSight= */ false);
    attemptOnce();
    assertOwnerAccepts();
    finish(value);
  }

  /** Whoever leads on meets what is in force, as after the death of the leader. */
  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"DONE, 1", "NOT_DONE, 3", "GIVEN_UP_BEFORE, 3"})
  void aChangeOfHandsAfterWhichNothingCanBeReadIsMadeOnce(Fate fate, long value) throws Exception {
    topology = losingTheAnswer(fate, /* thenLosingSight= */ true);
    assertThatThrownBy(this::attemptOnce).isInstanceOf(TopologyUnavailable.class);
    topology = new MoveTopology(store, 7, 3, () -> true);
    finish(value);
  }

  /** How far whoever takes over is when the change of hands comes of the one before. */
  private enum Successor {
    TAKES_OVER,
    HOLDS_AGAIN,
    FINISHES
  }

  /** Its fence is there, and the source was opened again behind it. */
  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"TAKES_OVER, 3", "HOLDS_AGAIN, 5", "FINISHES, 3"})
  void aChangeOfHandsThatComesAfterASuccessorIsNotMade(Successor successor, long value)
      throws Exception {
    boolean[] succeeded = new boolean[1];
    TopologyStore overtaken =
        proxy(
            TopologyStore.class,
            (proxy, method, arguments) -> {
              if (!succeeded[0] && isChangeOfHands(method.getName(), arguments)) {
                succeeded[0] = true;
                assertThat(TwoShards.query(shards.source(), REGISTER))
                    .as("fence")
                    .containsExactly("1");
                succeed(successor);
              }
              return method.invoke(store, arguments);
            });
    topology = new MoveTopology(overtaken, 7, 3, () -> true);
    // Its sessions were ended, so it opens no shard either.
    assertThatThrownBy(this::attemptOnce).isInstanceOf(SQLException.class);
    assertThat(succeeded[0]).isTrue();
    finish(value);
    if (successor != Successor.TAKES_OVER) {
      assertThat(shards.moving(shards.target())).contains("(12,later)");
    }
  }

  private static boolean isChangeOfHands(String method, Object[] arguments) {
    return method.equals("compareAndSet")
        && ((Topology) arguments[0]).move(7).orElseThrow().owner().equals(T);
  }

  /** All that the test does after this is done by the successor. */
  private void succeed(Successor successor) throws SQLException {
    mover = new MoverIdentity(7, 4);
    topology = new MoveTopology(store, 7, 4, () -> true);
    topology.takeOver();
    for (TestDatabase side : List.of(shards.source(), shards.target())) {
      try (Connection connection = side.connect()) {
        OwnerRow.takeOver(connection, mover, Duration.ofSeconds(10));
      }
    }
    if (successor == Successor.TAKES_OVER) {
      return;
    }
    attemptOnce(); // which ends the hold that it finds
    assertOwnerAccepts();
    shards.source().execute("insert into t values (12, 'later')");
    if (successor == Successor.HOLDS_AGAIN) {
      topology.hold(move());
    } else {
      finish(3);
    }
  }

  /** The fence may be there or not: the attempt is over either way. */
  @ParameterizedTest
  @Tag("slow")
  @EnumSource
  void aFenceWhoseAnswerIsLostEndsTheAttempt(Fate fate) throws Exception {
    try (Connection to = shards.to();
        Connection gate = shards.from();
        Connection from = shards.from()) {
      CutoverAttempt attempt = attempt(new Links(losingTheAnswer(fate, gate), from, to, false));
      assertThatThrownBy(attempt::run).isInstanceOf(SQLException.class).hasMessage(NO_ANSWER);
    }
    assertOwnerAccepts();
    finish(3);
  }

  /** The register may be raised or not: whoever comes next raises it, if it has to be. */
  @ParameterizedTest
  @Tag("slow")
  @EnumSource(names = {"DONE", "NOT_DONE"})
  void anOpeningWhoseAnswerIsLostIsMadeOnce(Fate fate) throws Exception {
    try (Connection to = shards.to();
        Connection gate = shards.from();
        Connection from = shards.from()) {
      boolean[] lost = new boolean[1];
      Connection deaf =
          intercepted(
              to,
              method -> {
                if (!lost[0] && move().owner().equals(T)) {
                  lost[0] = true;
                  befall(fate, () -> Registers.advance(to, 7, move().value()));
                  to.abort(Runnable::run);
                }
                return lost[0] ? Answer.NONE : Answer.GIVEN;
              });
      CutoverAttempt attempt = attempt(new Links(insertingBehindGate(gate), from, deaf, false));
      assertThatThrownBy(attempt::run).isInstanceOf(SQLException.class).hasMessage(NO_ANSWER);
    }
    assertThat(move().owner()).isEqualTo(T);
    finish(1);
  }

  /** Work waits from when the hold is in force, not from when the mover hears of that. */
  @Test
  void aHoldWhoseAnswerIsLateHasUsedTheTimeOfItsAttempt() throws Exception {
    TopologyStore late =
        proxy(
            TopologyStore.class,
            (proxy, method, arguments) -> {
              Object answer = method.invoke(store, arguments);
              if (method.getName().equals("compareAndSet") && move().held()) {
                Thread.sleep(BUDGET.toMillis());
              }
              return answer;
            });
    topology = new MoveTopology(late, 7, 3, () -> true);
    attemptOnce();
    assertThat(move()).extracting(RangeMove::held, RangeMove::owner).containsExactly(false, S);
    assertOwnerAccepts();
  }

  private static void commitLate(Connection silent) {
    try {
      silent.commit();
    } catch (SQLException e) {
      assertThat(e.getMessage()).as("the session was ended").contains("terminat");
    }
  }

  /** As the leader does after whatever failed, with other sessions. */
  private void takeOver() throws SQLException {
    try (Connection connection = shards.to()) {
      OwnerRow.takeOver(connection, TwoShards.MOVER, Duration.ofSeconds(10));
    }
  }

  private void attemptOnce() throws SQLException {
    try (Connection to = shards.to();
        Connection gate = shards.from();
        Connection from = shards.from()) {
      attempt(new Links(insertingBehindGate(gate), from, to, false)).run();
    }
  }

  private void assertOwnerAccepts() throws SQLException {
    assertThat(move().held()).isFalse();
    TestDatabase owner = move().owner().equals(S) ? shards.source() : shards.target();
    try (Connection connection = owner.connect()) {
      assertThat(Registers.value(connection, 7)).hasValue(move().value());
    }
  }

  /** Attempts until the ranges have changed hands, by that value and with each row once. */
  private void finish(long value) throws SQLException {
    try (Connection source = shards.source().connect();
        Connection target = shards.target().connect()) {
      for (int i = 0; i < 2 && Registers.value(target, 7).orElseThrow() != value; i++) {
        attemptOnce();
      }
      assertThat(move())
          .extracting(RangeMove::held, RangeMove::value, RangeMove::owner)
          .containsExactly(false, value, T);
      assertThat(Registers.value(source, 7)).hasValue(value);
      assertThat(Registers.value(target, 7)).hasValue(value);
    }
    assertThat(shards.moving(shards.target()))
        .isEqualTo(shards.moving(shards.source()))
        .contains("(10,late)");
  }

  private CutoverAttempt attempt(Links links) throws SQLException {
    List<MovingTable> tables = shards.tables();
    String definitions = DefinitionDigest.read(links.from(), tables).fingerprints();
    return new CutoverAttempt(
        move(),
        Direction.FORWARD,
        mover,
        topology,
        new RouterWatch(cluster, routers -> {}),
        new Drains(
            tables,
            List.of(shards.drain(mover)),
            definitions,
            new ComparedRows(
                StoredRows.stamp(links.from(), 7, tables),
                StoredRows.stamp(links.to(), 7, tables))),
        links,
        BUDGET,
        new Stopwatch());
  }

  private RangeMove move() {
    return store.read().move(7).orElseThrow();
  }

  /** A last writer. */
  private Connection insertingBehindGate(Connection gate) {
    return afterHold(
        gate,
        () -> shards.source().execute("insert into t values (10, 'late') on conflict do nothing"));
  }

  /** What happens once, as soon as work waits. */
  private interface Event {
    void happen() throws SQLException;
  }

  private Connection afterHold(Connection gate, Event event) {
    boolean[] happened = new boolean[1];
    return intercepted(
        gate,
        method -> {
          if (move().held() && !happened[0]) {
            happened[0] = true;
            event.happen();
          }
          return Answer.GIVEN;
        });
  }

  /** Its COMMIT is on the way until the test makes it, long after the caller has gone. */
  private Connection sayingNothingAfterCommit(Connection to) {
    boolean[] silent = new boolean[1];
    return intercepted(
        to,
        method -> {
          if (method.equals("commit") && move().held()) {
            silent[0] = true;
            Thread.sleep(BUDGET.toMillis());
          }
          return silent[0] ? Answer.NONE : Answer.GIVEN;
        });
  }

  /** What becomes of a change whose answer is lost. */
  private enum Fate {
    DONE,
    NOT_DONE,
    /** By somebody else, so that it comes too late. */
    GIVEN_UP_BEFORE
  }

  private interface Change {
    void make() throws Exception;
  }

  private void befall(Fate fate, Change change) throws Exception {
    if (fate == Fate.GIVEN_UP_BEFORE) {
      Topology held = store.read();
      store.compareAndSet(held.withMove(move().giveUp()).withEpoch(held.epoch().next()));
    }
    if (fate != Fate.NOT_DONE) {
      change.make();
    }
  }

  /** That of the change that lets the ranges change hands. */
  private MoveTopology losingTheAnswer(Fate fate, boolean thenLosingSight) {
    boolean[] lost = new boolean[1];
    TopologyStore deaf =
        proxy(
            TopologyStore.class,
            (proxy, method, arguments) -> {
              if (lost[0]) {
                if (thenLosingSight) {
                  throw new TopologyUnavailable(NO_ANSWER, null);
                }
              } else if (isChangeOfHands(method.getName(), arguments)) {
                lost[0] = true;
                befall(fate, () -> store.compareAndSet((Topology) arguments[0]));
                return new CompareAndSet.Unknown(NO_ANSWER);
              }
              return method.invoke(store, arguments);
            });
    return new MoveTopology(deaf, 7, 3, () -> true);
  }

  /** That of the transaction with the gate and the fence, whose session is gone then. */
  private Connection losingTheAnswer(Fate fate, Connection gate) {
    boolean[] lost = new boolean[1];
    return intercepted(
        insertingBehindGate(gate),
        method -> {
          if (!lost[0] && method.equals("commit") && move().held()) {
            lost[0] = true;
            befall(fate, gate::commit);
            gate.close();
          }
          return lost[0] ? Answer.NONE : Answer.GIVEN;
        });
  }

  private enum Answer {
    GIVEN,
    NONE
  }

  /** What happens before a method of that name is called, or instead. */
  private interface Interception {
    Answer before(String method) throws Exception;
  }

  private static Connection intercepted(Connection connection, Interception interception) {
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          if (interception.before(method.getName()) == Answer.NONE) {
            if (method.getName().equals("isClosed")) {
              return true;
            }
            throw new SQLException(NO_ANSWER, "08006");
          }
          try {
            return method.invoke(connection, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
