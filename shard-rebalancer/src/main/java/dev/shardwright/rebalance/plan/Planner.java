package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveKey;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveTokens;
import dev.shardwright.rebalance.plan.RebalanceRequest.SplitRange;
import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Turns a request into a plan. Nothing crosses regions, nothing touches what is moving already;
 * between one pair of shards there is one range move, unless options ask for smaller ones. Same
 * arguments, same plan. Immutable.
 */
public final class Planner {
  private final PlanOptions options;

  /** A planner with these options. */
  public Planner(PlanOptions options) {
    this.options = options;
  }

  /**
   * The plan for a request.
   *
   * @param contents what was measured, of this very topology; a ring that is missing counts as not
   *     measured
   * @throws IllegalArgumentException if the request names what is not there or cannot be, or a ring
   *     was measured at another placement
   */
  public RebalancePlan plan(
      Topology topology, Collection<RingContent> contents, RebalanceRequest request) {
    SortedMap<RingId, RingContent> rings = rings(topology, contents);
    List<RingPlan> plans = new ArrayList<>();
    if (request instanceof Balance balance) {
      plans.addAll(balance(topology, rings.values(), balance));
    } else if (request instanceof MoveKey move) {
      plans.add(moveKey(topology, ring(rings, move.ring()), move));
    } else if (request instanceof MoveTokens move) {
      plans.add(
          moveTokens(
              topology,
              ring(rings, move.ring()),
              move.tokens(),
              move.target(),
              "these tokens are wanted on " + move.target()));
    } else {
      plans.add(split(topology, rings, (SplitRange) request));
    }
    List<PlannedMove> moves = new ArrayList<>();
    plans.forEach(plan -> moves.addAll(plan.moves()));
    return new RebalancePlan(request, moves, plans.stream().map(RingPlan::ring).toList());
  }

