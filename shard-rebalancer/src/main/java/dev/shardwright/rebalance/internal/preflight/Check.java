package dev.shardwright.rebalance.internal.preflight;

import java.sql.SQLException;

/** Looks at one thing, and changes nothing. */
interface Check {
  /** What its findings are called. */
  String name();

  /** Adds what it finds. */
  void look(IntendedMove move, Findings findings) throws SQLException;
}
