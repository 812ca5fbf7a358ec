package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.ShardException;
import dev.shardwright.topology.TableName;
import java.sql.SQLException;

/**
 * A row that moves and one that is on the other side anyway have the same value where it must be
 * unique. The operator has to change one of them; the server's words name the value.
 */
public final class LastingConflict extends ShardException {
  LastingConflict(TableName table, String what, SQLException cause) {
    super(
        "table %s: %s is in conflict with rows on the other side: %s"
            .formatted(table, what, cause.getMessage()),
        cause);
  }
}
