package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.router.internal.jdbc.connection.ShardConnection;
import dev.shardwright.testkit.ZooKeeperServer;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.ShardingKey;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The way from a URL to a connection. (The routers of URLs outlive their connections by a minute,
 * so nothing looks for leaks here.)
 */
class DriverIT {
  private static TestCluster cluster;
  private static String url;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    url =
        "jdbc:shardwright://%s/%s?user=%s&password=%s"
            .formatted(
                ZooKeeperServer.shared().connectString(),
                cluster.name,
                cluster.app,
                TestCluster.APP_PASSWORD);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void isFoundByTheDriverManager() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("insert into users (user_id, name) values (1, 'one')");
      try (ResultSet rows = statement.executeQuery("select name from users where user_id = 1")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("one");
      }
      DatabaseMetaData about = connection.getMetaData();
      assertThat(about.getURL()).startsWith("jdbc:shardwright://").doesNotContain("secret");
    }
  }

  @Test
  void leavesUrlsOfOthersAlone() throws SQLException {
    Driver driver = new Driver();
    assertThat(driver.connect("jdbc:postgresql://localhost/test", new Properties())).isNull();
    assertThat(driver.acceptsURL(url)).isTrue();
    assertThat(driver.acceptsURL("jdbc:postgresql://localhost/test")).isFalse();
    assertThat(driver.jdbcCompliant()).isFalse();
    assertThat(Arrays.stream(driver.getPropertyInfo(url, new Properties())).map(p -> p.name))
        .containsExactlyElementsOf(
            Arrays.stream(ConnectionProperty.values()).map(ConnectionProperty::key).toList());
    DriverPropertyInfo profile = driver.getPropertyInfo(url, new Properties())[6];
    assertThat(profile.choices).containsExactly("server", "serverless");
  }

  @Test
  void takesNoUserForTheUsualOneAndRefusesNoUrl() throws SQLException {
    try (Connection connection = new ShardwrightDataSource(url).getConnection((String) null, null);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select current_user")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo(cluster.app);
    }
    assertThatThrownBy(() -> new ShardwrightDataSource(null))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW109"));
  }

  @Test
  void refusesOptionsOfAStatementThatIsClosed() throws SQLException {
    try (Connection connection = cluster.router().dataSource().getConnection()) {
      Statement statement = connection.createStatement();
      statement.close();
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> statement.setFetchSize(1),
              () -> statement.setMaxRows(1),
              () -> statement.setQueryTimeout(1),
              () -> statement.setPoolable(true),
              () -> statement.setEscapeProcessing(false),
              statement::getFetchSize,
              statement::getQueryTimeout,
              statement::getResultSetType,
              statement::isPoolable)) {
        assertThatThrownBy(call).isInstanceOf(SQLException.class).hasMessageContaining("is closed");
      }
    }
  }

  @Test
  void saysThatACredentialIsWrongOrAClusterIsNotThere() throws SQLException {
    String wrong = url.replace(TestCluster.APP_PASSWORD, "wrong");
    try (Connection connection = DriverManager.getConnection(wrong);
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.executeQuery("select name from users where user_id = 1"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW201"))
          .hasMessageContaining("password authentication failed");
    }
    assertThatThrownBy(() -> DriverManager.getConnection(url.replace(cluster.name, "nowhere")))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW204"));
  }

  @Test
  void sharesARouterAmongTheConnectionsOfAUrl() throws SQLException {
    DataSource first = new ShardwrightDataSource(url);
    DataSource second = new ShardwrightDataSource(url);
    try (Connection one = first.getConnection();
        Connection two = second.getConnection();
        Connection other = DriverManager.getConnection(url + "&fetchSize=7")) {
      assertThat(router(one)).isSameAs(router(two)).isNotSameAs(router(other));
      try (Statement statement = other.createStatement()) {
        assertThat(statement.getFetchSize()).isEqualTo(7);
      }
    }
  }

  @Test
  void givesAConnectionThatIsBoundToAKeyAndTakesAnySql() throws SQLException {
    DataSource source = new ShardwrightDataSource(url);
    ShardingKey key = source.createShardingKeyBuilder().subkey(7L, JDBCType.BIGINT).build();
    takesAnySql(source.createConnectionBuilder().shardingKey(key).build());
    ShardRouter router = cluster.router();
    ShardingKey named =
        source
            .createShardingKeyBuilder()
            .subkey("shop", JDBCType.VARCHAR)
            .subkey(7L, JDBCType.BIGINT)
            .build();
    takesAnySql(router.dataSource().createConnectionBuilder().shardingKey(named).build());
    try (Connection unbound = source.createConnectionBuilder().build()) {
      assertThat(unbound).isInstanceOf(ShardConnection.class);
    }
  }

  @Test
  void fetchesSoManyRowsAtATimeAsTheUrlSaysAlsoWhereItIsBoundToAKey() throws SQLException {
    DataSource source = new ShardwrightDataSource(url + "&fetchSize=20");
    ShardingKey key = source.createShardingKeyBuilder().subkey(7L, JDBCType.BIGINT).build();
    try (Connection bound = source.createConnectionBuilder().shardingKey(key).build();
        Statement statement = bound.createStatement();
        PreparedStatement prepared = bound.prepareStatement("select 1")) {
      assertThat(statement.getFetchSize()).isEqualTo(20);
      assertThat(prepared.getFetchSize()).isEqualTo(20);
    }
  }

  private static void takesAnySql(Connection bound) throws SQLException {
    try (bound;
        Statement statement = bound.createStatement()) {
      assertThat(statement.getConnection()).isSameAs(bound);
      assertThat(bound.getMetaData().getConnection()).isSameAs(bound);
      statement.execute("create temp table mine (id int)");
      statement.execute("do $$ begin insert into mine values (1), (2); end $$");
      statement.execute("select pg_advisory_lock(4711); listen something");
      try (ResultSet rows =
          statement.executeQuery(
              "select count(*), current_setting('application_name') from mine, pg_class")) {
        rows.next();
        assertThat(rows.getLong(1)).isPositive();
      }
    }
    assertThat(bound.isClosed()).isTrue();
  }

  @Test
  void refusesAShardingKeyThatSaysNoShard() throws SQLException {
    DataSource source = new ShardwrightDataSource(url);
    ShardingKey text = source.createShardingKeyBuilder().subkey("x", JDBCType.VARCHAR).build();
    refused(source, text, "SW203", "key");
    ShardingKey nowhere =
        source
            .createShardingKeyBuilder()
            .subkey("nowhere", JDBCType.VARCHAR)
            .subkey(1, JDBCType.INTEGER)
            .build();
    refused(source, nowhere, "SW203", "unknown keyspace 'nowhere'");
    refused(source, new ShardingKey() {}, "SW109", "createShardingKeyBuilder");
    assertThatThrownBy(() -> source.createShardingKeyBuilder().build())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("there are 0 parts");
    assertThatThrownBy(() -> source.createConnectionBuilder().superShardingKey(text).build())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("super sharding key alone");
    assertThatThrownBy(() -> cluster.router().dataSource().getConnection("somebody", "else"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("credentials provider");
  }

  private static void refused(DataSource source, ShardingKey key, String state, String message) {
    assertThatThrownBy(() -> source.createConnectionBuilder().shardingKey(key).build())
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
        .hasMessageContaining(message);
  }

  @Test
  void describesTheTablesAsOneShardSeesThem() throws SQLException {
    try (Connection connection = cluster.router().dataSource().getConnection()) {
      DatabaseMetaData about = connection.getMetaData();
      assertThat(about.getDatabaseProductName()).isEqualTo("PostgreSQL");
      assertThat(about.getDriverName()).isEqualTo("PostgreSQL JDBC Driver through Shardwright");
      assertThat(about.supportsMultipleResultSets()).isFalse();
      assertThat(about.supportsStoredFunctionsUsingCallSyntax()).isFalse();
      assertThat(about.supportsSharding()).isTrue();
      assertThat(about.getConnection()).isSameAs(connection);
      try (ResultSet columns = about.getColumns(null, "public", "orders", "%")) {
        List<String> names = new java.util.ArrayList<>();
        while (columns.next()) {
          names.add(columns.getString("COLUMN_NAME"));
        }
        assertThat(names).containsExactly("user_id", "id", "amount");
      }
    }
  }

  private static ShardRouter router(Connection connection) throws SQLException {
    return connection.unwrap(ShardConnection.class).router();
  }
}
