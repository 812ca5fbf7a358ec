package dev.shardwright.cli.data;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.output.Part;
import dev.shardwright.cli.session.Bounds;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.router.ShardRouter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code query}. */
@Command(
    name = "query",
    description = "Runs a statement through a router, as a service would: on one shard or on all.",
    footer = {
      "",
      "Examples:",
      "  shard-admin query \"select count(*), sum(amount) from orders\"",
      "  shard-admin query --output json \"select * from orders where user_id = 4711\""
    })
public final class QueryCommand implements Callable<Integer> {
  private static final int MOST_ROWS = 1_000_000; // they are held until all are there

  private final Session session;

  @Parameters(paramLabel = "SQL", description = "One statement.")
  private String sql = "";

  @Option(
      names = "--max-rows",
      paramLabel = "N",
      description = "Show so many rows at most (default: 1000; 1 to 1000000).")
  private int maxRows = 1_000;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "Give up after that time (default: 30s; 1s to 1d).")
  private Duration timeout = Duration.ofSeconds(30);

  /** For one run of the program. */
  public QueryCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Bounds.check("--max-rows", maxRows, 1, MOST_ROWS);
    Bounds.check("--timeout", timeout);
    try (ShardRouter router = session.router(timeout);
        Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.setQueryTimeout((int) timeout.plusMillis(999).toSeconds()); // not too short
      statement.setMaxRows(maxRows + 1); // the driver holds what the server sends
      if (!statement.execute(sql)) {
        session.print(Answer.EMPTY.fact("changedRows", Cell.of(statement.getUpdateCount())));
        return ExitCode.DONE;
      }
      QueryRows rows = QueryRows.read(statement.getResultSet(), maxRows);
      session.print(
          Answer.EMPTY
              .with(new Part.Grid("rows", rows.columns(), rows.rows()))
              .with(new Part.Hidden("complete", Cell.of(rows.complete()))));
      if (!rows.complete()) {
        session.tell("There are more rows than %d: see --max-rows".formatted(maxRows));
      }
      return ExitCode.DONE;
    }
  }
}
