package dev.shardwright.router.internal.route;

import static dev.shardwright.router.internal.moves.MovingTopology.AT_REST;
import static dev.shardwright.router.internal.moves.MovingTopology.MOVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class LeftBehindTest {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");
  private static final Topology BEGUN = AT_REST.withMove(MOVE);
  private static final Topology HELD = AT_REST.withMove(MOVE.hold());
  private static final Topology MOVED = HELD.withOwnerOf(MOVE.hold().commit());
  private static final Topology OVER = MOVED.withoutMove(MOVE.number());

  @Test
  void whoAcknowledgesInTimeIsNot() {
    for (Topology next : new Topology[] {AT_REST, BEGUN}) {
      assertThat(LeftBehind.at(AT_REST, next, move -> false)).isEmpty();
    }
    for (Topology next : new Topology[] {HELD, MOVED}) {
      assertThat(LeftBehind.at(BEGUN, next, move -> false)).isEmpty();
    }
    assertThat(LeftBehind.at(HELD, MOVED, move -> false)).isEmpty();
    assertThat(LeftBehind.at(MOVED, OVER, acknowledged(MOVED))).isEmpty();
    assertThat(LeftBehind.at(BEGUN, AT_REST, acknowledged(BEGUN))).as("aborted").isEmpty();
  }

  @Test
  void whoHasNotSaidThatItKnowsOfAMoveThatGoesOnIs() {
    for (Topology next : new Topology[] {HELD, MOVED}) {
      assertThat(LeftBehind.at(AT_REST, next, move -> true)).containsExactly(S1, S2);
    }
  }

  @Test
  void whoHasNotSaidThatNothingOlderRunsWhenAMoveIsOverIs() {
    assertThat(LeftBehind.at(MOVED, OVER, move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.at(BEGUN, OVER, move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.at(HELD, OVER, move -> true)).containsExactly(S1, S2);
  }

  @Test
  void whoHasNotSeenRangesChangeHandsIs() {
    assertThat(LeftBehind.at(AT_REST, OVER, move -> true)).containsExactly(S1);
    assertThat(LeftBehind.at(BEGUN, OVER, acknowledged(BEGUN))).containsExactly(S1);
    assertThat(LeftBehind.at(OVER, AT_REST, move -> true)).containsExactly(S2);
  }

  @Test
  void whoHasAcknowledgedAMoveIsNotLeftBehindWhileItKeepsItsHands() {
    for (Topology next : new Topology[] {BEGUN, HELD}) {
      assertThat(LeftBehind.perhapsAt(BEGUN, next.next(), acknowledged(BEGUN))).isEmpty();
    }
    assertThat(LeftBehind.perhapsAt(AT_REST, OVER.next(), move -> false)).isEmpty();
  }

  @Test
  void nobodyIsLeftBehindInTheEpochInWhichAMoveComesSoFar() {
    assertThat(LeftBehind.perhapsAt(AT_REST, BEGUN.next(), move -> false)).isEmpty();
    assertThat(LeftBehind.perhapsAt(HELD, MOVED.next(), move -> false)).isEmpty();
  }

  @Test
  void whoHasNotAcknowledgedAMoveMayBeLeftBehindInEveryLaterEpoch() {
    assertThat(LeftBehind.perhapsAt(AT_REST, BEGUN.next().next(), move -> false))
        .containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(BEGUN, BEGUN.next(), move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(BEGUN, HELD.next(), move -> false)).containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(HELD, MOVED.next().next(), move -> true))
        .containsExactly(S1, S2);
    assertThat(LeftBehind.perhapsAt(MOVED, MOVED.next(), move -> false)).containsExactly(S1, S2);
  }

  @Test
  void thatWritesHaveEndedSaysNothingOfWhatReads() {
    assertThat(LeftBehind.perhapsAt(HELD, HELD.next(), move -> true)).containsExactly(S1, S2);
  }

  @Test
  void aPinThatStaysWhereTheRingAroundItMovesIsNoChange() {
    long token = -5;
    KeyspaceTopology shop = AT_REST.keyspace("shop").orElseThrow();
    Placement pinned = placement(AT_REST).pinInPlace("7", token);
    Topology atRest = AT_REST.withKeyspace(shop.withPlacement(Region.ALL, pinned));
    RangeMove move =
        RangeMove.of(
            1,
            "shop",
            Region.ALL,
            S1,
            S2,
            MOVE.ranges().minus(KeyRangeSet.of(new KeyRange(token, token))),
            1);
    Topology moved = atRest.withMove(move.hold()).withOwnerOf(move.hold().commit());
    assertThat(placement(moved).ownerOf(token)).isEqualTo(S1);
    assertThat(LeftBehind.at(atRest.withMove(move.hold()), moved, all -> true)).isEmpty();
    assertThat(LeftBehind.at(atRest, moved.withoutMove(1), all -> true)).containsExactly(S1);
  }

  @Test
  void aPinThatWasMovedUnseenIs() {
    long token = 5;
    KeyspaceTopology shop = AT_REST.keyspace("shop").orElseThrow();
    Placement there = placement(AT_REST);
    Placement pinned =
        there.transfer(new RangeTransfer(S1, S2, KeyRangeSet.of(new KeyRange(token, token))));
    Topology with = AT_REST.withKeyspace(shop.withPlacement(Region.ALL, pinned));
    assertThat(LeftBehind.at(AT_REST, with, all -> true)).containsExactly(S1);
    assertThat(LeftBehind.at(with, AT_REST, all -> true)).containsExactly(S2);
  }

  @Test
  void aMoveOfOneRegionSaysNothingOfTheRingOfAnother() {
    Region there = Region.of("there");
    ShardId s3 = ShardId.of("s3");
    ShardId s4 = ShardId.of("s4");
    KeyspaceTopology shop = AT_REST.keyspace("shop").orElseThrow();
    Placement here = placement(AT_REST);
    Placement ofThere = here.transfer(new RangeTransfer(S1, s3, KeyRangeSet.ALL));
    KeyspaceTopology both =
        new KeyspaceTopology(
            "shop",
            shop.strategy(),
            shop.keyType(),
            shop.virtualNodes(),
            new TreeSet<>(Set.of(Region.DEFAULT, there)),
            shop.tables(),
            new TreeMap<>(Map.of(Region.DEFAULT, here, there, ofThere)));
    Topology before =
        AT_REST
            .withShard(shard(s3, there))
            .withShard(shard(s4, there))
            .withKeyspace(both)
            .withMove(RangeMove.of(1, "shop", there, s3, s4, MOVE.ranges(), 1));
    Placement changed = here.transfer(new RangeTransfer(S1, S2, MOVE.ranges()));
    Topology now = before.withKeyspace(both.withPlacement(Region.DEFAULT, changed));
    assertThat(LeftBehind.at(before, now, all -> true)).containsExactly(S1);
  }

  private static Shard shard(ShardId id, Region region) {
    Endpoint nowhere = new Endpoint("jdbc:postgresql://localhost:1/" + id, "nobody");
    return Shard.of(id, nowhere).withRegion(region);
  }

  private static Placement placement(Topology topology) {
    return Objects.requireNonNull(
        topology.keyspace("shop").orElseThrow().placements().get(Region.ALL));
  }

  private static Predicate<RangeMove> acknowledged(Topology topology) {
    return move -> Set.copyOf(topology.moves().values()).contains(move);
  }
}
