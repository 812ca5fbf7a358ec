package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service does all day, on three shards. */
@ExtendWith(LeakCheckExtension.class)
class KeyedWorkIT {
  private static TestCluster cluster;
  private static ShardRouter router;
  private static Keyspace shop;

  record User(long id, String name) {
    static User of(ResultSet row) throws SQLException {
      return new User(row.getLong("user_id"), row.getString("name"));
    }
  }

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router = cluster.router();
    shop = router.keyspace("shop");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
  }

  @Test
  void readsBackWhatItWroteFromTheShardThatOwnsTheKey() throws SQLException {
    for (long id = 1; id <= 50; id++) {
      int changed =
          shop.on(id).update("insert into users (user_id, name) values (?, ?)", id, "user " + id);
      assertThat(changed).isEqualTo(1);
    }
    for (long id = 1; id <= 50; id++) {
      assertThat(shop.on(id).queryOne("select * from users where user_id = ?", User::of, id))
          .contains(new User(id, "user " + id));
      String owner = router.route("shop", id).shard().value();
      assertThat(cluster.count(owner, "select count(*) from users where user_id = " + id))
          .isEqualTo(1);
    }
    assertThat(shop.on(51L).queryOne("select * from users where user_id = ?", User::of, 51))
        .isEmpty();
  }

  @Test
  void givesTheRowsThatAWriteReturns() {
    List<String> names =
        shop.on(7)
            .updateReturning(
                "insert into users (user_id, name) values (?, ?) returning name",
                row -> row.getString(1),
                7,
                "seven");
    assertThat(names).containsExactly("seven");
  }

  /** It is committed by then, whatever the caller's own code meets as it looks at the rows. */
  @Test
  void doesNoWriteAgainWhoseRowsCannotBeUsed() {
    AtomicInteger looks = new AtomicInteger();
    assertThatThrownBy(
            () ->
                shop.on(7)
                    .updateReturning(
                        "insert into orders values (7, 1, 10) returning id",
                        row -> {
                          if (looks.incrementAndGet() == 1) {
                            throw new SQLException("of another transaction", "40001");
                          }
                          return row.getInt(1);
                        }))
        .isInstanceOf(StatementFailed.class)
        .hasMessageContaining("the statement was carried out");
    assertThat(looks).hasValue(1);
    assertThat(shop.on(7).query("select id from orders where user_id = ?", row -> row.getInt(1), 7))
        .containsExactly(1);
  }

  @Test
  void refusesASecondRowWhereOneWasAskedFor() {
    shop.on(7).update("insert into orders values (7, 1, 10), (7, 2, 20)");
    assertThatThrownBy(
            () ->
                shop.on(7)
                    .queryOne(
                        "select amount from orders where user_id = ?", row -> row.getInt(1), 7))
        .isInstanceOf(StatementFailed.class)
        .hasMessageContaining("more than one row")
        .hasMessageContaining("select amount from orders");
    assertThat(
            shop.on(7)
                .query(
                    "select amount from orders where user_id = ? order by id",
                    row -> row.getInt(1),
                    7))
        .containsExactly(10, 20);
  }

  @Test
  void readsManyKeysInTheOrderGivenEachOnceAndEmptyListsForThoseWithoutRows() {
    List<Long> ids = LongStream.rangeClosed(1, 30).boxed().toList();
    for (long id : ids) {
      shop.on(id).update("insert into orders values (?, 1, 1), (?, 2, 2)", id, id);
    }
    List<Long> wanted = List.of(30L, 5L, 1_000_000L, 12L, 5L, 1L);
    var rows =
        shop.onEach(wanted)
            .query(
                "select user_id, amount from orders where user_id = any(?) and amount > ?",
                "user_id",
                row -> row.getInt("amount"),
                1);
    assertThat(rows.keySet()).containsExactly(30L, 5L, 1_000_000L, 12L, 1L);
    assertThat(rows.get(5L)).containsExactly(2);
    assertThat(rows.get(1_000_000L)).isEmpty();
    assertThat(shop.onEach(List.of()).query("never sent", "user_id", User::of)).isEmpty();
  }

  @Test
  void commitsATransactionWhenItsCallbackReturnsAndRollsBackWhenItThrows() {
    long sum =
        shop.on(9)
            .inTransaction(
                Isolation.SERIALIZABLE,
                connection -> {
                  insertOrder(connection, 9, 1, 5);
                  insertOrder(connection, 9, 2, 6);
                  try (PreparedStatement statement =
                          connection.prepareStatement("show transaction_isolation");
                      ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    assertThat(rows.getString(1)).isEqualTo("serializable");
                  }
                  return 11L;
                });
    assertThat(sum).isEqualTo(11);
    assertThatThrownBy(
            () ->
                shop.on(9)
                    .useTransaction(
                        connection -> {
                          insertOrder(connection, 9, 3, 7);
                          throw new IllegalStateException("changed my mind");
                        }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("changed my mind");
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(2L);
  }

  /** PostgreSQL answers such a COMMIT with ROLLBACK, of which its driver says nothing. */
  @Test
  void doesNotSayThatATransactionIsCommittedInWhichAFailureWasSwallowed() throws SQLException {
    assertThatThrownBy(() -> shop.on(9).useTransaction(KeyedWorkIT::swallowFailure))
        .isInstanceOfSatisfying(
            StatementFailed.class, e -> assertThat(e.sqlState()).isEqualTo("25P02"))
        .hasMessageContaining("a statement of the transaction has failed");
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(0L);
    try (Connection connection = shop.on(9).connection()) {
      connection.setAutoCommit(false);
      List<ThrowingCallable> ends =
          List.of(connection::commit, () -> connection.setAutoCommit(true));
      for (ThrowingCallable end : ends) {
        swallowFailure(connection);
        assertThatThrownBy(end)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25P02"));
        connection.rollback();
      }
      insertOrder(connection, 9, 1, 5);
      connection.setAutoCommit(true);
    }
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(1L);
  }

  /** Their SQLSTATEs are those of lost connections, by which pools go. */
  @ParameterizedTest
  @ValueSource(strings = {"0A000", "08001", "08006"})
  void goesOnFromASavepointAfterARefusalWhateverItsState(String state) {
    shop.on(9)
        .useTransaction(
            connection -> {
              Savepoint before = connection.setSavepoint();
              try (Statement statement = connection.createStatement()) {
                assertThatThrownBy(
                        () ->
                            statement.execute(
                                "do $$ begin raise exception 'x' using errcode = '%s'; end $$"
                                    .formatted(state)))
                    .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
              }
              connection.rollback(before);
              insertOrder(connection, 9, 1, 5);
            });
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(1L);
  }

  @Test
  void asksNothingOfAConnectionThatIsSomebodyElsesByNow() throws SQLException {
    DatabaseMetaData metadata;
    try (Connection connection = shop.on(9).connection()) {
      metadata = connection.getMetaData();
      metadata.getTables(null, null, "orders", null).close();
    }
    assertThatThrownBy(() -> metadata.getTables(null, null, "orders", null))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
  }

  @Test
  void saysOfAWriteWhoseAnswerIsOfAnotherKindThatItWasCarriedOut() {
    String insert = "insert into orders values (9, ?, 1)";
    String returning = insert + " returning 1";
    String two = "insert into orders values (9, ?, 1), (9, ?, 1) returning 1";
    int id = 0;
    for (OneShard shard : List.of(shop.on(9), shop.on(9).idempotent())) {
      int first = id += 5;
      List<ThrowingCallable> writes =
          List.of(
              () -> shard.update(returning, first),
              () -> shard.updateReturning(insert, row -> row.getInt(1), first + 1),
              () -> shard.updateReturning(returning, row -> row.getInt("wrong"), first + 2),
              () -> shard.queryOne(two, row -> row.getInt(1), first + 3, first + 4));
      for (ThrowingCallable write : writes) {
        assertThatThrownBy(write)
            .isInstanceOf(StatementFailed.class)
            .hasMessageContaining("the statement was carried out");
      }
    }
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(10L);
  }

  /** Its connection goes back to the pool, and nobody would commit it. */
  @Test
  void doesNotSayThatATextIsDoneThatLeavesItsTransactionOpen() {
    String insert = "insert into orders values (9, 1, 1)";
    assertThatThrownBy(() -> shop.on(9).update("begin; " + insert))
        .isInstanceOf(UnknownOutcome.class)
        .hasMessageContaining("begins a transaction that it does not end");
    assertThatThrownBy(() -> shop.on(9).update("begin"))
        .isInstanceOf(StatementFailed.class)
        .hasMessageContaining("inTransaction");
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(0L);
    assertThat(shop.on(9).update("begin; " + insert + "; commit")).isZero();
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(1L);
  }

  private static void swallowFailure(Connection connection) throws SQLException {
    insertOrder(connection, 9, 1, 5);
    assertThatThrownBy(() -> insertOrder(connection, 9, 1, 5)).hasMessageContaining("duplicate");
  }

  @Test
  void keepsTheEndOfATransactionToItself() {
    shop.on(9)
        .useTransaction(
            connection -> {
              assertThatThrownBy(connection::commit)
                  .isInstanceOf(SQLException.class)
                  .hasMessageContaining("return to commit");
              assertThatThrownBy(() -> connection.setAutoCommit(true))
                  .isInstanceOf(SQLException.class);
              connection.close();
              assertThat(connection.isClosed()).isFalse();
            });
  }

  @Test
  void keepsTheEndOfATransactionToItselfAlsoWhereItIsSaidInSql() {
    assertThatThrownBy(
            () ->
                shop.on(9)
                    .useTransaction(
                        connection -> {
                          insertOrder(connection, 9, 1, 5);
                          try (Statement statement = connection.createStatement()) {
                            statement.execute("savepoint s");
                            statement.execute("rollback to savepoint s");
                            refused(() -> statement.addBatch("rollback"));
                            refused(() -> connection.prepareStatement("end"));
                            refused(() -> statement.getConnection().prepareCall("abort"));
                            statement.execute("commit");
                          }
                        }))
        .isInstanceOf(StatementFailed.class)
        .hasMessageContaining("return to commit");
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(0L);
  }

  private static void refused(ThrowingCallable text) {
    assertThatThrownBy(text).hasMessageContaining("throw to roll back");
  }

  @Test
  void lendsAPlainConnectionThatComesBackAsItWas() throws SQLException {
    try (Connection connection = shop.on(9).connection()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      insertOrder(connection, 9, 1, 5);
    }
    Connection connection = shop.on(9).connection();
    assertThat(connection.getAutoCommit()).isTrue();
    assertThat(connection.getTransactionIsolation())
        .isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
    connection.close();
    connection.close();
    assertThat(connection.isClosed()).isTrue();
    assertThatThrownBy(connection::createStatement).isInstanceOf(SQLException.class);
    assertThat(count("select count(*) from orders where user_id = 9", 9)).contains(0L);
  }

  private static Optional<Long> count(String sql, long key) {
    return shop.on(key).queryOne(sql, row -> row.getLong(1));
  }

  private static void insertOrder(Connection connection, long user, long id, int amount)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into orders values (?, ?, ?)")) {
      statement.setLong(1, user);
      statement.setLong(2, id);
      statement.setInt(3, amount);
      statement.executeUpdate();
    }
  }
}
