package dev.shardwright.router.internal.loan;

import dev.shardwright.router.internal.pool.EndpointPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/**
 * What a session has set that counts on every shard: applied to each connection before its
 * statement, and taken back before the connection returns to its pool. Immutable.
 */
public interface SessionState {
  /** Nothing was set. */
  SessionState NONE =
      new SessionState() {
        @Override
        public boolean sets() {
          return false;
        }

        @Override
        public void apply(Connection connection) {}

        @Override
        public Set<String> resets() {
          return Set.of();
        }
      };

  /**
   * Looks whether statements mean on a session of that pool what they were read as. Sends nothing.
   */
  default void check(EndpointPool pool) {}

  /** Whether it sets anything, which has to be reset then. */
  default boolean sets() {
    return true;
  }

  /** Sets a pooled connection up, in autocommit mode: all of it, or nothing if that fails. */
  void apply(Connection connection) throws SQLException;

  /**
   * The statements that make a connection as it was, each for one setting and safe to repeat: those
   * of several states together take back whatever was left of any.
   */
  Set<String> resets();

  /**
   * Whether it sets the time zone. The driver writes moments that come in binary form by the time
   * zone that the connection has when they are read, so rows that may be read later come as text.
   */
  default boolean setsTimeZone() {
    return false;
  }

  /** How long a connection waits for the network; 0 for as long as its pool lets it. */
  default int networkTimeoutMillis() {
    return 0;
  }
}
