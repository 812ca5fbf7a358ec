package dev.shardwright.cli.daemon;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.Placement;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All rings, their virtual nodes, and what moves on them, as an answer. */
final class RingAnswer {
  private static final List<String> RINGS =
      List.of("keyspace", "region", "strategy", "virtualNodes", "moves", "pins");
  private static final List<String> NODES = List.of("firstToken", "lastToken", "shard");
  private static final List<String> MOVES = List.of("migration", "from", "to", "state", "ranges");
  private static final List<String> RANGES = List.of("firstToken", "lastToken");
  private static final List<String> PINS = List.of("key", "shard");

  private RingAnswer() {}

  /**
   * @param migrations tell how far the moves are
   */
  static Answer of(Topology topology, List<MigrationStatus> migrations) {
    Map<Integer, MigrationStatus> byNumber =
        migrations.stream().collect(Collectors.toMap(MigrationStatus::number, Function.identity()));
    List<List<Cell>> rings = new ArrayList<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      keyspace
          .placements()
          .forEach(
              (region, placement) ->
                  rings.add(
                      List.of(
                          Cell.of(keyspace.name()),
                          Cell.of(region),
                          Cell.of(keyspace.strategy().name().toLowerCase(Locale.ROOT)),
                          nodes(placement),
                          moves(topology, keyspace.name(), region, byNumber),
                          pins(placement))));
    }
    return Answer.EMPTY
        .fact("epoch", Cell.number(topology.epoch().value()))
        .table("rings", RINGS, rings);
  }

  private static Cell nodes(Placement placement) {
    return Cell.table(
        NODES,
        placement.ring().virtualNodes().stream()
            .map(
                node ->
                    List.of(
                        token(node.range().first()),
                        token(node.range().last()),
                        Cell.of(node.owner())))
            .toList());
  }

  private static Cell moves(
      Topology topology, String keyspace, Region region, Map<Integer, MigrationStatus> byNumber) {
    return Cell.table(
        MOVES,
        topology.moves().values().stream()
            .filter(move -> move.keyspace().equals(keyspace) && move.region().equals(region))
            .map(move -> row(move, byNumber))
            .toList());
  }

  private static List<Cell> row(RangeMove move, Map<Integer, MigrationStatus> byNumber) {
    MigrationStatus migration = byNumber.get(move.number());
    boolean back = migration != null && migration.rollingBack();
    return List.of(
        Cell.number(move.number()),
        Cell.of(back ? move.target() : move.source()),
        Cell.of(back ? move.source() : move.target()),
        migration == null ? Cell.none() : Cell.of(migration.state()),
        Cell.table(RANGES, move.ranges().ranges().stream().map(RingAnswer::row).toList()));
  }

  private static List<Cell> row(KeyRange range) {
    return List.of(token(range.first()), token(range.last()));
  }

  private static Cell pins(Placement placement) {
    return Cell.table(
        PINS,
        placement.pins().all().stream()
            .map(pin -> List.of(Cell.of(pin.key()), Cell.of(pin.shard())))
            .toList());
  }

  /** A text: many readers' numbers have no 64 bits. */
  private static Cell token(long token) {
    return Cell.of(Long.toString(token));
  }
}
