package dev.shardwright.router.internal.route;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.RingDifference;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds out that movers have not waited for this router, by what has happened between two snapshots
 * that follow each other here. That is so where a move has got further than it may without an
 * acknowledgement that was not given: past its beginning, or out of the topology, after which the
 * rows are deleted where they were. It is so too where ranges have changed hands unseen.
 */
public final class LeftBehind {
  private final Topology before;
  private final Topology now;
  private final Set<ShardId> shards = new TreeSet<>();

  private LeftBehind(Topology before, Topology now) {
    this.before = before;
    this.now = now;
  }

  /**
   * The shards on which it was so; mostly none.
   *
   * @param acknowledged whether this router has acknowledged a move in that form
   */
  public static Set<ShardId> at(Topology before, Topology now, Predicate<RangeMove> acknowledged) {
    LeftBehind look = new LeftBehind(before, now);
    look.lookAtMoves(acknowledged);
    look.lookAtRings();
    return look.shards;
  }

  /**
   * The shards on which it may be so for all that the snapshots tell, if this router was not on the
   * list of routers all the while: where work may run that began before a move had come so far. No
   * mover goes on in the epoch in which the move comes so far: it makes another one first.
   *
   * @param acknowledged whether this router has acknowledged a move in that form
   */
  public static Set<ShardId> perhapsAt(
      Topology before, Topology now, Predicate<RangeMove> acknowledged) {
    LeftBehind look = new LeftBehind(before, now);
    boolean skipped = !now.epoch().equals(before.epoch().next());
    for (RangeMove move : now.moves().values()) {
      Optional<RangeMove> same =
          before.move(move.number()).filter(then -> then.owner().equals(move.owner()));
      boolean settled = same.filter(then -> !then.held()).filter(acknowledged).isPresent();
      if (!settled && (skipped || same.isPresent())) {
        look.add(move);
      }
    }
    return look.shards;
  }

  private void lookAtMoves(Predicate<RangeMove> acknowledged) {
    for (RangeMove then : before.moves().values()) {
      boolean gone = now.move(then.number()).isEmpty();
      if (gone && (then.held() || !acknowledged.test(then))) {
        add(then);
      }
    }
    for (RangeMove move : now.moves().values()) {
      boolean atItsBeginning = move.value() == 0 && !move.held();
      if (before.move(move.number()).isEmpty() && !atItsBeginning) {
        add(move);
      }
    }
  }

  private void add(RangeMove move) {
    shards.add(move.source());
    shards.add(move.target());
  }

  private void lookAtRings() {
    for (KeyspaceTopology then : before.keyspaces().values()) {
      Optional<KeyspaceTopology> after = now.keyspace(then.name());
      then.placements()
          .forEach(
              (region, placement) ->
                  after
                      .map(keyspace -> keyspace.placements().get(region))
                      .filter(changed -> !changed.equals(placement))
                      .ifPresent(
                          changed ->
                              lookAtPlacement(placement, changed, known(then.name(), region))));
    }
  }

  /** What changes hands by moves that are still there is as it should be. */
  private KeyRangeSet known(String keyspace, Region region) {
    KeyRangeSet known = KeyRangeSet.EMPTY;
    for (RangeMove move : now.moves().values()) {
      boolean there = move.keyspace().equals(keyspace) && move.region().equals(region);
      known = there ? known.union(move.ranges()) : known;
    }
    return known;
  }

  /** Whose token is pinned does not depend on the ring, which may change around it. */
  private void lookAtPlacement(Placement then, Placement after, KeyRangeSet known) {
    List<KeyRange> pinned =
        Stream.of(then.pins(), after.pins())
            .flatMap(pins -> pins.all().stream())
            .map(pin -> new KeyRange(pin.token(), pin.token()))
            .toList();
    KeyRangeSet settled = known.union(KeyRangeSet.of(pinned));
    for (RangeTransfer transfer : RingDifference.between(then.ring(), after.ring())) {
      if (!transfer.ranges().minus(settled).isEmpty()) {
        shards.add(transfer.source());
      }
    }
    for (KeyRange one : pinned) {
      ShardId owner = then.ownerOf(one.first());
      if (!known.contains(one.first()) && !owner.equals(after.ownerOf(one.first()))) {
        shards.add(owner);
      }
    }
  }
}
