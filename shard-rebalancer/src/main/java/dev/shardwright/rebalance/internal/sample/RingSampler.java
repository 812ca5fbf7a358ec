package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Samples the shards of a ring, one after the other. Thread-safe. */
public final class RingSampler {
  private final ShardSessions sessions;
  private final SampleOptions options;

  /** A sampler that has opened nothing yet. */
  public RingSampler(ShardSessions sessions, SampleOptions options) {
    this.sessions = sessions;
    this.options = options;
  }

  /**
   * What is where on a ring, without load.
   *
   * @throws IllegalArgumentException if there is no such ring
   * @throws SamplingFailed if a shard is out of reach, a statement takes too long or fails
   */
  public RingContent sample(Topology topology, RingId ring) {
    KeyspaceTopology keyspace =
        topology
            .keyspace(ring.keyspace())
            .orElseThrow(
                () -> new IllegalArgumentException("there is no keyspace " + ring.keyspace()));
    Tally tally = new Tally(ring, keyspace.placement(ring.region()));
    for (ShardId owner : tally.placement().owners()) {
      sample(topology.shard(owner).orElseThrow(), keyspace, ring, tally);
    }
    return tally.content();
  }

  private void sample(Shard shard, KeyspaceTopology keyspace, RingId ring, Tally tally) {
    try (Connection connection = sessions.open(shard)) {
      for (ShardedTable table : keyspace.tables().values()) {
        sample(
            connection, shard, new TableSample(connection, keyspace, ring, table, options), tally);
      }
    } catch (SQLException e) {
      throw new SamplingFailed(shard.id(), "keyspace " + keyspace.name(), e);
    }
  }

  private void sample(Connection connection, Shard shard, TableSample table, Tally tally) {
    try {
      Transaction.run(
          connection,
          () -> {
            prepare(connection);
            table.addTo(tally, shard.id());
          });
    } catch (SQLException e) {
      throw new SamplingFailed(shard.id(), "table " + table.name(), e);
    }
  }

  private void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set transaction read only");
      statement.execute("set local search_path = pg_catalog");
      statement.execute("set local row_security = off"); // else rows are left out in silence
      statement.execute("set local datestyle = 'ISO, MDY'");
      statement.execute("set local timezone = 'UTC'");
      statement.execute("set local statement_timeout = " + options.statementTimeout().toMillis());
    }
  }
}
