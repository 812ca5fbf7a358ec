package dev.shardwright.router.differential;

import dev.shardwright.ShardException;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Asks the cluster through the router, and sees in its metrics how it went about it. */
final class ByRouter {
  private final ShardRouter router;
  private final ScatterOptions options;
  private final SimpleMeterRegistry meters;
  private final Analyzer analyzer = new Analyzer();

  ByRouter(FourAndOne databases) {
    this(databases, ScatterOptions.DEFAULTS);
  }

  ByRouter(FourAndOne databases, ScatterOptions options) {
    this.options = options;
    this.meters = new SimpleMeterRegistry();
    this.router = databases.router(meters);
  }

  Answered ask(Question question) {
    Map<String, Long> before = counts();
    double shardsBefore = shards();
    Outcome outcome = outcome(question);
    if (outcome instanceof Outcome.Failed failed) {
      return new Answered(outcome, failed.isRefusal() ? "refused" : "fails");
    }
    if (shards() - shardsBefore == 1) {
      return new Answered(outcome, destination(question));
    }
    return new Answered(
        outcome,
        counts().entrySet().stream()
            .filter(level -> !level.getValue().equals(before.get(level.getKey())))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse("unknown"));
  }

  private Outcome outcome(Question question) {
    @Nullable Object[] arguments = question.arguments().toArray();
    List<Outcome.Rows> rows = new ArrayList<>();
    try {
      router
          .scatter(options)
          .query(
              question.sql(),
              row -> {
                rows.add(Outcome.Rows.ofOne(row));
                return true;
              },
              arguments);
      return Outcome.Rows.together(rows);
    } catch (RouteRefused refused) {
      return refused.getCause() instanceof SqlRefused why
          ? new Outcome.Failed(why.reason().sqlState(), String.valueOf(why.getMessage()))
          : new Outcome.Failed("", refused.toString());
    } catch (StatementFailed failed) {
      return new Outcome.Failed(failed.sqlState(), String.valueOf(failed.getMessage()));
    } catch (ShardException failed) {
      return new Outcome.Failed("", failed.toString());
    }
  }

  private String destination(Question question) {
    ParameterSource parameters = ParameterSource.of(question.arguments().toArray());
    Destination destination =
        analyzer
            .analyze(question.sql(), SearchPath.DEFAULT, router.topology())
            .destination(parameters, router.topology());
    if (destination instanceof Destination.OneShard) {
      return "one";
    }
    return destination instanceof Destination.SingleKeyspace ? "single" : "any";
  }

  private double shards() {
    DistributionSummary fanout = meters.find("shardwright.scatter.fanout").summary();
    return fanout == null ? 0 : fanout.totalAmount();
  }

  private Map<String, Long> counts() {
    Map<String, Long> counts = new TreeMap<>();
    for (Timer timer : meters.find("shardwright.scatter").timers()) {
      counts.merge(String.valueOf(timer.getId().getTag("level")), timer.count(), Long::sum);
    }
    return counts;
  }
}
