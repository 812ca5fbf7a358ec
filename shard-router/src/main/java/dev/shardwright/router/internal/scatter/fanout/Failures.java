package dev.shardwright.router.internal.scatter.fanout;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.run.Fault;
import java.sql.SQLException;

/** Says what a failure on one shard means, where work on it cannot simply be done again. */
public final class Failures {
  private Failures() {}

  public static ShardException of(ShardId shard, SQLException said) {
    return of("shard %s: %s".formatted(shard, said.getMessage()), said);
  }

  /** The same, where the shard is not known. */
  public static ShardException of(SQLException said) {
    return of(String.valueOf(said.getMessage()), said);
  }

  private static ShardException of(String message, SQLException said) {
    return switch (Fault.of(said)) {
      case LOST, NO_CONNECTION, POOL_CLOSED, OUTDATED, FAILED_OVER ->
          new ShardUnavailable(message, said);
      case STALE_EPOCH, NOT_HERE, MOVED, CONFLICT, CANCELLED, REFUSED ->
          new StatementFailed(message, said);
    };
  }
}
