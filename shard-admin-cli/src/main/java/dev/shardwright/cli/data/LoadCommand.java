package dev.shardwright.cli.data;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.Bounds;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.topology.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code load}. */
@Command(
    name = "load",
    description = "Loads a CSV file in UTF-8 into a sharded table, on all shards at the same time.",
    footer = {
      "",
      "The first line names the columns; an empty field is NULL, unless it is quoted. Rows whose",
      "primary key is there already are left alone, so a load that broke is simply run again.",
      "Exit code 1 if a row was rejected.",
      "",
      "Examples:",
      "  shard-admin load orders orders.csv --rejects rejected.csv",
      "  shard-admin load routes routes.dat --no-header --columns airline,airline_id,source"
          + " --null '\\N' --line-number id"
    })
public final class LoadCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
  private @Nullable TableName table;

  @Parameters(index = "1", paramLabel = "FILE", description = "The file.")
  private Path file = Path.of("");

  @Option(names = "--no-header", description = "The first line is a row; --columns names them.")
  private boolean noHeader;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "COLUMN",
      description = "What the fields are, in place of the first line's names.")
  private @Nullable List<String> columns;

  @Option(
      names = "--null",
      paramLabel = "TEXT",
      description = "An unquoted field of that text is NULL (default: an empty one).")
  private String nullText = "";

  @Option(
      names = "--line-number",
      paramLabel = "COLUMN",
      description = "A column that gets the number of the row's line, for files without a key.")
  private @Nullable String lineNumber;

  @Option(
      names = "--rejects",
      paramLabel = "FILE",
      description = {
        "Where rejected rows go: line, reason, row.",
        "A file that is there is written over once a row is rejected."
      })
  private @Nullable Path rejectsFile;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "A statement, of 2000 rows at most, may take so long (default: 30s; 1s to 1d).")
  private Duration timeout = Duration.ofSeconds(30);

  /** For one run of the program. */
  public LoadCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws Exception {
    Bounds.check("--timeout", timeout);
    if (noHeader && columns == null) {
      throw new WrongUsage("without a first line that names the columns, give them with --columns");
    }
    if (rejectsFile != null && isSameFile(file, rejectsFile)) {
      throw new WrongUsage(
          "%s is the file to load: name another one for --rejects".formatted(file));
    }
    TableName name = Objects.requireNonNull(table, "picocli requires it");
    try (CsvFile csv = CsvFile.open(file, nullText);
        ShardRouter router = session.router(timeout);
        Rejects rejects = new Rejects(session, rejectsFile)) {
      LoadTarget target = LoadTarget.of(router, name, allColumns(csv));
      ChunkWriter writer = new ChunkWriter(router, target, rejects);
      Load load = new Load(session, csv, target, writer, rejects, lineNumber != null);
      try {
        load.run();
      } catch (InterruptedException e) {
        return interrupted(writer);
      } catch (Exception e) {
        if (Thread.interrupted()) {
          return interrupted(writer);
        }
        session.tell(
            "%d rows are in: mend what is wrong and run the same command again, rows that are there are left alone"
                .formatted(writer.loaded()));
        throw e;
      }
      return report(writer, rejects);
    }
  }

  /** Under whatever names; a file that is not there is no other's. */
  private static boolean isSameFile(Path file, Path other) throws IOException {
    return Files.exists(file) && Files.exists(other) && Files.isSameFile(file, other);
  }

  private int interrupted(ChunkWriter writer) {
    session.tell(
        "Interrupted: %d rows are in. To go on run the same command again: rows that are there are left alone"
            .formatted(writer.loaded()));
    return ExitCode.INTERRUPTED;
  }

  private int report(ChunkWriter writer, Rejects rejects) {
    session.print(
        Answer.EMPTY
            .fact("loaded", Cell.of(writer.loaded()))
            .fact("alreadyThere", Cell.of(writer.present()))
            .fact("rejected", Cell.of(rejects.count())));
    return rejects.count() == 0 ? ExitCode.DONE : ExitCode.NOT_DONE;
  }

  private List<String> allColumns(CsvFile csv) {
    List<String> all = new ArrayList<>();
    if (!noHeader) {
      CsvRow header =
          csv.next()
              .orElseThrow(
                  () ->
                      new NotDone("%s is empty: its first line names the columns".formatted(file)));
      header.fields().forEach(name -> all.add(name == null ? "" : name.strip()));
    }
    if (columns != null) {
      all.clear();
      all.addAll(columns);
    }
    if (lineNumber != null) {
      all.add(lineNumber);
    }
    return List.copyOf(all);
  }
}
