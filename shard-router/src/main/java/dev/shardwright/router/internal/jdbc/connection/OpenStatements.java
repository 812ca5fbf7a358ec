package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.internal.jdbc.failure.EachOf;
import dev.shardwright.router.internal.jdbc.session.OpenAnswers;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statements of a connection that are open. The driver's statements are not made by the pool,
 * which therefore closes none of them. Used by one thread at a time, but for {@link #abort}.
 */
final class OpenStatements implements OpenAnswers {
  private static final Logger log = LoggerFactory.getLogger(OpenStatements.class);

  /** As a rule there is one, on a connection that is there for it alone. */
  private static final int USUAL = 2;

  /** In the order in which they were opened; guarded by this. */
  private final List<ShardStatement> open = new ArrayList<>(USUAL);

  synchronized <S extends ShardStatement> S add(S statement) {
    open.add(statement);
    return statement;
  }

  /** The last one, as a rule. */
  synchronized void remove(ShardStatement closed) {
    int place = open.lastIndexOf(closed);
    if (place >= 0) {
      open.remove(place);
    }
  }

  private synchronized List<ShardStatement> now() {
    return List.copyOf(open);
  }

  @Override
  public void leaveTransaction() {
    now().forEach(ShardStatement::leaveTransaction);
  }

  /** Cancels what they just carry out, and ends the reading of what they gave. */
  void abort() {
    try {
      EachOf.run(now(), ShardStatement::cancel);
    } catch (SQLException e) {
      log.debug("statements of a connection that is aborted could not be cancelled", e);
    }
    now().forEach(statement -> statement.running.abortReading());
  }

  @Override
  public void close() throws SQLException {
    EachOf.run(now(), ShardStatement::close);
  }
}
