package dev.shardwright.cli.data;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Explanation;
import dev.shardwright.router.ShardRouter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code explain}. */
@Command(
    name = "explain",
    description = "Says how a query would be carried out. Sends nothing to the shards.",
    footer = {
      "",
      "Example:",
      "  shard-admin explain \"select day, sum(amount) from orders group by day\""
    })
public final class ExplainCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "SQL", description = "One query.")
  private String sql = "";

  /** For one run of the program. */
  public ExplainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (ShardRouter router = session.router()) {
      Explanation explanation = router.explain(sql);
      session.print(
          Answer.EMPTY
              .fact("level", Cell.of(explanation.level().name()))
              .fact(
                  "shards", Cell.items(explanation.shards().stream().map(ShardId::value).toList()))
              .fact("statements", Cell.items(explanation.statements()))
              .fact("answer", Cell.of(explanation.answer()))
              .fact("cost", Cell.of(explanation.cost()))
              .fact(
                  "otherwise",
                  Cell.items(explanation.otherwise().stream().map(Enum::name).toList())),
          explanation.toString());
      return ExitCode.DONE;
    }
  }
}
