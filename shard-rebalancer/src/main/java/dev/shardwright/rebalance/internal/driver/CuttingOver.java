package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.copy.Drained;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.RowsDiffer;
import dev.shardwright.rebalance.internal.copy.RowsRefused;
import dev.shardwright.rebalance.internal.copy.SequenceAdvance;
import dev.shardwright.rebalance.internal.copy.SequenceEnds;
import dev.shardwright.rebalance.internal.cutover.ComparisonOutdated;
import dev.shardwright.rebalance.internal.cutover.CutoverAttempt;
import dev.shardwright.rebalance.internal.cutover.DefinitionChanged;
import dev.shardwright.rebalance.internal.cutover.Drains;
import dev.shardwright.rebalance.internal.cutover.Links;
import dev.shardwright.rebalance.internal.cutover.Stopwatch;
import dev.shardwright.rebalance.internal.migration.ComparedRows;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the ranges change hands: one attempt each time. Complete once they have arrived and are
 * open.
 */
final class CuttingOver implements Phase {
  private static final Logger LOG = LoggerFactory.getLogger(CuttingOver.class);
  private static final Duration READY_WITHIN = Duration.ofSeconds(1);

  private final MoveContext context;
  private final Direction direction;
  private final String definitions;
  private final ComparedRows compared;
  private final Runnable outdated;
  private final Stopwatch stopwatch;
  private Optional<String> waitsFor = Optional.empty();

  /**
   * Has tried nothing yet.
   *
   * @param definitions what the tables have to look like
   * @param compared what was compared
   * @param outdated records that it does not hold any more
   * @param stopwatch that of the attempts before, of which one may have been successful unseen
   */
  CuttingOver(
      MoveContext context,
      Direction direction,
      String definitions,
      ComparedRows compared,
      Runnable outdated,
      Stopwatch stopwatch) {
    this.context = context;
    this.direction = direction;
    this.definitions = definitions;
    this.compared = compared;
    this.outdated = outdated;
    this.stopwatch = stopwatch;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    RangeMove move = context.move();
    try (Connection from = context.openBriskly(context.from(direction));
        Connection to = context.openBriskly(context.to(direction))) {
      boolean begins = !direction.hasArrived(move) && !move.held();
      // What is only put in order needs none, and they may have been dropped meanwhile.
      List<MovingTable> tables = begins ? context.tables(from, direction) : List.of();
      List<KeyLogDrain> drains = context.drains(tables);
      if (begins) {
        checkAdmitsRouters(to);
        context.routers().forgetBefore(move);
        if (!drain(drains, from, to)) {
          waitsFor = Optional.of("the key log, which grows as fast as it is copied");
          return false;
        }
        advanceSequences(tables, from, to);
      }
      try (Connection gate = context.openBriskly(context.from(direction))) {
        CutoverAttempt attempt =
            new CutoverAttempt(
                move,
                direction,
                context.mover(),
                context.topology(),
                context.routers(),
                new Drains(tables, drains, definitions, compared),
                new Links(gate, from, to, begins && context.hasReplicas(context.to(direction))),
                context.migration().options().pause(),
                stopwatch);
        attempt.run();
        waitsFor = attempt.waitedFor();
      }
      return direction.hasArrived(context.move());
    } catch (ComparisonOutdated e) {
      LOG.warn("Range move {}: {}", move.number(), e.getMessage());
      outdated.run();
      return false;
    } catch (LastingConflict | RowsDiffer | RowsRefused | SequenceEnds | DefinitionChanged e) {
      throw Obstacle.of(e);
    }
  }

  @Override
  public Optional<String> waitsFor() {
    return waitsFor;
  }

  /** Else the ranges would be out of reach until another move has its rows on that shard again. */
  private void checkAdmitsRouters(Connection to) throws SQLException {
    if (Readmission.keepsOut(to)) {
      throw new SQLException(
          "shard %s has another server than before, and admits no routers yet"
              .formatted(context.to(direction)),
          "55000");
    }
  }

  /**
   * While nobody waits, so that little is left for the attempt. What is written faster than it is
   * copied has no end: that the migration is to be given up has to be seen, and in the end it
   * catches up at leisure.
   *
   * @return whether the logs were read to their ends in time
   */
  private static boolean drain(List<KeyLogDrain> drains, Connection from, Connection to)
      throws SQLException {
    long began = System.nanoTime();
    long remaining = 0;
    for (KeyLogDrain drain : drains) {
      Drained drained;
      do {
        drained = drain.drain(from, to);
      } while (drained.remaining() > 0 && System.nanoTime() - began < READY_WITHIN.toNanos());
      remaining += drained.remaining();
    }
    return remaining == 0;
  }

  /** So that no number is left for the attempt. */
  private void advanceSequences(List<MovingTable> tables, Connection from, Connection to)
      throws SQLException {
    SequenceAdvance sequences = context.sequences();
    for (MovingTable table : tables) {
      sequences.advance(from, to, table);
    }
  }
}
