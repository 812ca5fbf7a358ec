package dev.shardwright.router.internal.sql.functions;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.Resources;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.AnalyticType;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;

/** What is known about PostgreSQL's functions by their names. Names are in lower case. */
public final class Functions {
  private static final ImmutableSet<String> HARMLESS = read("functions.txt");

  private static final ImmutableSet<String> AGGREGATES =
      ImmutableSet.of(
          "any_value",
          "array_agg",
          "avg",
          "bit_and",
          "bit_or",
          "bit_xor",
          "bool_and",
          "bool_or",
          "corr",
          "count",
          "covar_pop",
          "covar_samp",
          "every",
          "json_agg",
          "json_agg_strict",
          "json_object_agg",
          "json_object_agg_strict",
          "json_object_agg_unique",
          "json_object_agg_unique_strict",
          "jsonb_agg",
          "jsonb_agg_strict",
          "jsonb_object_agg",
          "jsonb_object_agg_strict",
          "jsonb_object_agg_unique",
          "jsonb_object_agg_unique_strict",
          "max",
          "min",
          "mode",
          "percentile_cont",
          "percentile_disc",
          "range_agg",
          "range_intersect_agg",
          "regr_avgx",
          "regr_avgy",
          "regr_count",
          "regr_intercept",
          "regr_r2",
          "regr_slope",
          "regr_sxx",
          "regr_sxy",
          "regr_syy",
          "stddev",
          "stddev_pop",
          "stddev_samp",
          "string_agg",
          "sum",
          "var_pop",
          "var_samp",
          "variance",
          "xmlagg");

  /** Aggregates whose value depends on the order of the rows. */
  private static final ImmutableSet<String> OF_ORDER =
      AGGREGATES.stream()
          .filter(
              name ->
                  name.startsWith("json")
                      || name.equals("any_value")
                      || name.equals("array_agg")
                      || name.equals("mode")
                      || name.equals("string_agg")
                      || name.equals("xmlagg"))
          .collect(toImmutableSet());

  /** Aggregates that add up, of floats in the order of the rows. */
  private static final ImmutableSet<String> SUMS =
      AGGREGATES.stream()
          .filter(
              name ->
                  name.equals("avg")
                      || name.equals("corr")
                      || name.equals("sum")
                      || name.startsWith("covar_")
                      || (name.startsWith("regr_") && !name.equals("regr_count"))
                      || name.startsWith("stddev")
                      || name.startsWith("var"))
          .collect(toImmutableSet());

  /** Functions that give rows where others give a value. */
  private static final ImmutableSet<String> OF_ROWS =
      ImmutableSet.of(
          "generate_series",
          "generate_subscripts",
          "json_array_elements",
          "json_array_elements_text",
          "json_each",
          "json_each_text",
          "json_object_keys",
          "json_populate_recordset",
          "json_to_recordset",
          "jsonb_array_elements",
          "jsonb_array_elements_text",
          "jsonb_each",
          "jsonb_each_text",
          "jsonb_object_keys",
          "jsonb_path_query",
          "jsonb_path_query_tz",
          "jsonb_populate_recordset",
          "jsonb_to_recordset",
          "regexp_matches",
          "regexp_split_to_table",
          "string_to_table",
          "unnest");

  private Functions() {}

  static ImmutableSet<String> ofRows() {
    return OF_ROWS;
  }

  /** Whether an expression may give several rows for one. */
  public static boolean givesRows(Expression expression) {
    return Nodes.all(expression, Function.class).stream()
        .anyMatch(call -> OF_ROWS.contains(name(call)));
  }

  /**
   * Whether calls may run on several shards, and be repeated: the result depends only on the
   * arguments and on settings of the session that are the same everywhere.
   */
  static boolean isHarmless(String name) {
    return HARMLESS.contains(name);
  }

  static ImmutableSet<String> harmless() {
    return HARMLESS;
  }

  static ImmutableSet<String> aggregates() {
    return AGGREGATES;
  }

  /** Whether the last digits of its value may depend on the order of the rows. */
  public static boolean mayRound(String aggregate) {
    return SUMS.contains(aggregate);
  }

  /** Whether it is an aggregate whose value depends on the order of the rows. */
  public static boolean dependsOnOrder(String name) {
    return OF_ORDER.contains(name);
  }

  /** The name of what is called: of a built-in without its schema, of another with it. */
  public static String name(Function call) {
    // A function in FROM is a node that holds the call, and has no name itself.
    return call.getMultipartName() == null ? "" : name(call.getMultipartName());
  }

  /** The same for a call with FILTER, WITHIN GROUP or OVER. */
  public static String name(AnalyticExpression call) {
    return name(Splitter.on('.').splitToList(call.getName()));
  }

  private static String name(List<String> parts) {
    String last = Names.fold(parts.get(parts.size() - 1));
    boolean builtIn =
        parts.size() == 1 || (parts.size() == 2 && Names.fold(parts.get(0)).equals("pg_catalog"));
    return builtIn ? last : String.join(".", parts);
  }

  /** Whether it is an aggregate over the rows of a group, and not over a window. */
  public static boolean isAggregate(Expression expression) {
    if (expression instanceof AnalyticExpression call) {
      return call.getType() == AnalyticType.WITHIN_GROUP
          || (call.getType() == AnalyticType.FILTER_ONLY && AGGREGATES.contains(name(call)));
    }
    return expression instanceof Function call
        && !(expression instanceof TreeCopy.Verbatim)
        && AGGREGATES.contains(name(call));
  }

  /** Whether it is computed over a window. */
  public static boolean isWindow(Object node) {
    return node instanceof AnalyticExpression call
        && (call.getType() == AnalyticType.OVER
            || call.getType() == AnalyticType.WITHIN_GROUP_OVER);
  }

  private static ImmutableSet<String> read(String resource) {
    try {
      return Resources.readLines(
              Resources.getResource(Functions.class, resource), StandardCharsets.UTF_8)
          .stream()
          .filter(line -> !line.startsWith("#"))
          .flatMap(line -> Splitter.on(' ').omitEmptyStrings().splitToStream(line))
          .collect(toImmutableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
