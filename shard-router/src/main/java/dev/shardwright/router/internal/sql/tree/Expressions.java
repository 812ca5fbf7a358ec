package dev.shardwright.router.internal.sql.tree;

import com.google.common.collect.ImmutableMap;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import net.sf.jsqlparser.expression.AllValue;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.AnyComparisonExpression;
import net.sf.jsqlparser.expression.ArrayConstructor;
import net.sf.jsqlparser.expression.ArrayExpression;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.BooleanValue;
import net.sf.jsqlparser.expression.CaseExpression;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.CollateExpression;
import net.sf.jsqlparser.expression.DateTimeLiteralExpression;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.ExtractExpression;
import net.sf.jsqlparser.expression.HexValue;
import net.sf.jsqlparser.expression.IntervalExpression;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.JsonAggregateFunction;
import net.sf.jsqlparser.expression.JsonExpression;
import net.sf.jsqlparser.expression.JsonFunction;
import net.sf.jsqlparser.expression.JsonFunctionExpression;
import net.sf.jsqlparser.expression.JsonKeyValuePair;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.OracleNamedFunctionParameter;
import net.sf.jsqlparser.expression.OverlapsCondition;
import net.sf.jsqlparser.expression.PostgresNamedFunctionParameter;
import net.sf.jsqlparser.expression.RangeExpression;
import net.sf.jsqlparser.expression.RowConstructor;
import net.sf.jsqlparser.expression.RowGetExpression;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.TimeKeyExpression;
import net.sf.jsqlparser.expression.TimezoneExpression;
import net.sf.jsqlparser.expression.TrimFunction;
import net.sf.jsqlparser.expression.WhenClause;
import net.sf.jsqlparser.expression.WindowDefinition;
import net.sf.jsqlparser.expression.WindowElement;
import net.sf.jsqlparser.expression.WindowOffset;
import net.sf.jsqlparser.expression.operators.arithmetic.Addition;
import net.sf.jsqlparser.expression.operators.arithmetic.BitwiseAnd;
import net.sf.jsqlparser.expression.operators.arithmetic.BitwiseLeftShift;
import net.sf.jsqlparser.expression.operators.arithmetic.BitwiseOr;
import net.sf.jsqlparser.expression.operators.arithmetic.BitwiseRightShift;
import net.sf.jsqlparser.expression.operators.arithmetic.BitwiseXor;
import net.sf.jsqlparser.expression.operators.arithmetic.Concat;
import net.sf.jsqlparser.expression.operators.arithmetic.Division;
import net.sf.jsqlparser.expression.operators.arithmetic.Modulo;
import net.sf.jsqlparser.expression.operators.arithmetic.Multiplication;
import net.sf.jsqlparser.expression.operators.arithmetic.Subtraction;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ContainedBy;
import net.sf.jsqlparser.expression.operators.relational.Contains;
import net.sf.jsqlparser.expression.operators.relational.DoubleAnd;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.expression.operators.relational.ExistsExpression;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.GeometryDistance;
import net.sf.jsqlparser.expression.operators.relational.GreaterThan;
import net.sf.jsqlparser.expression.operators.relational.GreaterThanEquals;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsDistinctExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.IsUnknownExpression;
import net.sf.jsqlparser.expression.operators.relational.JsonOperator;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.expression.operators.relational.Matches;
import net.sf.jsqlparser.expression.operators.relational.MinorThan;
import net.sf.jsqlparser.expression.operators.relational.MinorThanEquals;
import net.sf.jsqlparser.expression.operators.relational.NamedExpressionList;
import net.sf.jsqlparser.expression.operators.relational.NotEqualsTo;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.expression.operators.relational.RegExpMatchOperator;
import net.sf.jsqlparser.expression.operators.relational.SimilarToExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.Select;
import org.jspecify.annotations.Nullable;

