package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.copy.CopyProgress;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.RowsRefused;
import dev.shardwright.rebalance.internal.copy.TableCopy;
import dev.shardwright.rebalance.internal.cutover.DefinitionChanged;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.throttle.Signal;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.ShardId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Copies the rows, table after table, each from where it was left, and tells how far it is. */
final class Copying implements Phase {
  private final MoveContext context;
  private final String definitions;
  private final Function<Signal, Throttle> throttles;
  private final Consumer<MigrationProgress> reports;
  private Course course =
      new Course(List.of(), List.of(), Throttle.none(), new CopyRate(0, System.nanoTime()));
  private MigrationProgress progress = MigrationProgress.NONE;

  /** What is being copied. */
  private record Course(
      List<TableCopy> copies, List<KeyLogDrain> drains, Throttle throttle, CopyRate rate) {}

  /**
   * Copies nothing yet.
   *
   * @param definitions what the tables have to look like
   * @param throttles makes a throttle with one signal more
   * @param reports told now and then how far it has come, by one thread at a time
   */
  Copying(
      MoveContext context,
      String definitions,
      Function<Signal, Throttle> throttles,
      Consumer<MigrationProgress> reports) {
    this.context = context;
    this.definitions = definitions;
    this.throttles = throttles;
    this.reports = reports;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    try (Connection watch = context.open(context.from(Direction.FORWARD))) {
      begin(watch);
      for (TableCopy copy : course.copies()) {
        copy.run();
      }
      look(watch);
      return true;
    } catch (RowsRefused e) {
      AlikeTables.explain(context, Direction.FORWARD, e);
      throw Obstacle.of(e);
    } catch (LastingConflict | DefinitionChanged e) {
      throw Obstacle.of(e);
    }
  }

  @Override
  public MigrationProgress progress(MigrationProgress before) {
    return progress;
  }

  private void begin(Connection watch) throws SQLException {
    List<MovingTable> tables = context.tables(watch, Direction.FORWARD);
    ShardId from = context.from(Direction.FORWARD);
    ShardId to = context.to(Direction.FORWARD);
    try (Connection there = context.open(to)) {
      DefinitionChanged.check(
          from, AlikeTables.check(context, Direction.FORWARD, watch, there, tables), definitions);
      AlikeTables.checkTriggers(context, Direction.FORWARD, watch, there, tables);
    }
    List<KeyLogDrain> drains = context.drains(tables);
    Throttle throttle =
        throttles.apply(
            () -> {
              look(watch);
              reports.accept(progress);
              return Optional.empty();
            });
    List<TableCopy> copies = new ArrayList<>();
    long before = 0;
    for (int i = 0; i < tables.size(); i++) {
      TableCopy copy =
          new TableCopy(
              tables.get(i),
              context.ranges(),
              context.mover(),
              context.sessions(from),
              context.sessions(to),
              drains.get(i),
              throttle,
              context.copyOptions());
      copy.begin();
      copies.add(copy);
      before += copy.progress().bytes();
    }
    course = new Course(copies, drains, throttle, new CopyRate(before, System.nanoTime()));
  }

  private void look(Connection watch) throws SQLException {
    long keyLog = 0;
    for (KeyLogDrain drain : course.drains()) {
      keyLog += drain.length(watch);
    }
    long rows = 0;
    long bytes = 0;
    long estimated = 0;
    for (TableCopy copy : course.copies()) {
      CopyProgress copied = copy.progress();
      rows += copied.rows();
      bytes += copied.bytes();
      estimated += copied.estimatedRows();
    }
    long rate = course.rate().at(System.nanoTime(), bytes, course.throttle().rested());
    progress = new MigrationProgress(rows, bytes, estimated, rate, keyLog);
  }
}
