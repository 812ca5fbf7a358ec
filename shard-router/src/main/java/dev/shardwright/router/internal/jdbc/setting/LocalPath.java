package dev.shardwright.router.internal.jdbc.setting;

import com.google.common.collect.Sets;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.EndpointPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/**
 * The state of a session whose transaction has a search path for itself. The server takes it back
 * at the transaction's end, but the driver, which must not go on with what it has prepared since,
 * only hears of it where it is reset. Immutable.
 *
 * @param settings what the session has set
 */
public record LocalPath(SessionState settings) implements SessionState {
  private static final Set<String> RESET = Set.of("reset search_path");

  @Override
  public void check(EndpointPool pool) {
    settings.check(pool);
  }

  @Override
  public boolean sets() {
    return settings.sets();
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
  public int networkTimeoutMillis() {
    return settings.networkTimeoutMillis();
  }

  @Override
  public Set<String> resets() {
    return Sets.union(settings.resets(), RESET);
  }
}