/**
 * The parts of expressions, by a closed list of what is understood: nothing is ever passed over. A
 * query within an expression is a part like any other; it is not looked into.
 */
public final class Expressions {
  private static final Set<Class<?>> WITHOUT_PARTS =
      Set.of(
          LongValue.class,
          DoubleValue.class,
          StringValue.class,
          HexValue.class,
          NullValue.class,
          BooleanValue.class,
          JdbcParameter.class,
          DateTimeLiteralExpression.class,
          TimeKeyExpression.class,
          AllValue.class);

  private static final Set<Class<?>> WITH_TWO_SIDES =
      Set.of(
          AndExpression.class,
          OrExpression.class,
          Addition.class,
          Subtraction.class,
          Multiplication.class,
          Division.class,
          Modulo.class,
          BitwiseAnd.class,
          BitwiseOr.class,
          BitwiseXor.class,
          BitwiseLeftShift.class,
          BitwiseRightShift.class,
          Concat.class,
          EqualsTo.class,
          NotEqualsTo.class,
          GreaterThan.class,
          GreaterThanEquals.class,
          MinorThan.class,
          MinorThanEquals.class,
          Matches.class,
          RegExpMatchOperator.class,
          JsonOperator.class,
          DoubleAnd.class,
          Contains.class,
          ContainedBy.class,
          IsDistinctExpression.class,
          SimilarToExpression.class,
          GeometryDistance.class);

  private static final Map<Class<?>, Function<Expression, List<?>>> WITH_PARTS =
      ImmutableMap.<Class<?>, Function<Expression, List<?>>>builder()
          .put(ExpressionList.class, e -> (ExpressionList<?>) e)
          .put(ParenthesedExpressionList.class, e -> (ExpressionList<?>) e)
          .put(NamedExpressionList.class, e -> (ExpressionList<?>) e)
          .put(RowConstructor.class, e -> (ExpressionList<?>) e)
          .put(NotExpression.class, e -> list(((NotExpression) e).getExpression()))
          .put(SignedExpression.class, e -> list(((SignedExpression) e).getExpression()))
          .put(IsNullExpression.class, e -> list(((IsNullExpression) e).getLeftExpression()))
          .put(IsBooleanExpression.class, e -> list(((IsBooleanExpression) e).getLeftExpression()))
          .put(IsUnknownExpression.class, e -> list(((IsUnknownExpression) e).getLeftExpression()))
          .put(ExistsExpression.class, e -> list(((ExistsExpression) e).getRightExpression()))
          .put(AnyComparisonExpression.class, e -> list(((AnyComparisonExpression) e).getSelect()))
          .put(CollateExpression.class, e -> list(((CollateExpression) e).getLeftExpression()))
          .put(ExtractExpression.class, e -> list(((ExtractExpression) e).getExpression()))
          .put(IntervalExpression.class, e -> list(((IntervalExpression) e).getExpression()))
          .put(RowGetExpression.class, e -> list(((RowGetExpression) e).getExpression()))
          .put(Column.class, e -> list(((Column) e).getArrayConstructor()))
          .put(ArrayConstructor.class, e -> ((ArrayConstructor) e).getExpressions())
          .put(
              OracleNamedFunctionParameter.class, // which PostgreSQL has as well
              e -> list(((OracleNamedFunctionParameter) e).getExpression()))
          .put(
              PostgresNamedFunctionParameter.class,
              e -> list(((PostgresNamedFunctionParameter) e).getExpression()))
          .put(LikeExpression.class, e -> like((LikeExpression) e))
          .put(InExpression.class, e -> in((InExpression) e))
          .put(Between.class, e -> between((Between) e))
          .put(CastExpression.class, e -> cast((CastExpression) e))
          .put(CaseExpression.class, e -> caseParts((CaseExpression) e))
          .put(WhenClause.class, e -> when((WhenClause) e))
          .put(RangeExpression.class, e -> range((RangeExpression) e))
          .put(ArrayExpression.class, e -> array((ArrayExpression) e))
          .put(TrimFunction.class, e -> trim((TrimFunction) e))
          .put(TimezoneExpression.class, e -> timezone((TimezoneExpression) e))
          .put(OverlapsCondition.class, e -> overlaps((OverlapsCondition) e))
          .put(JsonExpression.class, e -> json((JsonExpression) e))
          .put(JsonFunction.class, e -> jsonFunction((JsonFunction) e))
          .put(JsonAggregateFunction.class, e -> jsonAggregate((JsonAggregateFunction) e))
          .put(AllColumns.class, e -> star((AllColumns) e))
          .put(AllTableColumns.class, e -> star((AllColumns) e))
          .put(
              net.sf.jsqlparser.expression.Function.class,
              e -> function((net.sf.jsqlparser.expression.Function) e))
          .put(AnalyticExpression.class, e -> analytic((AnalyticExpression) e))
          .buildOrThrow();

