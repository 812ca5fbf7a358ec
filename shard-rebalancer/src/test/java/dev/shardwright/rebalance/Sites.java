package dev.shardwright.rebalance;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import java.util.function.UnaryOperator;

/**
 * Where the servers of a cluster are.
 *
 * @param zooKeeper how to connect to ZooKeeper, directly
 * @param first has the database of shard {@code s-1}
 * @param second has those of all others
 * @param way makes of the address {@code host:port} of a database the one in the topology, by which
 *     movers come
 */
record Sites(
    String zooKeeper, PostgresServer first, PostgresServer second, UnaryOperator<String> way) {

  /** The servers that all tests share, without detours. */
  static Sites shared() {
    return on(PostgresServer.shared(), PostgresServer.shared());
  }

  /** These servers, without detours. */
  static Sites on(PostgresServer first, PostgresServer second) {
    return new Sites(
        ZooKeeperServer.shared().freshConnectString(), first, second, UnaryOperator.identity());
  }

  Sites by(UnaryOperator<String> otherWay) {
    return new Sites(zooKeeper, first, second, otherWay);
  }

  PostgresServer server(ShardId shard) {
    return shard.value().equals("s-1") ? first : second;
  }

  /** The URL of a database in the topology. */
  String url(PostgresServer server, String database) {
    String address = way.apply(server.host() + ":" + server.port());
    return "jdbc:postgresql://%s/%s?sslmode=disable".formatted(address, database);
  }
}
