package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.ShardException;
import dev.shardwright.topology.TableName;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A row that moves and one that is on the other side anyway have the same value where it must be
 * unique. The operator has to change one of them; the server's words name the value.
 */
public final class LastingConflict extends ShardException {
  LastingConflict(TableName table, String what, SQLException cause) {
    super(
        "table %s: %s is in conflict with rows on the other side: %s"
            .formatted(table, what, inFull(cause)),
        cause);
  }

  /** The server names the value beside its message, and the mover's sessions leave that out. */
  private static String inFull(SQLException cause) {
    ServerErrorMessage told =
        cause instanceof PSQLException failure ? failure.getServerErrorMessage() : null;
    String detail = told == null ? null : told.getDetail();
    return cause.getMessage() + (detail == null ? "" : ": " + detail);
  }
}
