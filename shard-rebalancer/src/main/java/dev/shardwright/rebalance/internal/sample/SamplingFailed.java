package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import java.sql.SQLException;

/** A shard could not be sampled; nothing was changed, and it may work later. */
public final class SamplingFailed extends ShardException {
  private static final String PRIVILEGE = "42501";

  SamplingFailed(ShardId shard, String what, SQLException cause) {
    super(
        "sampling %s on shard %s failed: %s%s"
            .formatted(what, shard, cause.getMessage(), remedy(cause)),
        cause);
  }

  private static String remedy(SQLException cause) {
    return PRIVILEGE.equals(cause.getSQLState())
        ? "; the admin role must be allowed to read it, and past row security: alter role … bypassrls"
        : "";
  }
}
