package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions through JDBC, each on the shard of its first statement with a key. */
@ExtendWith(LeakCheckExtension.class)
class TransactionIT {
  private static TestCluster cluster;
  private static ShardRouter router;
  private static long here;
  private static long alsoHere;
  private static long elsewhere;

  private Connection connection;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router = cluster.router();
    List<Long> keys = TestCluster.keysOn(router, "s1", 2);
    here = keys.get(0);
    alsoHere = keys.get(1);
    elsewhere = TestCluster.keyOn(router, "s2");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void begin() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
    connection = router.dataSource().getConnection();
    connection.setAutoCommit(false);
  }

  private String instant(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      assertThat(rows.next()).isTrue();
      String instant = rows.getString(1);
      assertThat(rows.next()).isFalse();
      return instant;
    }
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.active()).isZero());
  }

  @Test
  void commitsWhatItDidOnItsShard() throws SQLException {
    insertOrder(here, 1);
    insertOrder(alsoHere, 1);
    assertThat(orders()).as("before the commit").isZero();
    connection.commit();
    assertThat(orders()).isEqualTo(2);
    insertOrder(elsewhere, 1);
    connection.commit();
    assertThat(orders()).as("the next transaction may be elsewhere").isEqualTo(3);
  }

  @Test
  void rollsBackWhatItDid() throws SQLException {
    insertOrder(here, 1);
    connection.rollback();
    insertOrder(here, 2);
    connection.close();
    assertThat(orders()).isZero();
  }

  @Test
  void commitsWhenAutocommitIsTurnedOn() throws SQLException {
    insertOrder(here, 1);
    connection.setAutoCommit(true);
    assertThat(orders()).isEqualTo(1);
  }

  /** As pools expect that put a connection in order after a failure. */
  @Test
  void staysOutOfAutocommitWhereTheCommitFails() throws SQLException {
    refused(() -> execute("select 1 / 0 from users where user_id = " + here), "22012", "by zero");
    refused(() -> connection.setAutoCommit(true), "25P02", "rolled back");
    assertThat(connection.getAutoCommit()).isFalse();
    connection.rollback();
    connection.setAutoCommit(true);
    assertThat(connection.getAutoCommit()).isTrue();
  }

  @Test
  void seesWhatItWrote() throws SQLException {
    insertOrder(here, 7);
    assertThat(number("select id from orders where user_id = " + here)).isEqualTo(7);
  }

  /** Of one PostgreSQL, too, {@code now()} is the start of the transaction. */
  @Test
  void hasOneNowForStatementsOnItsShardAndOverAll() throws SQLException {
    for (long key : List.of(here, alsoHere, elsewhere)) {
      router.keyspace("shop").on(key).update("insert into orders values (?, 1)", key);
    }
    String one = instant("select now() from orders where user_id = " + here);
    assertThat(instant("select distinct now() from orders")).isEqualTo(one);
    assertThat(instant("select max(transaction_timestamp()) from orders")).isEqualTo(one);
    assertThat(instant("select distinct statement_timestamp() > now() from orders")).isEqualTo("t");
    connection.commit();
    String next = instant("select distinct now() from orders");
    assertThat(next).as("in the next transaction").isNotEqualTo(one);
    assertThat(instant("select distinct now() from orders")).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          select now()                 | select max(now()) from orders
          select current_time          | select max(current_time) from orders
          select age(date '2000-01-01') | select max(age(date '2000-01-01')) from orders
          """)
  void hasOneNowBeforeItIsOnAShard(String query, String overShards) throws SQLException {
    for (long key : List.of(here, elsewhere)) {
      router.keyspace("shop").on(key).update("insert into orders values (?, 1)", key);
    }
    String one = instant(query);
    String started = instant("select statement_timestamp()");
    assertThat(instant(query)).isEqualTo(one);
    assertThat(instant(overShards)).isEqualTo(one);
    assertThat(instant("select statement_timestamp() > now()")).isEqualTo("t");
    assertThat(instant("select statement_timestamp()")).isNotEqualTo(started);
    insertOrder(elsewhere, 2); // it is still on no shard
  }

  @Test
  void refusesASecondShardWithAdviceAndIsAbortedThen() throws SQLException {
    insertOrder(here, 1);
    refused(() -> insertOrder(elsewhere, 1), "SW108", "is on shard s1", "rows on shard s2");
    refused(() -> insertOrder(here, 2), "25P02", "current transaction is aborted");
    assertThatThrownBy(connection::commit)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25P02"))
        .hasMessageContaining("rolled back")
        .cause()
        .hasMessageContaining("is on shard s1");
    assertThat(orders()).isZero();
    insertOrder(elsewhere, 1);
    connection.commit();
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void isAbortedAfterAnErrorUntilItIsRolledBack() throws SQLException {
    insertOrder(here, 1);
    refused(() -> insertOrder(here, 1), "23505", "duplicate key");
    refused(() -> number("select 1"), "25P02", "current transaction is aborted");
    connection.rollback();
    assertThat(number("select 1")).isEqualTo(1);
  }

  /** PostgreSQL answers such a COMMIT with ROLLBACK, of which its driver says nothing. */
  @Test
  void isNotSaidToBeCommittedAfterAnError() throws SQLException {
    insertOrder(here, 1);
    refused(() -> insertOrder(here, 1), "23505", "duplicate key");
    refused(connection::commit, "25P02", "duplicate key");
    insertOrder(here, 1);
    refused(() -> insertOrder(here, 1), "23505", "duplicate key");
    refused(() -> execute("commit"), "25P02", "duplicate key");
    insertOrder(here, 1);
    Savepoint before = connection.setSavepoint();
    refused(() -> insertOrder(here, 1), "23505", "duplicate key");
    connection.rollback(before);
    insertOrder(here, 2);
    connection.commit();
    assertThat(orders()).isEqualTo(2);
  }

  @Test
  void isNotSaidToBeCommittedAfterAnErrorOfTheDriver() throws SQLException {
    insertOrder(here, 1);
    try (PreparedStatement statement =
        connection.prepareStatement("insert into orders (user_id, id, amount) values (?, 2, ?)")) {
      statement.setLong(1, here);
      statement.setObject(2, new Object());
      assertThatThrownBy(statement::executeUpdate).isInstanceOf(SQLException.class);
    }
    refused(connection::commit, "25P02", "rolled back");
    assertThat(orders()).isZero();
  }

  @Test
  void goesBackToTheSavepointThatIsMeantOfTwoWithOneName() throws SQLException {
    insertOrder(here, 1);
    Savepoint outer = connection.setSavepoint("same");
    insertOrder(here, 2);
    Savepoint inner = connection.setSavepoint("same");
    insertOrder(here, 3);
    connection.rollback(inner);
    connection.rollback(outer);
    connection.commit();
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void isNotSaidToBeCommittedWhereItsRowsBrokeOff() throws SQLException {
    insertOrder(here, 1);
    insertOrder(here, 2);
    try (PreparedStatement statement =
        connection.prepareStatement("select 1 / (2 - id) from orders where user_id = ?")) {
      statement.setFetchSize(1);
      statement.setLong(1, here);
      ResultSet rows = statement.executeQuery();
      assertThat(rows.next()).isTrue();
      assertThatThrownBy(rows::next).hasMessageContaining("division by zero");
    }
    refused(connection::commit, "25P02", "aborted");
    assertThat(orders()).isZero();
  }

  @Test
  void isAbortedByAFailingFirstStatementToo() throws SQLException {
    refused(() -> number("select 1 / 0 from orders where user_id = " + here), "22012", "division");
    refused(() -> insertOrder(here, 1), "25P02", "current transaction is aborted");
    connection.rollback();
    insertOrder(here, 1);
    connection.commit();
    assertThat(orders()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          selec 1                                        | SW101
          select ?                                       | 22023
          select * from nowhere                          | SW102
          set statement_timeout = 'never'                | 22023
          set work_mem = '1MB'                           | SW106
          set time zone 'Nowhere/At All'                 | 22023
          discard all                                    | 25001
          release savepoint unknown                      | 3B001
          rollback to savepoint unknown                  | 3B001
          """)
  void isAbortedByWhatIsRefusedBeforeItReachesAShard(String sql, String state) throws SQLException {
    for (boolean bound : new boolean[] {false, true}) {
      if (bound) {
        insertOrder(here, 1);
      }
      refused(() -> execute(sql), state, "");
      refused(() -> insertOrder(here, 2), "25P02", "current transaction is aborted");
      refused(connection::commit, "25P02", "rolled back");
    }
    assertThat(orders()).isZero();
  }

  @Test
  void isNotBoundByStatementsThatAnyShardCanAnswer() throws SQLException {
    assertThat(number("select 41 + 1")).isEqualTo(42);
    insertOrder(elsewhere, 1);
    connection.commit();
    assertThat(number("select 41 + 1")).isEqualTo(42);
    insertOrder(here, 1);
    connection.commit();
    assertThat(orders()).isEqualTo(2);
  }

  @Test
  void goesBackToASavepointAfterAnError() throws SQLException {
    insertOrder(here, 1);
    Savepoint savepoint = connection.setSavepoint("before");
    assertThat(savepoint.getSavepointName()).isEqualTo("before");
    refused(() -> insertOrder(here, 1), "23505", "duplicate key");
    connection.rollback(savepoint);
    refused(() -> insertOrder(elsewhere, 1), "SW108", "shard s2");
    connection.rollback(savepoint);
    insertOrder(here, 2);
    connection.releaseSavepoint(savepoint);
    connection.commit();
    assertThat(orders()).isEqualTo(2);
  }

  @Test
  void hasSavepointsBeforeItIsBound() throws SQLException {
    Savepoint first = connection.setSavepoint();
    Savepoint second = connection.setSavepoint();
    assertThat(second.getSavepointId()).isGreaterThan(first.getSavepointId());
    insertOrder(here, 1);
    connection.rollback(second);
    assertThat(number("select count(*) from orders where user_id = " + here)).isZero();
    insertOrder(here, 2);
    connection.rollback(first);
    refused(() -> connection.rollback(second), "3B001", "does not exist any more");
    connection.rollback();
    refused(() -> connection.rollback(first), "3B001", "not one of this transaction");
  }

  @Test
  void isReadOnlyOnlyAsLongAsTheSavepointLetsIt() throws SQLException {
    String shown =
        "select current_setting('transaction_read_only') from orders where id = 9 and user_id = "
            + here;
    insertOrder(here, 9);
    connection.commit();
    execute("savepoint a");
    execute("set transaction read only");
    execute("rollback to savepoint a");
    insertOrder(here, 1);
    connection.rollback();
    execute("savepoint a");
    execute("set transaction read only");
    execute("savepoint b");
    refused(() -> insertOrder(here, 1), "25006", "read-only transaction");
    execute("rollback to savepoint b");
    assertThat(text(shown)).isEqualTo("on");
    execute("rollback to savepoint a");
    insertOrder(here, 1);
    execute("commit and chain");
    assertThat(text(shown)).isEqualTo("off");
    insertOrder(here, 2);
    execute("set transaction read only");
    execute("commit and chain");
    assertThat(text(shown)).isEqualTo("on");
    connection.rollback();
    assertThat(orders()).isEqualTo(3);
  }

  @Test
  void isSpokenToInSqlAsWell() throws SQLException {
    connection.setAutoCommit(true);
    execute("begin isolation level repeatable read");
    execute("savepoint a");
    insertOrder(here, 1);
    execute("savepoint b");
    insertOrder(here, 2);
    execute("rollback to savepoint b");
    assertThat(text("show transaction_isolation")).isEqualTo("repeatable read");
    execute("release savepoint a");
    execute("commit");
    assertThat(orders()).isEqualTo(1);
    insertOrder(elsewhere, 1);
    assertThat(orders()).as("autocommit again").isEqualTo(2);
    execute("begin");
    insertOrder(elsewhere, 2);
    execute("rollback");
    assertThat(orders()).isEqualTo(2);
  }

  @Test
  void isDeferrableIfItIsSaidToBe() throws SQLException {
    execute("set transaction isolation level serializable, read only, deferrable");
    assertThat(number("select count(*) from orders where user_id = " + here)).isZero();
    assertThat(text("show transaction_deferrable")).isEqualTo("on");
    connection.rollback();
    assertThat(number("select count(*) from orders where user_id = " + here)).isZero();
    assertThat(text("show transaction_deferrable")).isEqualTo("off");
  }

  @Test
  void isDeferrableIfTheOneBeforeItOrTheSessionSaysSo() throws SQLException {
    execute("set transaction deferrable");
    execute("commit and chain");
    assertThat(number("select count(*) from orders where user_id = " + here)).isZero();
    assertThat(text("show transaction_deferrable")).as("chained").isEqualTo("on");
    execute("set session characteristics as transaction deferrable");
    connection.rollback();
    assertThat(number("select count(*) from orders where user_id = " + here)).isZero();
    assertThat(text("show transaction_deferrable")).as("taken back").isEqualTo("off");
    execute("set session characteristics as transaction deferrable");
    connection.commit();
    assertThat(number("select count(*) from orders where user_id = " + here)).isZero();
    assertThat(text("show transaction_deferrable")).as("of the session").isEqualTo("on");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Connection.TRANSACTION_READ_COMMITTED,
        Connection.TRANSACTION_REPEATABLE_READ,
        Connection.TRANSACTION_SERIALIZABLE
      })
  void hasTheIsolationThatWasAskedFor(int level) throws SQLException {
    connection.setTransactionIsolation(level);
    insertOrder(here, 1);
    assertThat(text("show transaction_isolation")).isEqualTo(IsolationLevel.of(level).sql());
    assertThat(connection.getTransactionIsolation()).isEqualTo(level);
    refused(
        () -> connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED),
        "25001",
        "in the middle of a transaction");
    connection.rollback();
    try (Connection other = router.dataSource().getConnection()) {
      assertThat(other.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE})
  void refusesToReachBeyondItsShardWhereItKeepsASnapshot(int level) throws SQLException {
    connection.setTransactionIsolation(level);
    refused(() -> number("select count(*) from orders"), "SW104", "use read committed");
    connection.rollback();
    insertOrder(here, 1);
    assertThat(number("select count(*) from orders where user_id = " + here)).isEqualTo(1);
    refused(() -> number("select count(*) from orders"), "SW104", "a snapshot of its own");
    refused(connection::commit, "25P02", "rolled back");
    assertThat(orders()).isZero();
  }

  @Test
  void isReadOnlyWhereTheConnectionIs() throws SQLException {
    connection.setReadOnly(true);
    refused(() -> insertOrder(here, 1), "25006", "read-only transaction");
    connection.rollback();
    connection.setAutoCommit(true);
    refused(() -> insertOrder(here, 1), "25006", "read-only");
    String insert = "insert into orders (user_id, id, amount) values (%s, 2, 5)".formatted(here);
    refused(() -> text("explain analyze " + insert), "25006", "read-only");
    refused(() -> text("select id from orders where user_id = 1 for update"), "25006", "read-only");
    assertThat(text("explain " + insert)).contains("Insert on orders");
    assertThat(text("explain select * from orders")).isEqualTo("level: MERGE");
    assertThat(text("explain analyze select 1")).contains("Result");
    assertThat(text("show transaction_isolation")).isEqualTo("read committed");
    assertThat(orders()).isZero();
    connection.setReadOnly(false);
    insertOrder(here, 1);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  void isOfTheSameKindWhereItIsChained() throws SQLException {
    connection.setAutoCommit(true);
    String outside = " AND CHAIN can only be used in transaction blocks";
    refused(() -> execute("commit and chain"), "25P01", "COMMIT" + outside);
    refused(() -> execute("rollback and chain"), "25P01", "ROLLBACK" + outside);
    insertOrder(here, 1);
    assertThat(orders()).as("no transaction has begun").isEqualTo(1);
    execute("begin isolation level repeatable read read only");
    for (String end : List.of("commit and chain", "rollback and chain", "rollback")) {
      assertThat(text("show transaction_isolation")).isEqualTo("repeatable read");
      assertThat(text("show transaction_read_only")).isEqualTo("on");
      execute(end);
    }
    insertOrder(here, 2);
    assertThat(orders()).as("the last has ended").isEqualTo(2);
  }

  /** Deferred triggers and constraints write, or look, as the transaction commits. */
  @Test
  void isToBeDoneAgainWhereARowThatHasMovedIsFoundAtCommitOnly() throws SQLException {
    cluster.execute(
        "s1",
        """
        create function order_elsewhere() returns trigger language plpgsql as $$
        begin
          if new.user_id <> %1$s then
            insert into orders values (%1$s, 1, 1);
          end if;
          return null;
        end $$;
        create constraint trigger late after insert on orders deferrable initially deferred
          for each row execute function order_elsewhere()"""
            .formatted(elsewhere));
    try {
      insertOrder(here, 1);
      refused(connection::commit, "40001", "shard s1", "do the transaction again");
      assertThat(orders()).isZero();
    } finally {
      connection.close();
      cluster.execute("s1", "drop trigger late on orders; drop function order_elsewhere");
    }
  }

  /** As in PostgreSQL: who commits what had failed goes on in the next one. */
  @Test
  void isNotChainedWhereTheCommitItselfFails() throws SQLException {
    cluster.execute(
        "s1",
        "alter table orders add constraint late unique (amount) deferrable initially deferred");
    try {
      connection.setAutoCommit(true);
      execute("begin");
      insertOrder(here, 1);
      insertOrder(here, 2);
      refused(() -> execute("commit and chain"), "23505", "late");
      insertOrder(here, 3);
      assertThat(orders()).as("no transaction has begun").isEqualTo(1);
    } finally {
      connection.close(); // what it may have begun would keep the next statement waiting
      cluster.execute("s1", "alter table orders drop constraint late");
    }
  }

  @Test
  void isAbortedWhereRowsOfAnotherShardBreakOff() throws SQLException {
    connection.setAutoCommit(true);
    insertOrder(elsewhere, 1);
    insertOrder(elsewhere, 2);
    execute("update orders set amount = 0 where id = 2 and user_id = " + elsewhere);
    connection.setAutoCommit(false);
    insertOrder(here, 1);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1);
      assertThatThrownBy(
              () -> {
                try (ResultSet rows = statement.executeQuery("select 1 / amount from orders")) {
                  while (rows.next()) {
                    rows.getLong(1);
                  }
                }
              })
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("division by zero");
    }
    refused(connection::commit, "25P02", "division by zero");
    assertThat(orders()).as("those before").isEqualTo(2);
  }

  @Test
  void takesBackWhatItSaidOfThoseToComeWithAllElse() throws SQLException {
    String said = "set session characteristics as transaction isolation level serializable";
    execute(said);
    connection.rollback();
    assertThat(text("show transaction_isolation")).isEqualTo("read committed");
    connection.rollback();
    execute(said);
    connection.commit();
    assertThat(text("show transaction_isolation")).isEqualTo("serializable");
  }

  @Test
  void keepsItsOwnSettingsToItself() throws SQLException {
    execute("set local work_mem = '77MB'");
    insertOrder(here, 1);
    assertThat(text("show work_mem")).isEqualTo("77MB");
    connection.commit();
    insertOrder(here, 2);
    assertThat(text("show work_mem")).isNotEqualTo("77MB");
  }

  @Test
  void streamsRowsThroughACursor() throws SQLException {
    for (long id = 1; id <= 35; id++) {
      insertOrder(here, id);
    }
    try (PreparedStatement statement =
        connection.prepareStatement("select id from orders where user_id = ? order by id")) {
      statement.setLong(1, here);
      statement.setFetchSize(10);
      try (ResultSet rows = statement.executeQuery()) {
        for (int id = 1; id <= 35; id++) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getInt(1)).isEqualTo(id);
        }
        assertThat(rows.next()).isFalse();
      }
    }
  }

  private void insertOrder(long user, long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into orders (user_id, id, amount) values (?, ?, 5)")) {
      statement.setLong(1, user);
      statement.setLong(2, id);
      statement.executeUpdate();
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertThat(statement.execute(sql)).isFalse();
    }
  }

  private long number(String sql) throws SQLException {
    return Long.parseLong(text(sql));
  }

  private String text(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  /** As others see them. */
  private static long orders() throws SQLException {
    long count = 0;
    for (String shard : List.of("s1", "s2", "s3")) {
      count += cluster.count(shard, "select count(*) from orders");
    }
    return count;
  }

  private static void refused(ThrowingCallable call, String state, String... messages) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
        .hasMessageContainingAll(messages);
  }
}
