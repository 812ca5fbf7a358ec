package dev.shardwright.router.internal.loan;

import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.Connection;
import java.util.List;
import java.util.Set;

/**
 * The state of a session that has set nothing, and whose statements were read with the search path
 * that sessions of the shards begin with. Immutable.
 */
public record ReadWith(List<String> searchPath) implements SessionState {
  @Override
  public void check(EndpointPool pool) {
    List<String> there = pool.defaults().searchPath();
    if (there.equals(searchPath)) {
      return;
    }
    pool.suspect(); // its sessions may be older than what the role has now
    throw new SqlRefused(
        SqlRefused.Reason.SESSION_FEATURE,
        ("sessions of shard %s begin with the search_path %s, and the statement was read with %s:"
                + " give the role the same on all shards, with ALTER ROLE, and begin a new"
                + " connection; or set search_path")
            .formatted(pool.shard(), there, searchPath));
  }

  @Override
  public boolean sets() {
    return false;
  }

  @Override
  public void apply(Connection connection) {}

  @Override
  public Set<String> resets() {
    return Set.of();
  }
}
