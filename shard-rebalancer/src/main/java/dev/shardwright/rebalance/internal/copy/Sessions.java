package dev.shardwright.rebalance.internal.copy;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens sessions of the mover on one side. */
@FunctionalInterface
public interface Sessions {
  /** A new session, in autocommit mode; the caller closes it. */
  Connection open() throws SQLException;
}
