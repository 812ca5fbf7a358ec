package dev.shardwright.rebalance.internal.throttle;

import java.sql.SQLException;
import java.util.Optional;

/** Something that is looked at while rows are moved, and may say that the service needs a rest. */
@FunctionalInterface
public interface Signal {
  /** Why the mover should wait, for people; empty if it may go on. */
  Optional<String> reasonToPause() throws SQLException;
}
