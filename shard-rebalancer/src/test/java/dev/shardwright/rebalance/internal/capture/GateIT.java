package dev.shardwright.rebalance.internal.capture;

import static dev.shardwright.rebalance.internal.capture.MoveFixture.S;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.T;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.execute;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class GateIT {
  private MoveFixture fixture;
  private Connection appOnS;
  private Connection appOnT;

  @BeforeEach
  void install() throws SQLException {
    fixture =
        MoveFixture.of(
            "create table orders (id int8 primary key, total int4)",
            ShardedTable.of(TableName.of("orders"), "id"));
    fixture.install();
    appOnS = fixture.connect(S, "app");
    appOnT = fixture.connect(T, "app");
  }

  @AfterEach
  void close() throws SQLException {
    fixture.close();
  }

  @Test
  void acceptsTheRangesOnTheSourceWhileTheRegisterIsEvenAndOnTheTargetWhileItIsOdd()
      throws SQLException {
    execute(appOnS, "insert into orders values (99), (100), (199), (200)");
    assertMoved(() -> execute(appOnT, "insert into orders values (100)"));
    fixture.fence(S, 1);
    for (String write :
        new String[] {
          "insert into orders values (101)",
          "update orders set total = 1 where id = 100",
          "delete from orders where id = 199",
          "update orders set id = 150 where id = 99",
          "update orders set id = 98 where id = 199"
        }) {
      assertMoved(() -> execute(appOnS, write));
    }
    execute(appOnS, "update orders set total = 1 where id in (99, 200)");
    assertMoved(() -> execute(appOnT, "insert into orders values (100)"));
    fixture.fence(T, 1);
    execute(appOnT, "insert into orders values (100)");
    fixture.fence(T, 2);
    assertMoved(() -> execute(appOnT, "delete from orders where id = 100"));
    fixture.fence(S, 2);
    execute(appOnS, "insert into orders values (101)");
  }

  @Test
  void saysWhoHasTheRangeByWhichValue() throws SQLException {
    fixture.fence(S, 1);
    assertThatThrownBy(() -> execute(appOnS, "insert into orders values (123)"))
        .hasMessageContaining("\"migration\": 7")
        .hasMessageContaining("\"value\": 1")
        .hasMessageContaining("\"keyspace\": \"orders\"")
        .hasMessageContaining("\"token\": 123")
        .hasMessageContaining("\"owner\": \"t\"");
    assertThatThrownBy(() -> execute(appOnT, "insert into orders values (123)"))
        .hasMessageContaining("\"value\": 0")
        .hasMessageContaining("\"owner\": \"s\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
  void refusesAWriterWhoseSnapshotIsOlderThanTheFence(String isolation) throws SQLException {
    execute(appOnS, "begin isolation level " + isolation);
    query(appOnS, "select count(*) from orders");
    fixture.fence(S, 1);
    assertMoved(() -> execute(appOnS, "insert into orders values (100)"));
    execute(appOnS, "rollback");
  }

  @ParameterizedTest
  @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
  void refusesAWriterThatWaitedForTheFence(String isolation) throws Exception {
    Connection mover = fixture.moverOn(S);
    execute(appOnS, "set default_transaction_isolation = '" + isolation + "'");
    Thread[] writer = new Thread[1];
    String[] state = {"none"};
    MoverTransaction.run(
        mover,
        fixture.mover,
        () -> {
          execute(mover, MoveFixture.drain());
          writer[0] =
              new Thread(
                  () -> {
                    try {
                      execute(appOnS, "insert into orders values (100)");
                    } catch (SQLException e) {
                      state[0] = e.getSQLState();
                    }
                  },
                  "writer");
          writer[0].start();
          awaitAdvisoryWaiter(mover);
          Registers.advance(mover, MoveFixture.MIGRATION, 1);
        });
    writer[0].join();
    assertThat(state[0]).isEqualTo(SqlStates.RANGE_MOVED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"begin", "begin isolation level serializable"})
  void drainsAWriterThatIsIdleInItsTransaction(String begin) throws SQLException {
    execute(appOnS, begin);
    execute(appOnS, "insert into orders values (100)");
    assertNotDrained();
    execute(appOnS, "commit");
    fixture.fence(S, 1);
  }

  @Test
  void drainsAPreparedTransaction() throws SQLException {
    execute(appOnS, "begin");
    execute(appOnS, "insert into orders values (100)");
    execute(appOnS, "prepare transaction 'writer'");
    assertNotDrained();
    execute(appOnS, "commit prepared 'writer'");
    fixture.fence(S, 1);
  }

  @Test
  void doesNotWaitForWritersOfOtherRows() throws SQLException {
    execute(appOnS, "begin");
    execute(appOnS, "insert into orders values (99), (200)");
    fixture.fence(S, 1);
    execute(appOnS, "rollback");
  }

  @Test
  void letsTheMoverPassAndNobodyWhoOnlySaysSo() throws SQLException {
    Connection mover = fixture.moverOn(T);
    MoverTransaction.run(
        mover, fixture.mover, () -> execute(mover, "insert into public.orders values (100)"));
    String mark = "select set_config('shardwright.mover', '7:' || pg_current_xact_id(), true)";
    execute(appOnT, "begin");
    execute(appOnT, mark);
    assertMoved(() -> execute(appOnT, "insert into orders values (101)"));
    execute(appOnT, "rollback");
    assertMoved(() -> execute(mover, "insert into public.orders values (101)"));
    Connection admin = fixture.connect(T, "admin");
    execute(admin, "select set_config('shardwright.mover', '7:' || pg_current_xact_id(), false)");
    assertMoved(() -> execute(admin, "insert into orders values (101)"));
  }

  @Test
  void isNotFooledByTheSearchPath() throws SQLException {
    Connection admin = fixture.connect(T, "admin");
    execute(
        admin,
        "create schema evil; grant usage on schema evil to app;"
            + " create function evil.pg_advisory_xact_lock_shared(int4, int4) returns void"
            + " language sql as '';"
            + " create function evil.remainder(int8, int4) returns int4 language sql as 'select 1';"
            + " create operator evil.% (function = evil.remainder, leftarg = int8, rightarg = int4);"
            + " create function evil.different(int4, int4) returns boolean language sql"
            + " as 'select false';"
            + " create operator evil.<> (function = evil.different, leftarg = int4, rightarg = int4)");
    execute(appOnT, "set search_path = evil, public, pg_catalog");
    assertMoved(() -> execute(appOnT, "insert into orders values (100)"));
  }

  @Test
  void firesWhateverTheReplicationRole() throws SQLException {
    Connection superuser = fixture.superuser(T);
    execute(superuser, "set session_replication_role = replica");
    assertMoved(() -> execute(superuser, "insert into orders values (100)"));
  }

  private void assertNotDrained() throws SQLException {
    Connection mover = fixture.moverOn(S);
    execute(mover, "set lock_timeout = 200");
    assertThatThrownBy(() -> execute(mover, MoveFixture.drain()))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55P03"));
  }

  private static void awaitAdvisoryWaiter(Connection connection) throws SQLException {
    Awaitility.await()
        .until(
            () ->
                query(
                            connection,
                            "select pid from pg_locks where locktype = 'advisory' and not granted"
                                + " and database = (select oid from pg_database where datname ="
                                + " current_database())")
                        .size()
                    == 1);
  }

  private static void assertMoved(ThrowingCallable write) {
    assertThatThrownBy(write)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.RANGE_MOVED));
  }
}
