package dev.shardwright.router.internal.route;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.topology.Region;
import java.util.List;
import java.util.OptionalLong;

/** Where a piece of work is to go, said in a way that any snapshot can answer. Immutable. */
public sealed interface Target {

  /**
   * The route under that snapshot.
   *
   * @throws RouteRefused if there is none
   */
  public ShardRoute in(Routing routing);

  /**
   * Whether a row with that token is one that was to be found here.
   *
   * @param token empty for a row without sharding key
   */
  boolean means(OptionalLong token, Routing routing);

  /** A row of a key. */
  record OfKey(String keyspace, Region region, Object key) implements Target {
    @Override
    public ShardRoute in(Routing routing) {
      KeyspaceRouting in = routing.keyspace(keyspace);
      return in.route(region, in.tokenOf(key));
    }

    @Override
    public boolean means(OptionalLong token, Routing routing) {
      return token.equals(OptionalLong.of(routing.keyspace(keyspace).tokenOf(key)));
    }
  }

  /** Rows of several keys that one shard had when the work was divided. */
  record OfKeys(String keyspace, Region region, ShardId shard, List<?> keys) implements Target {
    /**
     * @throws RangeMoved if they are no longer all on that shard
     */
    @Override
    public ShardRoute in(Routing routing) {
      KeyspaceRouting in = routing.keyspace(keyspace);
      for (Object key : keys) {
        ShardId owner = in.route(region, in.tokenOf(key)).shard();
        if (!owner.equals(shard)) {
          throw new RangeMoved(
              "keyspace %s: at epoch %s, key %s is on shard %s and no longer on %s"
                  .formatted(keyspace, routing.epoch(), key, owner, shard),
              null);
        }
      }
      return in.route(region, in.tokenOf(keys.get(0)));
    }

    @Override
    public boolean means(OptionalLong token, Routing routing) {
      return false;
    }
  }

  /** The tables of a keyspace without a sharding key. */
  record OfSingle(String keyspace, Region region) implements Target {
    @Override
    public ShardRoute in(Routing routing) {
      return routing.keyspace(keyspace).single(region);
    }

    @Override
    public boolean means(OptionalLong token, Routing routing) {
      return token.isEmpty();
    }
  }

  /** A shard, whatever it holds. */
  record OfShard(ShardId shard) implements Target {
    @Override
    public ShardRoute in(Routing routing) {
      return routing.shard(shard);
    }

    @Override
    public boolean means(OptionalLong token, Routing routing) {
      return false;
    }
  }
}
