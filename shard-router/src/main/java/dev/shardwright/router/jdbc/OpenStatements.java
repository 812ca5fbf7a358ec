package dev.shardwright.router.jdbc;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statements of a connection that are open. The driver's statements are not made by the pool,
 * which therefore closes none of them. Used by one thread at a time, but for {@link #cancel}.
 */
final class OpenStatements {
  private static final Logger log = LoggerFactory.getLogger(OpenStatements.class);

  private final Set<ShardStatement> open = ConcurrentHashMap.newKeySet();

  <S extends ShardStatement> S add(S statement) {
    open.add(statement);
    return statement;
  }

  void remove(ShardStatement closed) {
    open.remove(closed);
  }

  /** The transaction ends: from here on, others may have the connection that it was on. */
  void leaveTransaction() {
    open.forEach(ShardStatement::leaveTransaction);
  }

  /** Cancels what they just carry out. */
  void cancel() {
    for (ShardStatement statement : open) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        log.debug("a statement of a connection that is aborted could not be cancelled", e);
      }
    }
  }

  /** Closes all of them. Safe to repeat. */
  void close() throws SQLException {
    SQLException failure = null;
    for (ShardStatement statement : open) {
      try {
        statement.close();
      } catch (SQLException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
