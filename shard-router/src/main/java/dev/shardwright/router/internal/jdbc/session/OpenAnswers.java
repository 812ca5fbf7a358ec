package dev.shardwright.router.internal.jdbc.session;

import java.sql.SQLException;

/** The answers of a session that may still be read. */
public interface OpenAnswers {
  /** The transaction ends: from here on, others may have the connection that it was on. */
  void leaveTransaction();

  /** Closes all of them. Safe to repeat. */
  void close() throws SQLException;
}
