package dev.shardwright.router.internal.sql.functions;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.AnalyticType;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.statement.select.OrderByElement;

/**
 * A call of an aggregate, whichever of its forms was written.
 *
 * @param node the call in the tree
 * @param name of the aggregate, in lower case
 * @param arguments what is aggregated; for {@code count(*)} the star
 * @param ordered whether the order in which rows are taken is said
 * @param filter which rows count
 */
public record AggregateCall(
    Expression node,
    String name,
    List<Expression> arguments,
    boolean distinct,
    boolean ordered,
    Optional<Expression> filter) {
  public AggregateCall {
    arguments = List.copyOf(arguments);
  }

  public static AggregateCall of(Expression node) {
    if (node instanceof AnalyticExpression call) {
      boolean ordered =
          call.getType() == AnalyticType.WITHIN_GROUP || isNotEmpty(call.getFuncOrderBy());
      return new AggregateCall(
          node,
          Functions.name(call),
          Stream.of(call.getExpression(), call.getOffset(), call.getDefaultValue())
              .flatMap(Stream::ofNullable)
              .toList(),
          call.isDistinct(),
          ordered,
          Optional.ofNullable(call.getFilterExpression()));
    }
    net.sf.jsqlparser.expression.Function call = (net.sf.jsqlparser.expression.Function) node;
    List<Expression> arguments = new ArrayList<>();
    if (call.getParameters() != null) {
      call.getParameters().forEach(arguments::add);
    }
    return new AggregateCall(
        node,
        Functions.name(call),
        arguments,
        call.isDistinct(),
        isNotEmpty(call.getOrderByElements()),
        Optional.empty());
  }

  /** A call of another aggregate over the same values. */
  public String over(String aggregate, Function<Object, String> print) {
    return over(aggregate, String.join(", ", arguments.stream().map(print).toList()), print);
  }

  /** A call of another aggregate over other values of the same rows. */
  public String over(String aggregate, String values, Function<Object, String> print) {
    return aggregate
        + (distinct ? "(distinct " : "(")
        + values
        + ")"
        + filter.map(rows -> " filter (where " + print.apply(rows) + ")").orElse("");
  }

  private static boolean isNotEmpty(List<OrderByElement> order) {
    return order != null && !order.isEmpty();
  }
}
