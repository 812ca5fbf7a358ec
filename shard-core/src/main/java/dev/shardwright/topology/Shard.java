package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.ring.ShardId;
import java.util.List;

/**
 * One database of the cluster.
 *
 * @param id its name
 * @param primary where reads and writes go
 * @param replicas kept with the shard; routers do not read from them; may be empty
 * @param weight its share of tokens relative to the other shards; {@link #DEFAULT_WEIGHT} for an
 *     ordinary server
 * @param region its label
 * @param state what may be placed on it
 */
public record Shard(
    ShardId id,
    Endpoint primary,
    List<Endpoint> replicas,
    int weight,
    Region region,
    ShardState state) {
  /** The weight of an ordinary server: read other weights as a percentage of it. */
  public static final int DEFAULT_WEIGHT = 100;

  /** The largest weight. */
  public static final int MAX_WEIGHT = 10_000;

  /**
   * @throws IllegalArgumentException if the weight is out of range or the region is {@link
   *     Region#ALL}
   */
  public Shard {
    replicas = List.copyOf(replicas);
    checkArgument(
        1 <= weight && weight <= MAX_WEIGHT,
        "weight %s of shard %s is not within 1 to %s",
        weight,
        id,
        MAX_WEIGHT);
    checkArgument(
        !region.equals(Region.ALL),
        "region '%s' means every region: shard %s needs another label",
        region,
        id);
  }

  /** An active shard of ordinary weight in the default region, without replicas. */
  public static Shard of(ShardId id, Endpoint primary) {
    return new Shard(id, primary, List.of(), DEFAULT_WEIGHT, Region.DEFAULT, ShardState.ACTIVE);
  }

  /** This shard with its primary elsewhere. */
  public Shard withPrimary(Endpoint changed) {
    return new Shard(id, changed, replicas, weight, region, state);
  }

  /** This shard with other replicas. */
  public Shard withReplicas(List<Endpoint> changed) {
    return new Shard(id, primary, changed, weight, region, state);
  }

  /** This shard with another weight. */
  public Shard withWeight(int changed) {
    return new Shard(id, primary, replicas, changed, region, state);
  }

  /** This shard with another label. */
  public Shard withRegion(Region changed) {
    return new Shard(id, primary, replicas, weight, changed, state);
  }

  /** This shard in another state. */
  public Shard withState(ShardState changed) {
    return new Shard(id, primary, replicas, weight, region, changed);
  }
}
