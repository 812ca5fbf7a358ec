package dev.shardwright.router.internal.route;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Where a piece of work is to go, said in a way that any snapshot can answer. Immutable. */
public sealed interface Target extends Reach {

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

  /** Counts work on it, if it is one of the pieces of work that are counted. */
  default void sample(Routing routing) {}

  @Override
  default boolean waitsForHolds() {
    return true;
  }

  /** The same for a part of work that has begun already, and so waits for no hold. */
  default Target begun(Stay whole) {
    return new OfBegun(this, whole.routing());
  }

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

    @Override
    public void sample(Routing routing) {
      if (LoadCounts.isSampled()) {
        KeyspaceRouting in = routing.keyspace(keyspace);
        in.count(region, in.tokenOf(key));
      }
    }

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      return isOf(move, keyspace, region)
          && move.ranges().contains(routing.keyspace(keyspace).tokenOf(key));
    }
  }

  /**
   * Rows of several keys that one shard had when the work was divided.
   *
   * @param dividedBy the snapshot by which that was found out, under which it need not be found out
   *     again; null if it is not at hand
   */
  record OfKeys(
      String keyspace, Region region, ShardId shard, List<?> keys, @Nullable Routing dividedBy)
      implements Target {

    /** Keys that were divided by a snapshot that is not at hand. */
    public OfKeys(String keyspace, Region region, ShardId shard, List<?> keys) {
      this(keyspace, region, shard, keys, null);
    }

    /**
     * @throws RangeMoved if they are no longer all on that shard
     */
    @Override
    public ShardRoute in(Routing routing) {
      if (routing == dividedBy) {
        return routing.shard(shard);
      }
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

    @Override
    public void sample(Routing routing) {
      if (LoadCounts.isSampled()) {
        KeyspaceRouting in = routing.keyspace(keyspace);
        keys.forEach(key -> in.count(region, in.tokenOf(key)));
      }
    }

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      if (!isOf(move, keyspace, region)) {
        return false;
      }
      KeyspaceRouting in = routing.keyspace(keyspace);
      return keys.stream().anyMatch(key -> move.ranges().contains(in.tokenOf(key)));
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

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      return isOf(move, keyspace, region);
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

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      return move.involves(shard);
    }

    /** Its rows are not known: the gates in the database stand in for the wait. */
    @Override
    public boolean waitsForHolds() {
      return false;
    }
  }

  /**
   * Whatever rows of some keyspaces a shard has, where no other shard has rows that are meant.
   *
   * @param still whether no other has under a snapshot
   */
  record OfRows(Set<String> keyspaces, ShardId shard, Predicate<Topology> still) implements Target {
    public OfRows {
      keyspaces = Set.copyOf(keyspaces);
    }

    /** The same for work during which that cannot change. */
    public OfRows(String keyspace, ShardId shard) {
      this(Set.of(keyspace), shard, topology -> true);
    }

    /**
     * @throws RangeMoved if another shard has such rows now
     */
    @Override
    public ShardRoute in(Routing routing) {
      if (!still.test(routing.topology())) {
        throw new RangeMoved(
            "keyspaces %s: at epoch %s, the rows are no longer all on shard %s"
                .formatted(keyspaces, routing.epoch(), shard),
            null);
      }
      return routing.shard(shard);
    }

    @Override
    public boolean means(OptionalLong token, Routing routing) {
      return false;
    }

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      return keyspaces.contains(move.keyspace()) && move.involves(shard);
    }
  }

  /** Rows of several targets, all on one shard when the work was divided. */
  record OfAll(List<Target> parts) implements Target {
    public OfAll {
      parts = List.copyOf(parts);
    }

    /**
     * @throws RangeMoved if they are no longer all on one shard
     */
    @Override
    public ShardRoute in(Routing routing) {
      ShardId shard = parts.get(0).in(routing).shard();
      for (Target part : parts) {
        ShardId other = part.in(routing).shard();
        if (!other.equals(shard)) {
          throw new RangeMoved(
              "at epoch %s, the rows are on the shards %s and %s and no longer on one"
                  .formatted(routing.epoch(), shard, other),
              null);
        }
      }
      return routing.shard(shard);
    }

    @Override
    public boolean means(OptionalLong token, Routing routing) {
      return false;
    }

    @Override
    public void sample(Routing routing) {
      parts.forEach(part -> part.sample(routing));
    }

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      return parts.stream().anyMatch(part -> part.touches(move, routing));
    }
  }

  /**
   * A part of work that has begun already.
   *
   * @param since what the work goes by as a whole
   */
  record OfBegun(Target part, Routing since) implements Target {
    /**
     * @throws RangeMoved if movers have not waited for the work: what it knows is out of date
     */
    @Override
    public ShardRoute in(Routing routing) {
      if (since.tenure().isOver()) {
        throw new RangeMoved(
            "this work began at epoch %s; since then rows may have moved, and this router was cut off"
                .formatted(since.epoch()),
            null);
      }
      return part.in(routing);
    }

    @Override
    public boolean means(OptionalLong token, Routing routing) {
      return part.means(token, routing);
    }

    @Override
    public boolean touches(RangeMove move, Routing routing) {
      return part.touches(move, routing);
    }

    @Override
    public void sample(Routing routing) {
      part.sample(routing);
    }

    @Override
    public boolean waitsForHolds() {
      return false;
    }
  }

  private static boolean isOf(RangeMove move, String keyspace, Region region) {
    return move.keyspace().equals(keyspace) && move.region().equals(region);
  }
}
