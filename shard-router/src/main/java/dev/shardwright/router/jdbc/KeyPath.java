package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.ShardingKey;
import java.sql.ShardingKeyBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * A sharding key in the form of the JDK: the key alone where the cluster has one sharded keyspace,
 * else the keyspace's name, then the key. As a super key, the name of a region. Immutable.
 */
record KeyPath(List<Object> subkeys) implements ShardingKey {

  /** Collects the parts. Used by one thread. */
  static final class Builder implements ShardingKeyBuilder {
    private final List<Object> subkeys = new ArrayList<>();

    /**
     * {@inheritDoc}
     *
     * @param type is not looked at: the key's Java type must be one that the keyspace takes
     */
    @Override
    public ShardingKeyBuilder subkey(Object subkey, SQLType type) {
      subkeys.add(subkey);
      return this;
    }

    @Override
    public ShardingKey build() throws SQLException {
      if (subkeys.isEmpty() || subkeys.size() > 2 || subkeys.contains(null)) {
        throw SqlFailures.wrongCall(
            "a sharding key is the key, or the keyspace's name and the key; there are %s parts%s"
                .formatted(subkeys.size(), subkeys.contains(null) ? ", one of them null" : ""));
      }
      return new KeyPath(List.copyOf(subkeys));
    }
  }
}
