package dev.shardwright.rebalance.internal.capture;

import static dev.shardwright.rebalance.internal.capture.MoveFixture.MIGRATION;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.RANGES;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.S;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.T;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.execute;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class InstallationIT {
  private static final ShardedTable ORDERS = ShardedTable.of(TableName.of("orders"), "id");
  private static final String DDL =
      """
      create table orders (id int8 primary key, total int4);
      create function stamp() returns trigger language plpgsql
        as 'begin new.total := coalesce(new.total, 5); return new; end';
      create trigger stamp before insert on orders for each row execute function stamp();
      alter table orders enable row level security;
      create policy everything on orders to app using (true);
      """;

  private MoveFixture fixture;
  private Connection app;

  @BeforeEach
  void tables() throws SQLException {
    fixture = MoveFixture.of(DDL, ORDERS);
    app = fixture.connect(S, "app");
  }

  @AfterEach
  void close() throws SQLException {
    fixture.close();
  }

  @Test
  void isRepeatedWithoutHarmAndLeavesNothingOnceDismantled() throws SQLException {
    fixture.install();
    fixture.install();
    Connection mover = fixture.moverOn(S);
    assertThat(Inventory.of(mover, MIGRATION))
        .contains(
            "trigger zzz_shardwright_gate_7 on public.orders",
            "function shardwright.gate_7_1()",
            "table shardwright.key_log_7_1",
            "sequence shardwright.register_7",
            "row of shardwright.mover with token 3");
    execute(app, "insert into orders values (100)");

    Dismantling dismantling =
        new Dismantling(fixture.mover, MoveFixture.locking(Duration.ofSeconds(30)));
    dismantling.neutralise(mover);
    dismantling.drop(mover);
    dismantling.forget(mover, List.of());

    assertThat(Inventory.of(mover, MIGRATION)).isEmpty();
    assertThat(query(app, "select total from orders")).containsExactly("5");
    execute(app, "truncate orders");
  }

  @Test
  void isDismantledHalfWayAndThenToTheEndByTheNextMover() throws SQLException {
    fixture.install();
    execute(app, "begin");
    query(app, "select * from orders");
    Dismantling hasty = new Dismantling(fixture.mover, MoveFixture.locking(Duration.ofMillis(300)));
    Connection mover = fixture.moverOn(S);
    hasty.neutralise(mover);
    assertThatThrownBy(() -> hasty.drop(mover))
        .isInstanceOf(TableBusy.class)
        .hasMessageContaining("without session " + pid(app));
    execute(app, "insert into orders values (100)");
    execute(app, "commit");
    assertThat(query(fixture.superuser(S), "select * from shardwright.key_log_7_1")).isEmpty();

    MoverIdentity next = new MoverIdentity(MIGRATION, 4);
    Connection later = fixture.moverOn(S, next);
    OwnerRow.takeOver(later, next, Duration.ofSeconds(10));
    Dismantling patient = new Dismantling(next, MoveFixture.locking(Duration.ofSeconds(30)));
    patient.drop(later);
    patient.forget(later, List.of());
    assertThat(Inventory.of(later, MIGRATION)).isEmpty();
  }

  @Test
  void isDismantledWhereverTheTablesHaveGone() throws SQLException {
    try (MoveFixture moved =
        MoveFixture.of(
            """
            create schema archive;
            create table orders (id int8 primary key, total int4) partition by range (id);
            create table orders_1 partition of orders for values from (0) to (150);
            create table orders_2 partition of orders for values from (150) to (1000);
            """,
            ORDERS)) {
      moved.install();
      execute(
          moved.connect(S, "admin"),
          """
          alter table orders detach partition orders_1;
          alter table orders_1 set schema archive;
          alter table orders_2 rename to "the rest";
          create table orders_1 (id int8);
          """);
      Connection mover = moved.moverOn(S);
      Dismantling dismantling =
          new Dismantling(moved.mover, MoveFixture.locking(Duration.ofSeconds(30)));
      dismantling.drop(mover);
      dismantling.forget(mover, List.of());
      assertThat(Inventory.of(mover, MIGRATION)).isEmpty();
    }
  }

  @Test
  void waitsForAWriterWithoutKeepingOthersWaiting() throws Exception {
    fixture.begin();
    execute(app, "begin");
    execute(app, "insert into orders values (1)");
    Connection reader = fixture.connect(S, "app");
    execute(reader, "begin");
    query(reader, "select * from orders for update");
    assertThatThrownBy(() -> fixture.install(S, MoveFixture.locking(Duration.ofMillis(300))))
        .isInstanceOf(TableBusy.class)
        .hasMessageContaining("without session " + pid(app))
        .hasMessageNotContaining("session " + pid(reader));
    assertThat(Inventory.of(fixture.moverOn(S), MIGRATION))
        .as("what needs no lock")
        .contains("table shardwright.key_log_7_1", "function shardwright.gate_7_1()")
        .doesNotContain("trigger zzz_shardwright_gate_7 on public.orders");
    execute(app, "commit");
    fixture.install(S, MoveFixture.locking(Duration.ofSeconds(30)));
    assertGate(S);
  }

  @Test
  void waitsOutAVacuumWithoutQueueingBehindIt() throws SQLException {
    fixture.begin();
    Connection vacuum = fixture.connect(S, "admin");
    execute(vacuum, "begin");
    execute(vacuum, "lock table orders in share update exclusive mode");
    Thread committing =
        new Thread(
            () -> {
              try {
                Thread.sleep(500);
                execute(vacuum, "commit");
              } catch (SQLException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            "vacuum");
    committing.start();
    fixture.install(S, MoveFixture.locking(Duration.ofSeconds(30)));
    assertGate(S);
  }

  @Test
  void locksNothingWhereAllIsThere() throws SQLException {
    fixture.install();
    Connection inTheWay = fixture.connect(S, "admin");
    execute(inTheWay, "begin");
    execute(inTheWay, "lock table orders in access exclusive mode");
    fixture.install(S, MoveFixture.locking(Duration.ofMillis(1)));
    execute(inTheWay, "rollback");
  }

  @Test
  void makesAgainWhatIsMissing() throws SQLException {
    fixture.install();
    Connection admin = fixture.connect(S, "admin");
    execute(admin, "drop trigger zzz_shardwright_gate_7 on orders");
    execute(admin, "drop function shardwright.truncate_7() cascade");
    execute(admin, "drop trigger zz_shardwright_guard on orders");
    fixture.install(S, MoveFixture.locking(Duration.ofSeconds(30)));
    assertThat(
            query(
                admin,
                "select tgname from pg_trigger where tgrelid = 'orders'::regclass"
                    + " and tgenabled = 'A' order by 1"))
        .containsExactly(
            "zz_shardwright_guard", "zzz_shardwright_gate_7", "zzz_shardwright_truncate_7");
    execute(admin, "alter table orders enable trigger zzz_shardwright_gate_7");
    fixture.install(S, MoveFixture.locking(Duration.ofSeconds(30)));
    assertThat(
            query(
                admin, "select tgenabled from pg_trigger where tgname = 'zzz_shardwright_gate_7'"))
        .containsExactly("A");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alter table orders disable trigger user|zzz_shardwright_gate_7 of table public.orders does",
        "alter table days disable trigger user|zzz_shardwright_gate_7 of table public.days does",
        "alter table days_1 enable trigger user|zzz_shardwright_gate_7 of table public.days_1 does",
        "create trigger zzzz before insert on orders for each row execute function stamp()"
            + "|zzzz of table public.orders fires after the gate",
        "create trigger zzzz before insert on days_1 for each row execute function stamp()"
            + "|zzzz of table public.days_1 fires after the gate"
      })
  void findsWhatLetsRowsBy(String change, String found) throws SQLException {
    String days =
        "create table days (id int8, day int4, total int4, primary key (id, day))"
            + " partition by range (day);"
            + " create table days_1 partition of days for values from (0) to (10);";
    try (MoveFixture both =
        MoveFixture.of(DDL + days, ORDERS, ShardedTable.of(TableName.of("days"), "id"))) {
      both.install();
      Connection mover = both.moverOn(S);
      List<MovingTable> tables = MovingTables.read(mover, both.keyspace());
      assertThat(Uncaptured.find(mover, MIGRATION, tables)).isEmpty();
      execute(both.connect(S, "admin"), change);
      assertThat(Uncaptured.find(mover, MIGRATION, tables))
          .isNotEmpty()
          .allSatisfy(
              line -> assertThat(line).contains(found.contains("zzzz") ? found : "does not"))
          .anySatisfy(line -> assertThat(line).contains(found));
    }
  }

  @Test
  void locksPartitionsOneByOneForTheTriggersOfTheirOwn() throws SQLException {
    try (MoveFixture partitioned =
        MoveFixture.of(
            """
            create table orders (id int8 primary key, total int4) partition by range (id);
            create table orders_1 partition of orders for values from (0) to (150);
            create table orders_2 partition of orders for values from (150) to (1000);
            """,
            ORDERS)) {
      partitioned.begin();
      Connection writer = partitioned.connect(S, "app");
      execute(writer, "begin");
      execute(writer, "insert into orders values (160)");
      assertThatThrownBy(() -> partitioned.install(S, MoveFixture.locking(Duration.ofMillis(300))))
          .isInstanceOf(TableBusy.class)
          .hasMessageContaining("orders_2");
      assertThat(Inventory.of(partitioned.moverOn(S), MIGRATION))
          .contains("trigger zzz_shardwright_truncate_7 on public.orders_1")
          .doesNotContain("trigger zzz_shardwright_truncate_7 on public.orders_2")
          .doesNotContain("trigger zzz_shardwright_gate_7 on public.orders");
      execute(writer, "commit");
      partitioned.install(S, MoveFixture.locking(Duration.ofSeconds(30)));
      assertThat(Inventory.of(partitioned.moverOn(S), MIGRATION))
          .contains(
              "trigger zzz_shardwright_truncate_7 on public.orders_2",
              "trigger zzz_shardwright_truncate_7 on public.orders",
              "trigger zzz_shardwright_gate_7 on public.orders");
    }
  }

  @Test
  void listsWhatItIsAboutToMakeBeforeItIsMade() throws SQLException {
    fixture.begin();
    execute(app, "begin");
    execute(app, "insert into orders values (1)");
    assertThatThrownBy(() -> fixture.install(S, MoveFixture.locking(Duration.ofMillis(1))))
        .isInstanceOf(TableBusy.class);
    assertThat(Inventory.of(fixture.moverOn(S), MIGRATION))
        .contains(
            "row of shardwright.migration_object for trigger zzz_shardwright_gate_7 on"
                + " \"public\".\"orders\"")
        .doesNotContain("trigger zzz_shardwright_gate_7 on public.orders");
    execute(app, "rollback");
  }

  @Test
  void openTheGuardOfTheTargetWithTheGateAndNotBefore() throws SQLException {
    Connection onT = fixture.connect(T, "app");
    assertState(SqlStates.ROW_NOT_HERE, () -> execute(onT, "insert into orders values (100)"));
    fixture.install();
    assertState(SqlStates.RANGE_MOVED, () -> execute(onT, "insert into orders values (100)"));
    assertState(SqlStates.ROW_NOT_HERE, () -> execute(onT, "insert into orders values (99)"));
  }

  @Test
  void keepGivenUpRangesClosedAlsoWhenTheGuardsAreRepaired() throws SQLException {
    fixture.install();
    Connection mover = fixture.moverOn(T);
    assertThat(giveUp(mover)).isTrue();
    new Dismantling(fixture.mover, MoveFixture.locking(Duration.ofSeconds(30))).neutralise(mover);
    Connection onT = fixture.connect(T, "app");
    assertState(SqlStates.ROW_NOT_HERE, () -> execute(onT, "insert into orders values (100)"));

    Topology repaired = fixture.topology().next();
    GuardInstaller.install(mover, guard(repaired));
    assertState(SqlStates.ROW_NOT_HERE, () -> execute(onT, "insert into orders values (100)"));
    assertThat(giveUp(mover)).as("a guard of an older topology").isFalse();

    Topology ended = repaired.withoutMove(MIGRATION).next();
    MoverTransaction.run(
        mover,
        fixture.mover,
        () -> GuardInstaller.forgetGivenUpWithin(mover, MIGRATION, List.of(guard(ended))));
    GuardInstaller.install(mover, guard(repaired));
    assertState(SqlStates.ROW_NOT_HERE, () -> execute(onT, "insert into orders values (100)"));
    GuardInstaller.install(mover, guard(ended.withMove(fixture.move()).next()));
    execute(onT, "insert into orders values (100)");
  }

  @Test
  void changeNoGuardWhereNothingWasGivenUp() throws SQLException {
    fixture.install();
    Connection mover = fixture.moverOn(T);
    Topology later = fixture.topology().withoutMove(MIGRATION).next();
    new Dismantling(fixture.mover, MoveFixture.locking(Duration.ofSeconds(30)))
        .forget(mover, List.of(guard(later)));
    assertThat(GuardInstaller.isInForce(mover, fixture.guard(T, ORDERS))).isTrue();
  }

  @Test
  void refuseAMoverThatWasSuperseded() throws SQLException {
    fixture.install();
    Connection old = fixture.moverOn(S);
    MoverIdentity next = new MoverIdentity(MIGRATION, 4);
    Connection later = fixture.moverOn(S, next);
    OwnerRow.takeOver(later, next, Duration.ofSeconds(10));

    assertThatThrownBy(() -> query(old, "select 1")).as("its session has ended").isNotNull();
    Connection again = fixture.moverOn(S);
    assertState(
        SqlStates.MOVER_SUPERSEDED, () -> MoverTransaction.run(again, fixture.mover, () -> {}));
    assertState(
        SqlStates.MOVER_SUPERSEDED,
        () -> OwnerRow.takeOver(again, fixture.mover, Duration.ofSeconds(10)));
    assertThat(token(later, MIGRATION)).containsExactly("4");
    assertThat(query(later, "select 1")).as("the later mover's session").containsExactly("1");
  }

  @Test
  void refuseAMoverThatComesAfterALaterOneHasFinished() throws SQLException {
    fixture.install();
    MoverIdentity next = new MoverIdentity(MIGRATION, 4);
    Connection later = fixture.moverOn(S, next);
    OwnerRow.takeOver(later, next, Duration.ofSeconds(10));
    Dismantling dismantling = new Dismantling(next, MoveFixture.locking(Duration.ofSeconds(30)));
    dismantling.drop(later);
    dismantling.forget(later, List.of());

    Connection old = fixture.moverOn(S);
    assertState(
        SqlStates.MOVER_SUPERSEDED,
        () -> OwnerRow.takeOver(old, fixture.mover, Duration.ofSeconds(10)));
    assertThat(Inventory.of(later, MIGRATION)).isEmpty();
    MoverIdentity other = new MoverIdentity(MIGRATION + 1, 4);
    OwnerRow.takeOver(later, other, Duration.ofSeconds(10));
    assertThat(token(later, MIGRATION + 1)).containsExactly("4");
  }

  @Test
  void takeOverFromAMoverInTheMiddleOfATransaction() throws SQLException {
    fixture.install();
    Connection old = fixture.moverOn(S);
    execute(old, "begin");
    execute(old, "select shardwright.begin_mover(7, 3)");
    execute(old, "insert into public.orders values (150)");
    execute(old, MoveFixture.drain());
    MoverIdentity next = new MoverIdentity(MIGRATION, 4);
    Connection later = fixture.moverOn(S, next);
    OwnerRow.takeOver(later, next, Duration.ofSeconds(10));
    assertThat(query(app, "select id from orders")).isEmpty();
    execute(app, "insert into orders values (100)");
  }

  /** Of the target, as that topology says. */
  private Guard guard(Topology topology) {
    return Guard.of(topology, fixture.keyspace(), ORDERS, fixture.shard(T));
  }

  private boolean giveUp(Connection mover) throws SQLException {
    return MoverTransaction.in(
        mover,
        fixture.mover,
        () ->
            GuardInstaller.giveUpWithin(
                mover, MIGRATION, RANGES, List.of(fixture.guard(T, ORDERS))));
  }

  private static List<String> token(Connection connection, int migration) throws SQLException {
    return query(connection, "select token from shardwright.mover where migration = " + migration);
  }

  private static String pid(Connection session) throws SQLException {
    return query(session, "select pg_backend_pid()").get(0);
  }

  private void assertGate(ShardId shard) throws SQLException {
    assertThat(Inventory.of(fixture.moverOn(shard), MIGRATION))
        .contains("trigger zzz_shardwright_gate_7 on public.orders");
  }

  private static void assertState(String state, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }
}
