package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGResultSetMetaData;

/** Rows that are still being read when their transaction, or their connection, ends. */
@ExtendWith(LeakCheckExtension.class)
class OpenRowsIT {
  private static final int ROWS = 35;
  private static final String BY_KEY =
      "select name, user_id + ? as sum, '::1'::inet from users where user_id = ?";

  private static TestCluster cluster;
  private static ShardRouter router;
  private static long here;

  private Connection connection;
  private Connection next;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          """
          create table rates (code text primary key, rate int);
          insert into rates values ('EUR', 1);
          grant select, update on rates to %s;
          """
              .formatted(cluster.app));
    }
    cluster.admin.registerReferenceTable(TableName.of("rates"));
    // One connection for each shard, so that the next borrower has the very same.
    router = narrow();
    here = TestCluster.keyOn(router, "s1");
    for (String shard : List.of("s1", "s2")) {
      cluster.execute(
          shard,
          "insert into orders select %s, id, 1 from generate_series(1, %s) id"
              .formatted(TestCluster.keyOn(router, shard), ROWS));
    }
  }

  private static ShardRouter narrow() {
    return cluster.router(
        cluster.options().withPools(cluster.options().pools().withMaxConnections(1)));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    connection = router.dataSource().getConnection();
    connection.setAutoCommit(false);
    next = router.dataSource().getConnection();
    next.setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    next.close();
    assertThat(active()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"commit", "rollback", "turn autocommit on", "commit in SQL"})
  void areClosedWithTheirTransactionIfTheyComeThroughACursor(String end) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select id from orders where user_id = ? order by id")) {
      statement.setLong(1, here);
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery();
      assertThat(rows.next()).isTrue();
      end(end);
      nextBegins();
      closed(() -> readToTheEnd(rows));
      next.commit();
    }
  }

  @Test
  void areClosedWithTheirTransactionIfTheyCanBeChanged() throws SQLException {
    try (Statement statement =
            connection.createStatement(
                ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
        ResultSet rows =
            statement.executeQuery("select * from orders where id = 1 and user_id = " + here)) {
      assertThat(rows.next()).isTrue();
      connection.commit();
      nextBegins();
      closed(
          () -> {
            rows.updateInt("amount", 99);
            rows.updateRow();
          });
      next.commit();
    }
    assertThat(cluster.count("s1", "select count(*) from orders where amount = 99")).isZero();
  }

  /** The rows of an earlier run are no reason to end those of the next. */
  @Test
  void closeTheirStatementOnlyIfTheyAreItsLast() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.closeOnCompletion();
      String sql = "select id from orders where user_id = " + here;
      ResultSet first = statement.executeQuery(sql);
      ResultSet second = statement.executeQuery(sql);
      first.close();
      assertThat(second.next()).isTrue();
      second.close();
      assertThat(statement.isClosed()).isTrue();
    }
  }

  @Test
  void cannotBeChangedOutsideTransactions() throws SQLException {
    try (Statement statement =
        connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE)) {
      connection.setAutoCommit(true);
      ResultSet rows = statement.executeQuery("select * from orders where user_id = " + here);
      assertThat(rows.getConcurrency()).isEqualTo(ResultSet.CONCUR_READ_ONLY);
    }
  }

  /** One shard's copy alone would change. */
  @ParameterizedTest
  @ValueSource(strings = {"", " and exists (select 1 from orders where user_id = ?)"})
  void ofReferenceTablesCannotBeChanged(String condition) throws SQLException {
    update(connection);
    String sql = "select code, rate from rates where code = 'EUR'" + condition;
    try (PreparedStatement statement =
        connection.prepareStatement(sql, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE)) {
      if (!condition.isEmpty()) {
        statement.setLong(1, here);
      }
      ResultSet rows = statement.executeQuery();
      assertThat(rows.next()).isTrue();
      assertThat(rows.getConcurrency()).isEqualTo(ResultSet.CONCUR_READ_ONLY);
      assertThatThrownBy(() -> rows.updateInt("rate", 2)).isInstanceOf(SQLException.class);
    }
    connection.rollback();
  }

  @Test
  void areClosedWithTheirTransactionIfTheyStreamFromSeveralShards() throws SQLException {
    update(connection);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery("select id from orders order by id");
      assertThat(rows.getHoldability()).isEqualTo(ResultSet.CLOSE_CURSORS_AT_COMMIT);
      assertThat(rows.next()).isTrue();
      assertThat(active()).isEqualTo(2);
      connection.commit();
      assertThat(active()).isZero();
      nextBegins();
      closed(() -> readToTheEnd(rows));
      next.commit();
    }
  }

  @Test
  void outliveTheirTransactionIfTheyCameWhole() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select id, array[id] from orders where user_id = " + here)) {
      assertThat(rows.getMetaData().getTableName(1)).isEqualTo("orders");
      connection.commit();
      nextBegins();
      assertThat(rows.next()).isTrue();
      assertThat(rows.getArray(2).getArray()).isEqualTo(new Long[] {rows.getLong(1)});
      assertThat(rows.getMetaData().getTableName(1)).as("nothing is asked for them").isEmpty();
      assertThatThrownBy(() -> rows.getBlob(1)).hasMessageContaining("outside a transaction");
      assertThat(readToTheEnd(rows)).isEqualTo(ROWS - 1);
      next.commit();
    }
  }

  @Test
  void tellTheirTypesWithoutAskingOnAConnectionThatIsAnothersByThen() throws SQLException {
    ShardRouter fresh = narrow(); // whose connections have not learnt of the columns yet
    try (Connection reading = fresh.dataSource().getConnection();
        PreparedStatement statement = reading.prepareStatement(BY_KEY)) {
      reading.setAutoCommit(false);
      statement.setLong(1, 1);
      statement.setLong(2, here);
      ResultSetMetaData columns = statement.executeQuery().getMetaData();
      reading.commit();
      try (Connection failed = failedOn(fresh, "s1")) {
        statement.setInt(1, 1);
        assertThat(typeNames(columns)).containsExactly("text", "int8", "inet");
        assertThat(columns.getTableName(1)).isEmpty();
        assertThatThrownBy(() -> columns.unwrap(PGResultSetMetaData.class))
            .hasMessageContaining("somebody else's");
        failed.rollback();
      }
    }
  }

  /** Nothing can be looked up in a transaction that has failed. */
  @Test
  void outliveATransactionThatFailedAfterThem() throws SQLException {
    ShardRouter fresh = narrow();
    try (Connection reading = fresh.dataSource().getConnection();
        Statement statement = reading.createStatement();
        Statement failing = reading.createStatement()) {
      reading.setAutoCommit(false);
      ResultSet rows =
          statement.executeQuery("select '::1'::inet from orders where user_id = " + here);
      assertThatThrownBy(() -> failing.execute("select 1 / 0")).isInstanceOf(SQLException.class);
      reading.rollback();
      try (Connection failed = failedOn(fresh, "s1")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getObject(1)).hasToString("::1");
        failed.rollback();
      }
    }
  }

  @Test
  void ofAStatementThatWasNotCarriedOutAreDescribedWithoutAConnection() throws SQLException {
    ShardRouter fresh = narrow();
    try (Connection reading = fresh.dataSource().getConnection();
        PreparedStatement statement = reading.prepareStatement(BY_KEY)) {
      ResultSetMetaData columns = statement.getMetaData();
      ParameterMetaData parameters = statement.getParameterMetaData();
      try (Connection one = failedOn(fresh, "s1");
          Connection other = failedOn(fresh, "s2")) {
        assertThat(typeNames(columns)).containsExactly("text", "int8", "inet");
        assertThat(columns.getColumnType(3)).isEqualTo(Types.OTHER);
        assertThat(columns.getColumnClassName(3)).isEqualTo("java.lang.String");
        assertThat(parameters.getParameterTypeName(1)).isEqualTo("int8");
        assertThat(statement.getParameterMetaData()).isSameAs(parameters);
        one.rollback();
        other.rollback();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"s1", "s2"})
  void ofSeveralShardsTellTheirTypesLikewise(String shard) throws SQLException {
    update(connection);
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select name, count(*) from users group by 1")) {
      ResultSetMetaData columns = rows.getMetaData();
      connection.commit();
      try (Connection failed = failedOn(router, shard)) {
        assertThat(typeNames(columns)).containsExactly("text", "int8");
        failed.rollback();
      }
    }
  }

  @Test
  void ofACatalogTellTheirTypesLikewise() throws SQLException {
    try (ResultSet tables = connection.getMetaData().getTables(null, "public", "users", null);
        Connection one = failedOn(router, "s1")) {
      assertThat(tables.getMetaData().getColumnTypeName(3)).isEqualTo("name");
      assertThat(tables.getStatement()).isNull();
      one.rollback();
    }
  }

  @Test
  void outliveTheirTransactionIfTheyWereAskedTo() throws SQLException {
    try (Statement statement =
        connection.createStatement(
            ResultSet.TYPE_FORWARD_ONLY,
            ResultSet.CONCUR_READ_ONLY,
            ResultSet.HOLD_CURSORS_OVER_COMMIT)) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery("select id from orders where user_id = " + here);
      connection.commit();
      nextBegins();
      assertThat(readToTheEnd(rows)).isEqualTo(ROWS);
      next.commit();
    }
  }

  @Test
  void outliveALaterTransactionIfTheyAreOfNone() throws SQLException {
    connection.setAutoCommit(true);
    ShardRouter roomy = cluster.router();
    try (Connection reader = roomy.dataSource().getConnection();
        Statement statement = reader.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery("select id from orders order by id");
      assertThat(rows.next()).isTrue();
      reader.setAutoCommit(false);
      update(reader);
      reader.commit();
      assertThat(readToTheEnd(rows)).isEqualTo(2 * ROWS - 1);
    }
  }

  @Test
  void areClosedWithTheirConnection() throws SQLException {
    connection.setAutoCommit(true);
    Statement streaming = connection.createStatement();
    streaming.setFetchSize(10);
    ResultSet stream = streaming.executeQuery("select id from orders order by id");
    assertThat(stream.next()).isTrue();
    assertThat(active()).isEqualTo(2);
    connection.close();
    assertThat(active()).isZero();
    assertThat(streaming.isClosed()).isTrue();
    closed(stream::next);
    try (Statement statement = next.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery("select id from orders order by id");
      assertThat(readToTheEnd(rows)).as("there is a place among streams").isEqualTo(2 * ROWS);
    }
  }

  /** What the driver would do by itself, it must not do to rows that outlive their transaction. */
  @Test
  void comeWholeAlsoFromAnEndpointWhoseDriverFetchesSomeAtATime() throws SQLException {
    try (TestCluster some = TestCluster.withShards(1)) {
      Shard shard = some.shard("s1");
      Endpoint endpoint =
          new Endpoint(shard.primary().url() + "?defaultRowFetchSize=10", shard.primary().user());
      some.change(topology -> topology.withShard(shard.withPrimary(endpoint)));
      some.execute("s1", "insert into orders select 1, n, n from generate_series(1, 100) n");
      try (Connection reader = some.router().dataSource().getConnection();
          Statement statement = reader.createStatement()) {
        reader.setAutoCommit(false);
        ResultSet rows = statement.executeQuery("select id from orders where user_id = 1");
        assertThat(rows.next()).isTrue();
        reader.commit();
        assertThat(readToTheEnd(rows)).isEqualTo(99);
      }
    }
  }

  /** The only session of a shard, in a transaction that has failed. */
  private static Connection failedOn(ShardRouter router, String shard) throws SQLException {
    Connection connection = router.shard(shard).connection();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("select 1 / 0")).isInstanceOf(SQLException.class);
    }
    return connection;
  }

  private static List<String> typeNames(ResultSetMetaData columns) throws SQLException {
    List<String> names = new ArrayList<>();
    for (int column = 1; column <= columns.getColumnCount(); column++) {
      names.add(columns.getColumnTypeName(column));
    }
    return names;
  }

  private void end(String how) throws SQLException {
    switch (how) {
      case "commit" -> connection.commit();
      case "rollback" -> connection.rollback();
      case "turn autocommit on" -> connection.setAutoCommit(true);
      case "commit in SQL" -> {
        try (Statement statement = connection.createStatement()) {
          statement.execute("commit");
        }
      }
      default -> throw new IllegalArgumentException(how);
    }
  }

  /** The session of the transaction before is that of another now. */
  private void nextBegins() throws SQLException {
    update(next);
  }

  private static void update(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("update orders set amount = amount + 1 where user_id = " + here);
    }
  }

  private static int readToTheEnd(ResultSet rows) throws SQLException {
    int count = 0;
    while (rows.next()) {
      count++;
    }
    return count;
  }

  private static void closed(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(SQLException.class).hasMessageContaining("is closed");
  }

  private static int active() {
    return router.health().pools().stream().mapToInt(pool -> pool.active()).sum();
  }
}
