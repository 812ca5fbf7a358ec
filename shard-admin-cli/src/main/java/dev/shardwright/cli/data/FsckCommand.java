package dev.shardwright.cli.data;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.RowCheck;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.Bounds;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fsck}. */
@Command(
    name = "fsck",
    description = "Looks whether every row is on its owner, and none twice.",
    footer = {
      "",
      "The servers read all rows of all tables; none is sent here. Rows of ranges that move at the",
      "moment are counted apart: look again when they have moved. Changes nothing, unless it is",
      "told to repair guards that are not what the topology says; it looks afterwards then.",
      "",
      "Examples:",
      "  shard-admin fsck",
      "  shard-admin fsck --repair-guards --yes"
    })
public final class FsckCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("shard", "keyspace", "table", "rows", "strays", "moving");

  private final Session session;

  @Option(
      names = "--repair-guards",
      description = "First make the guards on all shards what the topology says.")
  private boolean repairsGuards;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "Give up on a table of a shard after that time (default: 1h; 1s to 1d).")
  private Duration timeout = Duration.ofHours(1);

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  /** For one run of the program. */
  public FsckCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Bounds.check("--timeout", timeout);
    try (ClusterAdmin admin =
        session.admin(ClusterAdminOptions.DEFAULTS.withStatementTimeout(timeout))) {
      if (repairsGuards) {
        session.confirm("Make the guards on all shards what the topology says?", yes);
        session.tell(
            "The guards on all shards are what the topology says (epoch %s)"
                .formatted(admin.repairGuards().epoch()));
      }
      List<RowCheck> checks = admin.checkRows();
      List<String> problems = checks.stream().flatMap(check -> check.problems().stream()).toList();
      session.print(
          Answer.EMPTY
              .table("tables", COLUMNS, checks.stream().map(FsckCommand::row).toList())
              .lines("problems", problems));
      return problems.isEmpty() ? ExitCode.DONE : ExitCode.NOT_DONE;
    }
  }

  private static List<Cell> row(RowCheck check) {
    return List.of(
        Cell.of(check.shard()),
        check.keyspace().map(Cell::of).orElseGet(Cell::none),
        Cell.of(check.table()),
        Cell.of(check.rows()),
        Cell.of(check.strays()),
        Cell.of(check.moving()));
  }
}
