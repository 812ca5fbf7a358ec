package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Range moves of all rings of a cluster, as far as routers see them: the rows are on two shards,
 * before the ranges change hands as after that.
 */
final class HalfMoved {
  private final FourAndOne databases;
  private final TopologyStore store;
  private List<RangeMove> moves = List.of();

  HalfMoved(FourAndOne databases, TopologyStore store) {
    this.databases = databases;
    this.store = store;
  }

  /** Copies about half of what one shard of each ring has to another, and begins their moves. */
  void begin() throws SQLException {
    Topology topology = store.read();
    become(movesOf(topology));
    databases.openForMoves();
    for (RangeMove move : moves) {
      KeyspaceTopology keyspace = topology.keyspace(move.keyspace()).orElseThrow();
      long rows = 0;
      for (ShardedTable table : keyspace.tables().values()) {
        rows += databases.copyMoving(keyspace, table, move);
      }
      assertThat(rows).as("rows of %s", move).isGreaterThan(1);
    }
  }

  /** All ranges change hands; their rows stay where they were too. */
  void commit() {
    become(moves.stream().map(RangeMove::hold).toList());
    become(moves.stream().map(RangeMove::commit).toList());
  }

  /**
   * One of each ring: about half of what its second shard has, to its last, or of what the first of
   * two has. Ranges beside each other stay on two shards, so that statements about both are still
   * merged.
   */
  static List<RangeMove> movesOf(Topology topology) {
    List<RangeMove> moves = new ArrayList<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (Region region : keyspace.placements().keySet()) {
        moves.add(move(keyspace, region, moves.size() + 1));
      }
    }
    assertThat(moves).extracting(RangeMove::keyspace).containsAll(topology.keyspaces().keySet());
    return moves;
  }

  private static RangeMove move(KeyspaceTopology keyspace, Region region, int number) {
    Placement placement = keyspace.placement(region);
    List<ShardId> owners = List.copyOf(placement.owners());
    ShardId source = owners.get(owners.size() > 2 ? 1 : 0);
    ShardId target = owners.size() > 1 ? owners.get(owners.size() - 1) : ShardId.of("s3");
    List<KeyRange> owned = placement.rangesOf(source).ranges();
    List<KeyRange> half = owned.subList(0, (owned.size() + 1) / 2);
    return RangeMove.of(
        number, keyspace.name(), region, source, target, KeyRangeSet.of(half), /* mover= */ 1);
  }

  private void become(List<RangeMove> next) {
    for (RangeMove move : next) {
      Topology changed = store.read().next();
      Topology wanted =
          changed.move(move.number()).isPresent()
              ? changed.withOwnerOf(move)
              : changed.withMove(move);
      assertThat(store.compareAndSet(wanted)).isInstanceOf(CompareAndSet.Applied.class);
    }
    moves = next;
  }
}
