package dev.shardwright.router.internal.route;

import static dev.shardwright.router.internal.moves.MovingTopology.AT_REST;
import static dev.shardwright.router.internal.moves.MovingTopology.MOVE;
import static dev.shardwright.router.internal.moves.MovingTopology.routing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TargetTest {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");

  private final Topology moving = AT_REST.next().withMove(MOVE);
  private final Topology held = moving.next().withMove(MOVE.hold());
  private final Routing before = routing(held);
  private final Routing after = routing(held.next().withOwnerOf(MOVE.hold().commit()));

  @Test
  void rowsWithoutKeysAreTakenForThoseOfTheirShardAsLongAsThatIsSo() {
    Target rows = new Target.OfRows(Set.of("shop"), S1, topology -> topology.equals(held));
    assertThat(rows.in(before).shard()).isEqualTo(S1);
    assertThatThrownBy(() -> rows.in(after))
        .isInstanceOf(RangeMoved.class)
        .hasMessageContaining("no longer all on shard s1");
  }

  @Test
  void rowsWithoutKeysAreTouchedByMovesOfAllTheirKeyspaces() {
    assertThat(touched(new Target.OfRows(Set.of("blog", "shop"), S2, topology -> true))).isTrue();
    assertThat(touched(new Target.OfRows(Set.of("blog"), S2, topology -> true))).isFalse();
    assertThat(touched(new Target.OfRows(Set.of("shop"), ShardId.of("s3"), topology -> true)))
        .isFalse();
  }

  @Test
  void partsAreOnOneShardOrHaveMoved() {
    Target moves = key(true);
    Target stays = key(false);
    assertThat(new Target.OfAll(List.of(stays, moves)).in(before).shard()).isEqualTo(S1);
    assertThat(new Target.OfAll(List.of(moves, moves)).in(after).shard()).isEqualTo(S2);
    assertThatThrownBy(() -> new Target.OfAll(List.of(stays, moves)).in(after))
        .isInstanceOf(RangeMoved.class)
        .hasMessageContaining("on the shards s1 and s2");
  }

  @Test
  void partsAreTouchedIfOneIs() {
    Target elsewhere = new Target.OfRows("blog", S1);
    assertThat(touched(new Target.OfAll(List.of(elsewhere, key(true))))).isTrue();
    assertThat(touched(new Target.OfAll(List.of(elsewhere, key(false))))).isFalse();
  }

  private boolean touched(Target target) {
    return target.waitsForHolds() && target.touches(MOVE, before);
  }

  /** A key whose rows move, or not. */
  private Target key(boolean moves) {
    long key =
        LongStream.range(0, 1_000)
            .filter(each -> MOVE.ranges().contains(before.keyspace("shop").tokenOf(each)) == moves)
            .findFirst()
            .orElseThrow();
    return new Target.OfKey("shop", Region.ALL, key);
  }
}
