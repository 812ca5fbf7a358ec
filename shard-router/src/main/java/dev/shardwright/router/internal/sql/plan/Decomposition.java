package dev.shardwright.router.internal.sql.plan;

import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.answer.ColumnType;
import dev.shardwright.router.internal.sql.functions.AggregateCall;
import dev.shardwright.router.internal.sql.tree.Nodes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.Select;

/**
 * How an aggregate over all rows is worked out from aggregates over the rows of each shard, as
 * PostgreSQL would work it out, digit for digit.
 */
final class Decomposition {
  /** What depends on the type of a partial result, which is known when the parts have run. */
  private static final Pattern TYPE =
      Pattern.compile("shardwright_(type|whole|exact|number)_([0-9]+)");

  private static final Set<String> EXACT = Set.of("int2", "int4", "int8", "numeric");

  /** Adds a column to the shards' parts; its name. */
  @FunctionalInterface
  interface Partials {
    String add(String text);
  }

  private static final ImmutableSet<String> OF_SQUARES =
      ImmutableSet.of("stddev", "stddev_pop", "stddev_samp", "var_pop", "var_samp", "variance");

  private final Function<Object, String> print;
  private final Partials partials;

  /**
   * @param print how nodes of the tree print themselves in a part
   */
  Decomposition(Function<Object, String> print, Partials partials) {
    this.print = print;
    this.partials = partials;
  }

  /** The expression over the partial results; empty if they do not suffice. */
  Optional<String> of(AggregateCall call) {
    // Of values that differ in their signs alone, the squares do not differ.
    boolean ofSquares = OF_SQUARES.contains(call.name());
    int least = call.name().equals("string_agg") ? 2 : ofSquares ? 1 : 0;
    if (call.ordered() || (call.distinct() && ofSquares) || call.arguments().size() < least) {
      return Optional.empty();
    }
    String last =
        switch (call.name()) {
          case "count" -> count(call);
          case "sum" -> sum(call);
          case "min",
              "max",
              "bool_and",
              "bool_or",
              "every",
              "bit_and",
              "bit_or",
              "bit_xor",
              "any_value" ->
              call.name() + "(" + partial(call.name(), call) + ")";
          case "avg" -> average(call);
          case "string_agg" -> concatenation(call);
          case "var_samp", "variance" -> variance(call, true);
          case "var_pop" -> variance(call, false);
          case "stddev_samp", "stddev" -> root(variance(call, true));
          case "stddev_pop" -> root(variance(call, false));
          default -> "";
        };
    return last.isEmpty() ? Optional.empty() : Optional.of("(" + last + ")");
  }

  private String partial(String aggregate, AggregateCall call) {
    return partials.add(call.over(aggregate, print));
  }

  private String count(AggregateCall call) {
    return "coalesce(sum(" + partial("count", call) + "), 0)::bigint";
  }

  /** A sum of sums may have a larger type. */
  private String sum(AggregateCall call) {
    String sums = partial("sum", call);
    return "sum(" + sums + ")::shardwright_type_" + number(sums);
  }

  /** PostgreSQL divides the sum by the count too, and a sum of reals has not their precision. */
  private String average(AggregateCall call) {
    String sums = partial("sum", call);
    String counts = partial("count", call);
    return "sum(%s) / nullif(sum(%s), 0)::shardwright_number_%s"
        .formatted(sums, counts, number(sums));
  }

  /** In any order of the shards, as there is none among their rows. */
  private String concatenation(AggregateCall call) {
    Expression delimiter = call.arguments().get(1);
    boolean constant =
        Nodes.all(delimiter, Column.class).isEmpty()
            && Nodes.all(delimiter, Select.class).isEmpty();
    return constant
        ? "string_agg(" + partial("string_agg", call) + ", " + print.apply(delimiter) + ")"
        : "";
  }

  /**
   * PostgreSQL computes it for exact numbers as (N * sum(x * x) - sum(x) * sum(x)) / (N * (N - 1)),
   * in which only the division rounds; if the dividend is zero, the result is plain 0.
   */
  private String variance(AggregateCall call, boolean sample) {
    String sums = partial("sum", call);
    String x = print.apply(call.arguments().get(0));
    String square = "((%1$s)::numeric * (%1$s)::numeric)".formatted(x);
    String squared = partials.add(call.over("sum", square, print));
    String n = "sum(" + partial("count", call) + ")";
    String s = "sum(" + sums + ")::shardwright_exact_" + number(sums);
    String dividend = n + " * sum(" + squared + ") - " + s + " * " + s;
    String divisor = "nullif(" + n + " * " + (sample ? "(" + n + " - 1)" : n) + ", 0)";
    return "case when "
        + divisor
        + " is null then null when "
        + dividend
        + " <= 0 then 0 else ("
        + dividend
        + ") / "
        + divisor
        + " end";
  }

  /**
   * The root as PostgreSQL rounds it: to as many digits as the variance has. That it is rounded
   * twice here makes no difference, since so many more digits tell a root from a half.
   */
  private static String root(String variance) {
    return "select case when v = 0 then v else coalesce(round(sqrt(round(v, 2 * scale(v) +"
        + " length(trunc(v)::text) + 8)), scale(v)), v) end from (select "
        + variance
        + ") as d(v)";
  }

  private static int number(String column) {
    return PartialRows.numberOf(column);
  }

  /** Puts the types in; empty if partial results of these types do not suffice. */
  static Optional<String> typed(String last, List<ColumnType> types) {
    boolean fits =
        TYPE.matcher(last)
            .results()
            .allMatch(
                found ->
                    switch (found.group(1)) {
                      case "exact" -> EXACT.contains(type(found, types).name());
                      case "number" ->
                          EXACT.contains(type(found, types).name())
                              || Set.of("float8", "interval").contains(type(found, types).name());
                      default -> true;
                    });
    return fits
        ? Optional.of(TYPE.matcher(last).replaceAll(found -> replacement(found, types)))
        : Optional.empty();
  }

  private static String replacement(MatchResult found, List<ColumnType> types) {
    ColumnType type = type(found, types);
    return switch (found.group(1)) {
      case "exact" -> "numeric";
      case "number" -> EXACT.contains(type.name()) ? "numeric" : "float8";
      case "whole" -> Matcher.quoteReplacement(PartialRows.typed(type));
      default -> Matcher.quoteReplacement(PartialRows.quoted(type.name()));
    };
  }

  private static ColumnType type(MatchResult found, List<ColumnType> types) {
    return types.get(Integer.parseInt(found.group(2)) - 1);
  }
}
