package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.loan.SessionState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** The state of a session that waits for the network no longer than it said. Thread-safe. */
final class NetworkTimeout implements SessionState {
  private final SessionState settings;
  private final int millis;
  private final Map<Connection, Integer> before;

  /**
   * @param settings what else the session has set
   * @param millis 0 if it says nothing any more
   * @param before the timeout that each borrowed connection had; shared by all states of a session
   */
  NetworkTimeout(SessionState settings, int millis, Map<Connection, Integer> before) {
    this.settings = settings;
    this.millis = millis;
    this.before = before;
  }

  /** The network's timeout is the driver's own business, so setting it sends nothing. */
  @Override
  public void apply(Connection connection) throws SQLException {
    if (millis > 0) {
      before.put(connection, connection.getNetworkTimeout());
      connection.setNetworkTimeout(Runnable::run, millis);
    }
    settings.apply(connection);
  }

  @Override
  public void reset(Connection connection) throws SQLException {
    settings.reset(connection);
    Integer pooled = before.remove(connection);
    if (pooled != null) {
      connection.setNetworkTimeout(Runnable::run, pooled);
    }
  }
}