  private static SortedMap<RingId, RingContent> rings(
      Topology topology, Collection<RingContent> contents) {
    SortedMap<RingId, RingContent> rings = new TreeMap<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      keyspace
          .placements()
          .forEach(
              (region, placement) -> {
                RingId id = new RingId(keyspace.name(), region);
                rings.put(id, RingContent.unmeasured(id, placement));
              });
    }
    for (RingContent content : contents) {
      checkArgument(
          ring(rings, content.id()).placement().equals(content.placement()),
          "ring %s was measured at another placement than that of epoch %s: measure again",
          content.id(),
          topology.epoch());
      rings.put(content.id(), content);
    }
    return rings;
  }

  private static RingContent ring(Map<RingId, RingContent> rings, RingId id) {
    RingContent content = rings.get(id);
    checkArgument(content != null, "there is no ring %s, there are %s", id, rings.keySet());
    return content;
  }

  private List<RingPlan> balance(
      Topology topology, Collection<RingContent> rings, Balance request) {
    request.leaving().forEach(shard -> known(topology, shard));
    request.weights().keySet().forEach(shard -> known(topology, shard));
    List<RingPlan> plans = new ArrayList<>();
    for (RingContent content : rings) {
      KeyspaceTopology keyspace = topology.keyspace(content.id().keyspace()).orElseThrow();
      Map<ShardId, Integer> weights = Targets.weights(topology, content.id().region());
      weights.keySet().removeAll(request.leaving());
      request.weights().forEach((shard, weight) -> weights.replace(shard, weight));
      Set<ShardId> owners = content.placement().owners();
      if (weights.isEmpty()) {
        RingPlan plan = newPlan(topology, content, request.goal(), weights);
        plan.cannot("no shard there may take what %s should give".formatted(owners));
        plans.add(plan);
      } else if (keyspace.strategy() != Strategy.SINGLE || !weights.keySet().containsAll(owners)) {
        int nodes = keyspace.virtualNodes();
        RingPlan plan = newPlan(topology, content, request.goal(), weights);
        Balancing.plan(content, request.goal(), weights, nodes, plan);
        plans.add(plan);
      }
    }
    return plans;
  }

  private RingPlan moveKey(Topology topology, RingContent content, MoveKey request) {
    RingPlan plan = toTarget(topology, content, request.target());
    long token = token(topology.keyspace(request.ring().keyspace()).orElseThrow(), request.key());
    ShardId owner = content.placement().ownerOf(token);
    if (plan.isBusy(token)) {
      plan.cannot(
          "key '%s' stays as it is on %s until the range move in progress there is done"
              .formatted(request.key(), owner));
      return plan;
    }
    plan.pin(request.key(), token);
    if (!owner.equals(request.target())) {
      plan.move(
          owner,
          request.target(),
          KeyRangeSet.EMPTY,
          KeyRangeSet.of(KeyRange.of(token)),
          "key '%s' (token %s) is wanted on %s".formatted(request.key(), token, request.target()));
    }
    return plan;
  }

  private static long token(KeyspaceTopology keyspace, String key) {
    checkArgument(
        keyspace.strategy() != Strategy.SINGLE,
        "keyspace %s of strategy SINGLE has no keys that could move by themselves",
        keyspace.name());
    TokenFunction tokens = keyspace.tokenFunction();
    return tokens.tokenOf(tokens.parse(key));
  }

  private RingPlan split(
      Topology topology, SortedMap<RingId, RingContent> rings, SplitRange request) {
    RingContent content = ring(rings, request.ring());
    Ring ring = content.placement().ring();
    VirtualNode split = ring.virtualNode(ring.indexOf(request.at()));
    KeyRange node = split.range();
    checkArgument(
        node.first() != request.at(),
        "virtual node %s begins at %s already; it is split there: move it with MoveTokens",
        node,
        request.at());
    checkArgument(
        !split.owner().equals(request.target()),
        "virtual node %s is on shard %s already",
        node,
        request.target());
    return moveTokens(
        topology,
        content,
        KeyRangeSet.of(new KeyRange(request.at(), node.last())),
        request.target(),
        "virtual node %s is split at %s, the upper part is wanted on %s"
            .formatted(node, request.at(), request.target()));
  }

  private RingPlan moveTokens(
      Topology topology, RingContent content, KeyRangeSet tokens, ShardId target, String reason) {
    RingPlan plan = toTarget(topology, content, target);
    Placement placement = content.placement();
    for (ShardId owner : placement.owners()) {
      KeyRangeSet given = tokens.intersection(placement.rangesOf(owner));
      if (!owner.equals(target) && !given.isEmpty()) {
        KeyRangeSet pinned =
            KeyRangeSet.of(
                placement.pins().all().stream()
                    .filter(pin -> given.contains(pin.token()))
                    .map(pin -> KeyRange.of(pin.token()))
                    .toList());
        plan.move(
            owner, target, tokens.intersection(placement.ring().rangesOf(owner)), pinned, reason);
      }
    }
    return plan;
  }

  private RingPlan toTarget(Topology topology, RingContent content, ShardId target) {
    Shard shard = known(topology, target);
    Region region = content.id().region();
    checkArgument(
        region.equals(Region.ALL) || shard.region().equals(region),
        "shard %s is of region %s, nothing of ring %s may go there",
        target,
        shard.region(),
        content.id());
    checkArgument(
        shard.state() == ShardState.ACTIVE,
        "shard %s is %s, nothing may go there",
        target,
        shard.state());
    Goal goal = content.total().bytes() > 0 ? Goal.BYTES : Goal.TOKENS;
    return newPlan(topology, content, goal, Targets.weights(topology, region));
  }

  private RingPlan newPlan(
      Topology topology, RingContent content, Goal goal, Map<ShardId, Integer> weights) {
    return new RingPlan(content, goal, weights, busy(topology, content), options);
  }

  /** What moves in progress have, on a HASH ring in whole grid steps but for pinned tokens. */
  private static KeyRangeSet busy(Topology topology, RingContent content) {
    KeyRangeSet busy = KeyRangeSet.EMPTY;
    for (RangeMove move : topology.moves().values()) {
      if (content.id().equals(new RingId(move.keyspace(), move.region()))) {
        busy = busy.union(move.ranges());
      }
    }
    if (content.placement().ring() instanceof HashRing) {
      KeyRangeSet pinned =
          KeyRangeSet.of(
              content.placement().pins().all().stream()
                  .map(pin -> KeyRange.of(pin.token()))
                  .toList());
      busy = busy.union(Tokens.stepsOf(busy.minus(pinned)));
    }
    return busy;
  }

  private static Shard known(Topology topology, ShardId shard) {
    return topology
        .shard(shard)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no shard %s, there are %s"
                        .formatted(shard, topology.shards().keySet())));
  }
}
