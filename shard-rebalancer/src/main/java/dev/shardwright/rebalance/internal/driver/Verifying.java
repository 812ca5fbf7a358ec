package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.capture.StoredRows;
import dev.shardwright.rebalance.internal.capture.Uncaptured;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.RowsDiffer;
import dev.shardwright.rebalance.internal.copy.RowsRefused;
import dev.shardwright.rebalance.internal.copy.SequenceAdvance;
import dev.shardwright.rebalance.internal.copy.SequenceEnds;
import dev.shardwright.rebalance.internal.cutover.DefinitionChanged;
import dev.shardwright.rebalance.internal.migration.ComparedRows;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.internal.verify.RowVerification;
import dev.shardwright.rebalance.internal.verify.ShortLogs;
import dev.shardwright.rebalance.internal.verify.Verified;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Compares every row on both shards, and the definitions of the tables. */
final class Verifying implements Phase {
  private static final int MOST_NAMED = 10;

  private final MoveContext context;
  private final Direction direction;
  private final Throttle throttle;
  private final Optional<String> definitions;
  private final Consumer<String> defined;
  private final Consumer<ComparedRows> compared;

  /**
   * Has compared nothing yet.
   *
   * @param definitions what the tables have to look like; empty for what they look like now
   * @param defined told that
   * @param compared told what was compared, once all was
   */
  Verifying(
      MoveContext context,
      Direction direction,
      Throttle throttle,
      Optional<String> definitions,
      Consumer<String> defined,
      Consumer<ComparedRows> compared) {
    this.context = context;
    this.direction = direction;
    this.throttle = throttle;
    this.definitions = definitions;
    this.defined = defined;
    this.compared = compared;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    try (Connection from = context.open(context.from(direction));
        Connection to = context.open(context.to(direction))) {
      List<MovingTable> tables = context.tables(from, direction);
      compareDefinitions(from, to, tables);
      int migration = context.mover().migration();
      ComparedRows rows =
          new ComparedRows(
              StoredRows.stamp(from, migration, tables), StoredRows.stamp(to, migration, tables));
      // Before the rows: if a sequence is busy, nothing is compared in vain.
      SequenceAdvance sequences = context.sequences();
      for (MovingTable table : tables) {
        sequences.advance(from, to, table);
      }
      List<KeyLogDrain> drains = context.drains(tables);
      ShortLogs logs = new ShortLogs(drains, throttle);
      for (int i = 0; i < tables.size(); i++) {
        RowOrder order = RowOrder.choose(tables.get(i), context.ranges(), from, to);
        compareRows(order, drains.get(i), logs);
      }
      compared.accept(rows);
      return true;
    } catch (RowsRefused e) {
      AlikeTables.explain(context, direction, e);
      throw Obstacle.of(e);
    } catch (LastingConflict | RowsDiffer | SequenceEnds | DefinitionChanged e) {
      throw Obstacle.of(e);
    }
  }

  private void compareDefinitions(Connection from, Connection to, List<MovingTable> tables)
      throws SQLException {
    DefinitionDigest here = AlikeTables.check(context, direction, from, to, tables);
    int migration = context.mover().migration();
    DefinitionChanged.checkCaptured(
        context.from(direction), Uncaptured.find(from, migration, tables));
    // What an owner lacks comes to it again whatever is there.
    if (!direction.hasArrived(context.move())) {
      if (direction == Direction.FORWARD) { // on the way back nobody could mend that
        DefinitionChanged.checkCaptured(
            context.to(direction), Uncaptured.find(to, migration, tables));
      }
      AlikeTables.checkTriggers(context, direction, from, to, tables);
    }
    if (definitions.isPresent()) {
      DefinitionChanged.check(context.from(direction), here, definitions.get());
    } else {
      defined.accept(here.fingerprints());
    }
  }

  private void compareRows(RowOrder order, KeyLogDrain drain, ShortLogs logs)
      throws SQLException, InterruptedException {
    Verified verified =
        new RowVerification(
                order,
                context.ranges(),
                context.sessions(context.from(direction)),
                context.sessions(context.to(direction)),
                drain,
                throttle)
            .run(context.migration().options().lanes(), logs);
    if (!verified.same()) {
      throw new Obstacle(
          "table %s: %d rows stay different on both shards, for example %s"
              .formatted(
                  order.table().name(),
                  verified.differing().size(),
                  verified.differing().stream().limit(MOST_NAMED).toList()),
          null);
    }
  }
}
