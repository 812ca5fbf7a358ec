package dev.shardwright.router;

import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import java.sql.SQLException;

/** The servers that all tests of this JVM share; they end with it. */
final class Servers {
  static final String APP = "app";
  static final String APP_PASSWORD = "app-secret";

  static final ZooKeeperServer ZOOKEEPER = ZooKeeperServer.start();
  static final PostgresServer POSTGRES = PostgresServer.start();

  static {
    try {
      POSTGRES.createRole(APP, APP_PASSWORD);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Servers() {}
}
