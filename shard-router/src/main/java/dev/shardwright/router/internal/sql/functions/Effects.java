package dev.shardwright.router.internal.sql.functions;

import dev.shardwright.router.internal.sql.tree.Nodes;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.statement.Statement;

/** Whether a query may do more than read. */
public final class Effects {
  private Effects() {}

  /** Whether all functions that it calls are known to have none. */
  public static boolean none(Statement query) {
    return Nodes.all(query, Function.class).stream().map(Functions::name).allMatch(Effects::none)
        && Nodes.all(query, AnalyticExpression.class).stream()
            .map(Functions::name)
            .allMatch(Effects::none);
  }

  private static boolean none(String function) {
    return Functions.isHarmless(function)
        || Functions.aggregates().contains(function)
        || Moments.isMoment(function);
  }
}
