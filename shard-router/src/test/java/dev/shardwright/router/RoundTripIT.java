package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

/** The router sends nothing of its own once a connection is there. */
@ExtendWith(LeakCheckExtension.class)
class RoundTripIT {
  @Test
  void takesOneRoundTripForOneStatement() throws Exception {
    PostgresServer server = PostgresServer.shared();
    try (TestCluster cluster = TestCluster.withShards(1);
        CountingProxy proxy = new CountingProxy(server.host(), server.port())) {
      String url =
          "jdbc:postgresql://127.0.0.1:%d/%s?sslmode=disable"
              .formatted(proxy.port(), cluster.database("s1"));
      try (ShardRouter router =
          cluster.routerWith(
              topology ->
                  topology.withShard(Shard.of(ShardId.of("s1"), new Endpoint(url, cluster.app))))) {
        OneShard shard = router.keyspace("shop").on(1);
        for (int i = 0; i < 20; i++) {
          int answers =
              answers(
                  proxy,
                  shard,
                  () -> {
                    shard.queryOne("select name from users where user_id = ?", row -> "", 1);
                    shard.update("update users set name = 'x' where user_id = ?", 1);
                  });
          assertThat(answers).as("two statements").isEqualTo(2);
        }

        int plainly;
        try (Connection plain =
            DriverManager.getConnection(url, cluster.app, TestCluster.APP_PASSWORD)) {
          plain.setAutoCommit(false);
          proxy.answers();
          execute(plain, "select 1");
          execute(plain, "select 2");
          plain.commit();
          plainly = proxy.answers();
        }
        int inTransaction =
            answers(
                proxy,
                shard,
                () ->
                    shard.useTransaction(
                        connection -> {
                          execute(connection, "select 1");
                          execute(connection, "select 2");
                        }));
        assertThat(inTransaction).as("as many as plain JDBC takes").isEqualTo(plainly);

        int lent =
            answers(
                proxy,
                shard,
                () -> {
                  try (Connection connection = shard.connection()) {
                    execute(connection, "select 1");
                  }
                });
        assertThat(lent)
            .as("a statement on a plain connection, and the look at what it left in the session")
            .isEqualTo(2);

        shard.query("select 1", row -> 1);
        proxy.answers();
        try (Connection held = shard.connection();
            Connection fresh = shard.connection()) {
          assertThat(held).isNotEqualTo(fresh);
        }
        assertThat(proxy.answers())
            .as("signing in, entering, and a look at each of two sessions")
            .isEqualTo(4);
      }
    }
  }

  @Test
  void takesNoneForTheNullsOfSpringAndOneForWhatTheParametersOfAStatementAre() throws Exception {
    PostgresServer server = PostgresServer.shared();
    try (TestCluster cluster = TestCluster.withShards(1);
        CountingProxy proxy = new CountingProxy(server.host(), server.port());
        ShardRouter router = router(cluster, proxy)) {
      JdbcTemplate spring = new JdbcTemplate(router.dataSource());
      String insert = "insert into users (user_id, name) values (?, coalesce(?, 'x'))";
      spring.update(insert, 1, null);
      proxy.answers();
      spring.update(insert, 2, null);
      assertThat(proxy.answers()).isEqualTo(1);
      try (Connection connection = router.dataSource().getConnection();
          PreparedStatement statement = connection.prepareStatement(insert)) {
        for (int place = 1; place <= 2; place++) {
          assertThat(statement.getParameterMetaData().getParameterType(place))
              .isEqualTo(place == 1 ? Types.BIGINT : Types.VARCHAR);
        }
        assertThat(proxy.answers()).isEqualTo(1);
      }
    }
  }

  @Test
  void takesOneOnTheShardOfATransactionForAQueryOverSeveral() throws Exception {
    PostgresServer server = PostgresServer.shared();
    try (TestCluster cluster = TestCluster.withShards(2);
        CountingProxy proxy = new CountingProxy(server.host(), server.port());
        ShardRouter router = router(cluster, proxy);
        Connection connection = router.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "delete from users where user_id = " + TestCluster.keyOn(router, "s1"));
      execute(connection, "select count(*) from users");
      proxy.answers();
      for (int i = 0; i < 5; i++) {
        execute(connection, "select count(*) from users");
      }
      assertThat(proxy.answers()).isEqualTo(5);
      connection.rollback();
    }
  }

  private interface Work {
    void run() throws SQLException;
  }

  /**
   * Whether it lives, a connection is asked that nobody has used for half a second: what took
   * nearly as long is measured again.
   */
  private static int answers(CountingProxy proxy, OneShard shard, Work work) throws SQLException {
    for (int attempt = 0; attempt < 100; attempt++) {
      shard.query("select 1", row -> 1);
      proxy.answers();
      long began = System.nanoTime();
      work.run();
      int answers = proxy.answers();
      if (System.nanoTime() - began < Duration.ofMillis(400).toNanos()) {
        return answers;
      }
    }
    throw new AssertionError("nothing is done within 400 ms");
  }

  /** The way to s1 is through the proxy. */
  private static ShardRouter router(TestCluster cluster, CountingProxy proxy) {
    String url =
        "jdbc:postgresql://127.0.0.1:%d/%s?sslmode=disable"
            .formatted(proxy.port(), cluster.database("s1"));
    return cluster.routerWith(
        topology -> topology.withShard(Shard.of(ShardId.of("s1"), new Endpoint(url, cluster.app))));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
