package dev.shardwright.router.internal.jdbc.setting;

import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.EndpointPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/**
 * The state of a session that waits for the network no longer than it said. Immutable.
 *
 * @param settings what else the session has set
 */
public record NetworkTimeout(SessionState settings, int networkTimeoutMillis)
    implements SessionState {
  @Override
  public void check(EndpointPool pool) {
    settings.check(pool);
  }

  @Override
  public void apply(Connection connection) throws SQLException {
    settings.apply(connection);
  }

  @Override
  public boolean setsTimeZone() {
    return settings.setsTimeZone();
  }

  @Override
  public Set<String> resets() {
    return settings.resets();
  }
}