  private Expressions() {}

  /**
   * The expressions that this one is made of.
   *
   * @throws SqlRefused if it is of a kind that is not understood
   */
  static List<Expression> parts(Expression expression) {
    Class<?> type = expression.getClass();
    if (expression instanceof Select || WITHOUT_PARTS.contains(type)) {
      return List.of();
    }
    if (WITH_TWO_SIDES.contains(type)) {
      BinaryExpression binary = (BinaryExpression) expression;
      return List.of(binary.getLeftExpression(), binary.getRightExpression());
    }
    Function<Expression, List<?>> parts = WITH_PARTS.get(type);
    if (parts == null) {
      throw notUnderstood(expression);
    }
    List<Expression> found = new ArrayList<>();
    for (Object part : parts.apply(expression)) {
      if (part != null) {
        found.add((Expression) part);
      }
    }
    return found;
  }

  /**
   * The expression and all that it is made of.
   *
   * @throws SqlRefused if one of them is of a kind that is not understood
   */
  public static List<Expression> all(@Nullable Expression expression) {
    List<Expression> found = new ArrayList<>();
    Deque<Expression> open = new ArrayDeque<>();
    if (expression != null) {
      open.add(expression);
    }
    while (!open.isEmpty()) {
      Expression next = open.remove();
      found.add(next);
      open.addAll(parts(next));
    }
    return found;
  }

  /** The conditions that must all hold, so that this one holds. */
  public static List<Expression> conjuncts(@Nullable Expression condition) {
    return split(condition, AndExpression.class);
  }

  /** The conditions of which one must hold, so that this one holds. */
  public static List<Expression> alternatives(Expression condition) {
    return split(condition, OrExpression.class);
  }

  /** Without the brackets around it. */
  public static Expression bare(Expression expression) {
    Expression inner = expression;
    while (inner.getClass() == ParenthesedExpressionList.class
        && ((ExpressionList<?>) inner).size() == 1) {
      inner = ((ExpressionList<?>) inner).get(0);
    }
    return inner;
  }

  public static SqlRefused notUnderstood(Object part) {
    String text = part.toString();
    return new SqlRefused(
        Reason.NOT_UNDERSTOOD,
        "\"%s\" is not understood; use a connection that is bound to a key, so that it can go to one"
                .formatted(text.length() <= 80 ? text : text.substring(0, 80) + "…")
            + " shard as it is");
  }

  private static List<Expression> split(
      @Nullable Expression condition, Class<? extends BinaryExpression> by) {
    List<Expression> found = new ArrayList<>();
    Deque<Expression> open = new ArrayDeque<>();
    if (condition != null) {
      open.push(condition);
    }
    while (!open.isEmpty()) {
      Expression next = bare(open.pop());
      if (next.getClass() == by) {
        open.push(((BinaryExpression) next).getRightExpression());
        open.push(((BinaryExpression) next).getLeftExpression());
      } else {
        found.add(next);
      }
    }
    return found;
  }

