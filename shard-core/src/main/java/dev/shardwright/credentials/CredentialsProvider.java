package dev.shardwright.credentials;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;

/**
 * Supplies users and passwords. Asked each time a connection is opened, so that a changed secret is
 * picked up without a restart; slow sources should cache. Must be thread-safe.
 */
@FunctionalInterface
public interface CredentialsProvider {

  /**
   * The credentials for one endpoint.
   *
   * @throws RuntimeException if there are none; the message is shown, so it must not hold a secret
   */
  Credentials credentialsFor(ShardId shard, Endpoint endpoint, Role role);
}
