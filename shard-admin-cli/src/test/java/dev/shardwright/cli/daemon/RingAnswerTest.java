package dev.shardwright.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.cli.output.JsonRendering;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.MigrationStatus.Outcome;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RingAnswerTest {
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");
  private static final RangeTransfer TRANSFER =
      new RangeTransfer(S1, S2, KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, -1)));

  @Test
  void aMoveGoesToWhereItsRangesGoNow() {
    assertThat(moves(List.of(migration(false)))).contains("\"from\":\"s1\",\"to\":\"s2\"");
    assertThat(moves(List.of(migration(true)))).contains("\"from\":\"s2\",\"to\":\"s1\"");
    assertThat(moves(List.of())).contains("\"from\":\"s1\",\"to\":\"s2\",\"state\":null");
  }

  private static String moves(List<MigrationStatus> migrations) {
    Topology topology =
        Topology.INITIAL
            .withShard(shard(S1))
            .withShard(shard(S2))
            .withKeyspace(
                new KeyspaceTopology(
                    "shop",
                    Strategy.HASH,
                    Optional.of(KeyType.BIGINT),
                    1,
                    new TreeSet<>(),
                    new TreeMap<>(),
                    new TreeMap<>(
                        Map.of(
                            Region.ALL,
                            Placement.of(PlacementByTokens.layOut(Map.of(S1, 100, S2, 100), 1))))))
            .withMove(
                RangeMove.of(3, "shop", Region.ALL, S1, S2, TRANSFER.ranges(), /* mover= */ 1));
    return JsonRendering.oneLine(RingAnswer.of(topology, migrations));
  }

  private static Shard shard(ShardId id) {
    return Shard.of(id, new Endpoint("jdbc:postgresql://" + id + "/shop", "app"));
  }

  private static MigrationStatus migration(boolean rollingBack) {
    return new MigrationStatus(
        3,
        "shop",
        Region.ALL,
        TRANSFER,
        Optional.empty(),
        "reason",
        "CATCHING_UP",
        "RUN",
        Outcome.UNDER_WAY,
        rollingBack,
        MigrationProgress.NONE,
        0,
        Duration.ofMillis(50),
        Optional.empty(),
        Instant.EPOCH,
        Hindrance.NONE,
        "");
  }
}