  private static List<?> list(@Nullable Object... parts) {
    return Arrays.asList(parts);
  }

  private static void refuse(Object whole, boolean is) {
    if (is) {
      throw notUnderstood(whole);
    }
  }

  private static boolean any(@Nullable Collection<?> parts) {
    return parts != null && !parts.isEmpty();
  }

  private static void addAll(
      List<@Nullable Object> to, @Nullable Collection<? extends @Nullable Object> parts) {
    if (parts != null) {
      to.addAll(parts);
    }
  }

  private static void addOrder(List<@Nullable Object> to, @Nullable List<OrderByElement> elements) {
    if (elements != null) {
      for (OrderByElement element : elements) {
        refuse(element, element.isMysqlWithRollup() || element.getWithFill() != null);
        to.add(element.getExpression());
      }
    }
  }

  private static void addFrame(List<@Nullable Object> to, @Nullable WindowElement frame) {
    if (frame != null) {
      addOffset(to, frame.getOffset());
      if (frame.getRange() != null) {
        addOffset(to, frame.getRange().getStart());
        addOffset(to, frame.getRange().getEnd());
      }
    }
  }

  private static void addOffset(List<@Nullable Object> to, @Nullable WindowOffset offset) {
    if (offset != null) {
      to.add(offset.getExpression());
    }
  }

  /** The expressions of an ORDER BY. */
  public static List<Expression> order(@Nullable List<OrderByElement> elements) {
    List<@Nullable Object> found = new ArrayList<>();
    addOrder(found, elements);
    return found.stream().map(Expression.class::cast).toList();
  }

  /** The expressions of a window. */
  public static List<Expression> window(WindowDefinition window) {
    List<@Nullable Object> found = new ArrayList<>();
    addAll(found, (Collection<?>) window.getPartitionExpressionList());
    addOrder(found, window.getOrderByElements());
    addFrame(found, window.getWindowElement());
    return found.stream().filter(part -> part != null).map(Expression.class::cast).toList();
  }

  private static List<?> like(LikeExpression like) {
    refuse(like, like.isUseBinary());
    return list(like.getLeftExpression(), like.getRightExpression(), like.getEscape());
  }

  private static List<?> in(InExpression in) {
    refuse(in, in.isGlobal() || in.getOldOracleJoinSyntax() != 0);
    return list(in.getLeftExpression(), in.getRightExpression());
  }

  private static List<?> between(Between between) {
    return list(
        between.getLeftExpression(),
        between.getBetweenExpressionStart(),
        between.getBetweenExpressionEnd());
  }

  private static List<?> cast(CastExpression cast) {
    refuse(cast, any(cast.getColumnDefinitions()) || cast.getFormat() != null);
    return list(cast.getLeftExpression());
  }

  private static List<?> caseParts(CaseExpression expression) {
    List<@Nullable Object> parts = new ArrayList<>(expression.getWhenClauses());
    parts.add(expression.getSwitchExpression());
    parts.add(expression.getElseExpression());
    return parts;
  }

  private static List<?> when(WhenClause when) {
    return list(when.getWhenExpression(), when.getThenExpression());
  }

  private static List<?> array(ArrayExpression array) {
    return list(
        array.getObjExpression(),
        array.getIndexExpression(),
        array.getStartIndexExpression(),
        array.getStopIndexExpression());
  }

  private static List<?> range(RangeExpression range) {
    return list(range.getStartExpression(), range.getEndExpression());
  }

  private static List<?> trim(TrimFunction trim) {
    return list(trim.getExpression(), trim.getFromExpression());
  }

  private static List<?> timezone(TimezoneExpression timezone) {
    List<@Nullable Object> parts = new ArrayList<>(timezone.getTimezoneExpressions());
    parts.add(timezone.getLeftExpression());
    return parts;
  }

  private static List<?> overlaps(OverlapsCondition overlaps) {
    return list(overlaps.getLeft(), overlaps.getRight());
  }

