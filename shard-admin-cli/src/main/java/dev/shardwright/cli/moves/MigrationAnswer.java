package dev.shardwright.cli.moves;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.output.Part;
import dev.shardwright.rebalance.KeptMigrations;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.watch.CutoverPause;
import java.util.ArrayList;
import java.util.List;

/** Migrations as an answer. */
public final class MigrationAnswer {
  private static final List<String> COLUMNS =
      List.of(
          "number",
          "keyspace",
          "region",
          "source",
          "target",
          "ranges",
          "state",
          "desired",
          "outcome",
          "rollingBack",
          "rows",
          "estimatedRows",
          "bytes",
          "bytesPerSecond",
          "timeLeft",
          "keyLog",
          "attempts",
          "pause",
          "note");

  private static final List<String> DETAILS =
      List.of("reason", "since", "hindrance", "pauseBudget", "pauseParts");
  private static final List<String> PARTS = List.of("part", "time");

  private MigrationAnswer() {}

  /** All of them, one in a line. */
  public static Answer of(List<MigrationStatus> migrations) {
    return Answer.EMPTY.table(
        "migrations", COLUMNS, migrations.stream().map(MigrationAnswer::row).toList());
  }

  /** The same, and for programs those that cannot be read. */
  static Answer of(KeptMigrations kept) {
    return of(kept.legible()).with(illegible(kept));
  }

  /** One of them, with the parts of its pause. */
  public static Answer of(MigrationStatus migration) {
    Answer answer = Answer.EMPTY;
    List<Cell> cells = row(migration);
    for (int i = 0; i < cells.size(); i++) {
      answer = answer.fact(COLUMNS.get(i), cells.get(i));
    }
    return answer
        .fact("reason", Cell.of(migration.reason()))
        .fact("since", Cell.of(migration.entered()))
        .fact("hindrance", Cell.of(migration.hindrance().name()))
        .fact("pauseBudget", Cell.time(migration.pauseBudget()))
        .table("pauseParts", PARTS, parts(migration));
  }

  /** All of them, each with all that is known of it, and those that cannot be read. */
  public static Answer detailed(KeptMigrations kept) {
    List<String> columns = new ArrayList<>(COLUMNS);
    columns.addAll(DETAILS);
    return Answer.EMPTY
        .table(
            "migrations",
            columns,
            kept.legible().stream().map(MigrationAnswer::detailedRow).toList())
        .with(illegible(kept));
  }

  /** Only for programs: an empty table would be no news for people. */
  private static Part illegible(KeptMigrations kept) {
    List<List<Cell>> rows = new ArrayList<>();
    kept.illegible()
        .forEach((number, why) -> rows.add(List.of(Cell.number(number.intValue()), Cell.of(why))));
    return new Part.Hidden("illegible", Cell.table(List.of("number", "why"), rows));
  }

  private static List<Cell> detailedRow(MigrationStatus migration) {
    List<Cell> cells = new ArrayList<>(row(migration));
    cells.add(Cell.of(migration.reason()));
    cells.add(Cell.of(migration.entered()));
    cells.add(Cell.of(migration.hindrance().name()));
    cells.add(Cell.time(migration.pauseBudget()));
    cells.add(Cell.table(PARTS, parts(migration)));
    return cells;
  }

  private static List<List<Cell>> parts(MigrationStatus migration) {
    List<List<Cell>> parts = new ArrayList<>();
    migration
        .lastPause()
        .ifPresent(
            pause ->
                pause
                    .parts()
                    .forEach((part, time) -> parts.add(List.of(Cell.of(part), Cell.time(time)))));
    return parts;
  }

  private static List<Cell> row(MigrationStatus migration) {
    return List.of(
        Cell.number(migration.number()),
        Cell.of(migration.keyspace()),
        Cell.of(migration.region()),
        Cell.of(migration.transfer().source()),
        Cell.of(migration.transfer().target()),
        Cell.of(migration.transfer().ranges().ranges().size()),
        Cell.of(migration.state()),
        Cell.of(migration.desired()),
        Cell.of(migration.outcome().name()),
        Cell.of(migration.rollingBack()),
        Cell.of(migration.rows()),
        Cell.of(migration.estimatedRows()),
        Cell.bytes(migration.bytes()),
        Cell.bytes(migration.progress().bytesPerSecond()),
        migration.timeLeft().map(Cell::time).orElseGet(Cell::none),
        Cell.of(migration.progress().keyLog()),
        Cell.of(migration.attempts()),
        migration.lastPause().map(CutoverPause::total).map(Cell::time).orElseGet(Cell::none),
        migration.note().isEmpty() ? Cell.none() : Cell.of(migration.note()));
  }
}
