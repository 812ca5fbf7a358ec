package dev.shardwright.rebalance.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What becomes of the pin of a key that moves by itself, at each change of the topology. */
class MigrationOfKeyTest {
  private static final ShardId S = ShardId.of("s");
  private static final ShardId T = ShardId.of("t");
  private static final long TOKEN = 4711;
  private static final Placement PLACEMENT =
      Placement.of(PlacementByTokens.layOut(Map.of(S, 100), 4));
  private static final Topology TOPOLOGY = topology(PLACEMENT);
  private static final Migration MIGRATION = migration(1, KeyRangeSet.of(KeyRange.of(TOKEN)));

  @Test
  void theKeyIsPinnedWhereItIsAsItsMoveBegins() {
    Topology begun = MIGRATION.begun(TOPOLOGY, 7).orElseThrow();
    assertThat(begun.move(1)).contains(move());
    assertThat(placement(begun).ring()).isEqualTo(PLACEMENT.ring());
    assertThat(pins(begun)).containsExactly(new Pin("acme", TOKEN, S));
    assertThat(placement(begun).rangesOf(S)).isEqualTo(PLACEMENT.rangesOf(S));
  }

  @Test
  void anAbortedMoveLeavesNothing() {
    Topology begun = MIGRATION.begun(TOPOLOGY, 7).orElseThrow();
    assertThat(MIGRATION.left(begun)).isEqualTo(TOPOLOGY);
    Topology given = begun.withMove(move().hold()).withMove(move().hold().giveUp());
    assertThat(MIGRATION.left(given)).isEqualTo(TOPOLOGY);
    assertThat(MIGRATION.left(TOPOLOGY)).isEqualTo(TOPOLOGY);
  }

  @Test
  void theKeyStaysPinnedWhereItsMoveBroughtIt() {
    Topology moved = MIGRATION.begun(TOPOLOGY, 7).orElseThrow().withOwnerOf(move().hold().commit());
    assertThat(pins(moved)).containsExactly(new Pin("acme", TOKEN, T));
    Topology left = MIGRATION.left(moved);
    assertThat(left.moves()).isEmpty();
    assertThat(pins(left)).containsExactly(new Pin("acme", TOKEN, T));
    assertThat(MIGRATION.left(left)).isEqualTo(left);
  }

  @Test
  void aMoveThatIsTakenBackLeavesNothing() {
    RangeMove there = move().hold().commit();
    Topology back =
        MIGRATION
            .begun(TOPOLOGY, 7)
            .orElseThrow()
            .withOwnerOf(there)
            .withOwnerOf(there.hold().commit());
    assertThat(pins(back)).containsExactly(new Pin("acme", TOKEN, S));
    assertThat(MIGRATION.left(back)).isEqualTo(TOPOLOGY);
  }

  @Test
  void aPinThatWasThereKeepsItsName() {
    Placement pinned = new Placement(PLACEMENT.ring(), Pins.of(List.of(new Pin("x", TOKEN, S))));
    Topology begun = MIGRATION.begun(topology(pinned), 7).orElseThrow();
    assertThat(pins(begun)).containsExactly(new Pin("x", TOKEN, S));
  }

  @Test
  void aPinStaysOfAKeyWhoseSurroundingsHaveMoved() {
    Topology begun = MIGRATION.begun(TOPOLOGY, 7).orElseThrow();
    KeyRange node = PLACEMENT.ring().virtualNode(PLACEMENT.ring().indexOf(TOKEN)).range();
    KeyRangeSet around = KeyRangeSet.of(node).minus(KeyRangeSet.of(KeyRange.of(TOKEN)));
    Placement others = placement(begun).transfer(new RangeTransfer(S, T, around));
    KeyspaceTopology keyspace = begun.keyspace("shop").orElseThrow();
    Topology left = MIGRATION.left(begun.withKeyspace(keyspace.withPlacement(Region.ALL, others)));
    assertThat(placement(left).ownerOf(TOKEN)).isEqualTo(S);
    assertThat(pins(left)).containsExactly(new Pin("acme", TOKEN, S));
  }

  @Test
  void doesNotBeginWhereTheRangesAreTakenOrElsewhereOrNoPinFitsOrTheTargetIsGone() {
    Migration other =
        migration(2, KeyRangeSet.of(PLACEMENT.ring().virtualNode(2).range()), Optional.empty());
    assertThat(other.claim().overlaps(MIGRATION.claim())).isTrue();
    Topology taken = other.begun(TOPOLOGY, 7).orElseThrow();
    assertThat(MIGRATION.begun(taken, 7)).isEmpty();
    Placement elsewhere = new Placement(PLACEMENT.ring(), Pins.of(List.of(new Pin("x", TOKEN, T))));
    assertThat(MIGRATION.begun(topology(elsewhere), 7)).isEmpty();
    List<Pin> many =
        LongStream.range(0, Pins.MAX).mapToObj(i -> new Pin("p" + i, -1 - i, S)).toList();
    Placement full = new Placement(PLACEMENT.ring(), Pins.of(many));
    assertThat(MIGRATION.begun(topology(full), 7)).isEmpty();
    assertThat(other.begun(topology(full), 7)).isPresent();
    assertThat(MIGRATION.begun(TOPOLOGY.withoutKeyspace("shop"), 7)).isEmpty();
    assertThat(MIGRATION.begun(TOPOLOGY.withoutShard(T), 7)).isEmpty();
  }

  @Test
  void aKeyIsOneToken() {
    assertThatThrownBy(() -> migration(1, KeyRangeSet.of(new KeyRange(5, 6))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("migration 1 moves {[5, 6]}, which is not the one token of a key");
  }

  private static RangeMove move() {
    return RangeMove.of(1, "shop", Region.ALL, S, T, KeyRangeSet.of(KeyRange.of(TOKEN)), 7);
  }

  private static Migration migration(int number, KeyRangeSet ranges) {
    return migration(number, ranges, Optional.of("acme"));
  }

  private static Migration migration(int number, KeyRangeSet ranges, Optional<String> key) {
    return Migration.planned(
        number,
        "shop",
        Region.ALL,
        new RangeTransfer(S, T, ranges),
        key,
        "why",
        MoveOptions.DEFAULTS,
        Instant.EPOCH);
  }

  private static Placement placement(Topology topology) {
    return topology.keyspace("shop").orElseThrow().placement(Region.ALL);
  }

  private static List<Pin> pins(Topology topology) {
    return placement(topology).pins().all();
  }

  private static Topology topology(Placement placement) {
    Topology shards = Topology.INITIAL;
    for (ShardId id : List.of(S, T)) {
      Endpoint endpoint = new Endpoint("jdbc:postgresql://127.0.0.1/" + id, "app");
      shards = shards.withShard(Shard.of(id, endpoint));
    }
    return shards.withKeyspace(
        new KeyspaceTopology(
            "shop",
            Strategy.HASH,
            Optional.of(KeyType.BIGINT),
            KeyspaceTopology.DEFAULT_VIRTUAL_NODES,
            new TreeSet<>(),
            new TreeMap<>(),
            new TreeMap<>(Map.of(Region.ALL, placement))));
  }
}
