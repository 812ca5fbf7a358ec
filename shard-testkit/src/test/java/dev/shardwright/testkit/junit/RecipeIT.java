package dev.shardwright.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The code of docs/testing.md, word for word: {@link RecipeTextTest} compares them. */
class RecipeIT {

  // recipe: shards
  @ExtendWith(LeakCheckExtension.class)
  static class OrdersTest {
    @RegisterExtension static final DatabaseExtension EAST = new DatabaseExtension();
    @RegisterExtension static final DatabaseExtension WEST = new DatabaseExtension();

    @Test
    void keepsOrdersApart() throws SQLException {
      EAST.database().execute("create table orders (id bigint primary key)");
      WEST.database().execute("create table orders (id bigint primary key)");
      String zooKeeper = ZooKeeperServer.shared().freshConnectString();
      assertThat(zooKeeper).startsWith("127.0.0.1:");
      // … set up a cluster of EAST.database().url() and WEST.database().url(), and use it
    }
  }

  // end

  // recipe: kill
  static class CrashTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES =
        new PostgresExtension(PostgresOptions.DEFAULTS.with("max_prepared_transactions", "10"));

    @Test
    void findsCommittedRowsAfterACrash() throws SQLException {
      PostgresServer server = POSTGRES.server();
      server.execute("create table kept as select 1 as id");
      server.kill(); // no process says goodbye
      server.restart(); // same port, same data
      server.execute("insert into kept values (2)");
    }
  }

  // end

  // recipe: network
  @Test
  void doesNotKnowWhatBecameOfAWriteWhenTheConnectionIsCut() throws SQLException {
    PostgresServer server = PostgresServer.shared();
    try (var database = server.freshDatabase();
        FaultProxy proxy = FaultProxy.to(server.host(), server.port())) {
      database.execute("create table t (id int)");
      String url = "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/" + database.name();
      try (Connection connection =
              DriverManager.getConnection(url, database.user(), database.password());
          Statement statement = connection.createStatement()) {
        proxy.cutOnNextResponse(); // the server has committed; its answer is lost
        assertThatThrownBy(() -> statement.execute("insert into t values (1)"))
            .isInstanceOf(SQLException.class);
      }
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("select count(*) from t")) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(1);
      }
    }
  }

  // end

  // recipe: main
  static void startDemo() {
    try (PostgresServer first = PostgresServer.start();
        PostgresServer second = PostgresServer.start();
        ZooKeeperServer zooKeeper = ZooKeeperServer.start()) {
      System.out.println(first.url() + " " + second.url() + " " + zooKeeper.connectString());
    }
  }

  // end

  @Test
  void startsADemo() {
    startDemo();
  }

  @Test
  void runsWhatTheRecipesSay() {
    for (Class<?> recipe : new Class<?>[] {OrdersTest.class, CrashTest.class}) {
      assertThat(ExtensionsIT.failures(recipe)).isEmpty();
    }
  }
}