  private static List<?> json(JsonExpression json) {
    List<@Nullable Object> parts = new ArrayList<>();
    json.getIdentList().forEach(ident -> parts.add(ident.getKey()));
    parts.add(json.getExpression());
    return parts;
  }

  private static List<?> jsonFunction(JsonFunction json) {
    List<@Nullable Object> parts = new ArrayList<>();
    if (json.getInputExpression() != null) {
      parts.add(json.getInputExpression().getExpression());
    }
    parts.add(json.getJsonPathExpression());
    addAll(parts, json.getPassingExpressions());
    refuse(json, any(json.getAdditionalQueryPathArguments()));
    for (JsonKeyValuePair pair : json.getKeyValuePairs()) {
      parts.add(expressionOr(json, pair.getKey()));
      parts.add(expressionOr(json, pair.getValue()));
    }
    for (JsonFunctionExpression each : json.getExpressions()) {
      parts.add(each.getExpression());
    }
    for (JsonFunction.JsonOnResponseBehavior behavior :
        Arrays.asList(json.getOnEmptyBehavior(), json.getOnErrorBehavior())) {
      if (behavior != null) {
        parts.add(behavior.getExpression());
      }
    }
    return parts;
  }

  private static List<?> jsonAggregate(JsonAggregateFunction json) {
    List<@Nullable Object> parts = new ArrayList<>();
    parts.add(json.getExpression());
    parts.add(expressionOr(json, json.getKey()));
    parts.add(expressionOr(json, json.getValue()));
    addOrder(parts, json.getExpressionOrderByElements());
    addOrder(parts, json.getOrderByElements());
    addAll(parts, json.getPartitionExpressionList());
    parts.add(json.getFilterExpression());
    addFrame(parts, json.getWindowElement());
    return parts;
  }

  private static @Nullable Expression expressionOr(Object whole, @Nullable Object part) {
    if (part instanceof String text && text.startsWith("'")) {
      return null;
    }
    refuse(whole, part != null && !(part instanceof Expression));
    return (Expression) part;
  }

  private static List<?> star(AllColumns star) {
    refuse(star, any(star.getExceptColumns()) || any(star.getReplaceExpressions()));
    return List.of();
  }

  private static List<?> function(net.sf.jsqlparser.expression.Function function) {
    refuse(
        function,
        function.getKeep() != null
            || function.getLimit() != null
            || function.getHavingClause() != null
            || function.getAttribute() != null
            || any(function.getChainedParameters())
            || function.isEscaped());
    List<@Nullable Object> parts = new ArrayList<>();
    addAll(parts, function.getParameters());
    addAll(parts, function.getNamedParameters());
    addOrder(parts, function.getOrderByElements());
    if (function.getKeywordArguments() != null) {
      function.getKeywordArguments().forEach(argument -> parts.add(argument.getExpression()));
    }
    return parts;
  }

  private static List<?> analytic(AnalyticExpression analytic) {
    refuse(
        analytic,
        analytic.getKeep() != null
            || analytic.getLimit() != null
            || analytic.getHavingClause() != null);
    List<@Nullable Object> parts = new ArrayList<>();
    parts.add(analytic.getExpression());
    parts.add(analytic.getOffset());
    parts.add(analytic.getDefaultValue());
    parts.add(analytic.getFilterExpression());
    addOrder(parts, analytic.getFuncOrderBy());
    if (analytic.getWindowDefinition() != null) {
      parts.addAll(window(analytic.getWindowDefinition()));
    } else {
      addOrder(parts, analytic.getOrderByElements());
      addAll(parts, analytic.getPartitionExpressionList());
      addFrame(parts, analytic.getWindowElement());
    }
    if (analytic.getKeywordArguments() != null) {
      analytic.getKeywordArguments().forEach(argument -> parts.add(argument.getExpression()));
    }
    return parts;
  }
}
