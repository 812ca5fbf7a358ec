package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.capture.TriggersThatAct;
import dev.shardwright.rebalance.internal.cutover.DefinitionChanged;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.rebalance.internal.table.MovingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Tables are defined alike on both shards, or no row goes from one to the other. */
final class AlikeTables {
  private AlikeTables() {}

  /**
   * What the tables look like on both.
   *
   * @param from to the shard that rows come from in that direction
   * @param to to the other one
   * @throws Obstacle if they differ
   */
  static DefinitionDigest check(
      MoveContext context,
      Direction direction,
      Connection from,
      Connection to,
      List<MovingTable> tables)
      throws SQLException {
    DefinitionDigest here = DefinitionDigest.read(from, tables);
    DefinitionDigest there = DefinitionDigest.read(to, tables);
    List<String> differences =
        here.differences(there, context.from(direction).value(), context.to(direction).value());
    if (!differences.isEmpty()) {
      throw new Obstacle(
          "the tables are not defined alike on both shards: %s".formatted(differences), null);
    }
    return here;
  }

  /**
   * Looks that nothing acts on rows that are copied, nor on those that flow back later.
   *
   * @throws DefinitionChanged if a trigger does
   */
  static void checkTriggers(
      MoveContext context,
      Direction direction,
      Connection from,
      Connection to,
      List<MovingTable> tables)
      throws SQLException {
    DefinitionChanged.checkTriggers(context.to(direction), TriggersThatAct.find(to, tables));
    if (direction == Direction.FORWARD) {
      DefinitionChanged.checkTriggers(context.from(direction), TriggersThatAct.find(from, tables));
    }
  }

  /**
   * A column that one shard alone has cannot be copied, however often that is tried.
   *
   * @throws Obstacle if the tables differ, which explains that failure
   */
  static void explain(MoveContext context, Direction direction, Exception failure) {
    try (Connection from = context.open(context.from(direction));
        Connection to = context.open(context.to(direction))) {
      check(context, direction, from, to, context.tables(from, direction));
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }
}
