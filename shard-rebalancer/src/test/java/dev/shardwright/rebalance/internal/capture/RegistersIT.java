package dev.shardwright.rebalance.internal.capture;

import static dev.shardwright.rebalance.internal.capture.MoveFixture.MIGRATION;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.S;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.execute;
import static dev.shardwright.rebalance.internal.capture.MoveFixture.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RegistersIT {
  private static final String DDL = "create table orders (id int8 primary key, total int4)";
  private static final ShardedTable ORDERS = ShardedTable.of(TableName.of("orders"), "id");

  @Test
  void neverGoBackWhoeverComesLate() throws SQLException {
    try (MoveFixture fixture = MoveFixture.of(DDL, ORDERS)) {
      fixture.begin();
      Connection app = fixture.connect(S, "app");
      assertThat(Registers.advance(app, MIGRATION, 4)).hasValue(4);
      assertThat(Registers.advance(app, MIGRATION, 3)).hasValue(4);
      Registers.create(fixture.moverOn(S), fixture.mover, 2);
      assertThat(Registers.value(fixture.moverOn(S), MIGRATION)).hasValue(4);
    }
  }

  @Test
  void areNotUndoneByARollback() throws SQLException {
    try (MoveFixture fixture = MoveFixture.of(DDL, ORDERS)) {
      fixture.begin();
      Connection app = fixture.connect(S, "app");
      execute(app, "begin");
      Registers.advance(app, MIGRATION, 4);
      execute(app, "rollback");
      assertThat(Registers.value(fixture.moverOn(S), MIGRATION)).hasValue(4);
    }
  }

  @Test
  void areRaisedByOneAtATime() throws SQLException {
    try (MoveFixture fixture = MoveFixture.of(DDL, ORDERS)) {
      fixture.begin();
      Connection first = fixture.connect(S, "app");
      execute(first, "begin");
      Registers.advance(first, MIGRATION, 1);
      Connection second = fixture.connect(S, "app");
      execute(second, "set lock_timeout = 200");
      assertThatThrownBy(() -> Registers.advance(second, MIGRATION, 2))
          .hasMessageContaining("lock timeout");
      execute(first, "commit");
      assertThat(Registers.advance(second, MIGRATION, 2)).hasValue(2);
    }
  }

  @Test
  void areEmptyWhereTheMigrationHasNone() throws SQLException {
    try (MoveFixture fixture = MoveFixture.of(DDL, ORDERS)) {
      Connection mover = fixture.moverOn(S);
      assertThat(Registers.advance(fixture.connect(S, "app"), MIGRATION, 1)).isEmpty();
      assertThat(Registers.value(mover, MIGRATION)).isEmpty();
    }
  }

  @Test
  void areExactAfterTheServerWasKilled() throws SQLException {
    try (PostgresServer server = PostgresServer.start(PostgresOptions.DEFAULTS);
        MoveFixture fixture = new MoveFixture(server, DDL, ORDERS)) {
      fixture.install();
      Connection helper = fixture.connect(S, "app");
      execute(helper, "set synchronous_commit = off");
      for (int value = 1; value <= 41; value++) {
        Registers.advance(helper, MIGRATION, value);
      }
      server.kill();
      server.restart();
      assertThat(Registers.value(fixture.moverOn(S), MIGRATION)).hasValue(41);
      assertState(
          SqlStates.RANGE_MOVED,
          () -> execute(fixture.connect(S, "app"), "insert into orders values (100)"));
    }
  }

  @Test
  void countForNothingOnAServerThatWasPromotedUntilTheyAreAssertedAgain() throws SQLException {
    try (MoveFixture fixture = MoveFixture.of(DDL, ORDERS)) {
      fixture.install();
      Connection app = fixture.connect(S, "app");
      execute(app, "insert into orders values (100)");
      // As a promotion would leave it: the assertion stands on another timeline than the server.
      execute(
          fixture.superuser(S),
          "select setval('" + ObjectNames.timelineRegister(MIGRATION) + "', 77)");
      assertState(
          SqlStates.TIMELINE_CHANGED, () -> execute(app, "insert into orders values (101)"));
      assertState(SqlStates.TIMELINE_CHANGED, () -> Registers.advance(app, MIGRATION, 1));
      execute(app, "insert into orders values (99)");
      Registers.create(fixture.moverOn(S), fixture.mover, 2);
      assertThat(Registers.value(fixture.moverOn(S), MIGRATION)).hasValue(2);
      execute(app, "insert into orders values (101)");
      assertThat(query(app, "select id from orders order by id"))
          .containsExactly("99", "100", "101");
    }
  }

  private static void assertState(String state, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }
}
