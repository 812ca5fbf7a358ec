package dev.shardwright.router.internal.sql.functions;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.scan.Names;
import java.util.Optional;
import net.sf.jsqlparser.expression.AnalyticExpression;
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
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.HexValue;
import net.sf.jsqlparser.expression.IntervalExpression;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.JsonExpression;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.OverlapsCondition;
import net.sf.jsqlparser.expression.RowGetExpression;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.TimeKeyExpression;
import net.sf.jsqlparser.expression.TimezoneExpression;
import net.sf.jsqlparser.expression.TrimFunction;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ExistsExpression;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.IsUnknownExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.Values;

/**
 * The names that PostgreSQL gives to output columns without an alias, as its {@code FigureColname}
 * does.
 */
final class ExpressionNames {
  /** A name that gives way to that of the type where the expression is cast. */
  private record Named(String name, boolean stays) {}

  private static final Named NONE = new Named("?column?", false);

  private static final ImmutableSet<Class<?>> WITHOUT_NAME =
      ImmutableSet.of(
          LongValue.class,
          DoubleValue.class,
          StringValue.class,
          HexValue.class,
          NullValue.class,
          BooleanValue.class,
          JdbcParameter.class,
          NotExpression.class,
          SignedExpression.class,
          IsNullExpression.class,
          IsBooleanExpression.class,
          IsUnknownExpression.class,
          Between.class,
          InExpression.class,
          JsonExpression.class);

  /** What the grammar turns into other names. */
  private static final ImmutableMap<String, String> TYPES =
      ImmutableMap.<String, String>builder()
          .put("int", "int4")
          .put("integer", "int4")
          .put("smallint", "int2")
          .put("bigint", "int8")
          .put("real", "float4")
          .put("double precision", "float8")
          .put("decimal", "numeric")
          .put("dec", "numeric")
          .put("boolean", "bool")
          .put("varchar", "varchar")
          .put("character varying", "varchar")
          .put("char", "bpchar")
          .put("character", "bpchar")
          .put("timestamp with time zone", "timestamptz")
          .put("timestamp without time zone", "timestamp")
          .put("time with time zone", "timetz")
          .put("time without time zone", "time")
          .put("bit varying", "varbit")
          .buildOrThrow();

  private ExpressionNames() {}

  /** Empty where it is not known. */
  static Optional<String> of(Expression expression) {
    return named(expression).map(Named::name);
  }

  private static Optional<Named> named(Expression expression) {
    if (WITHOUT_NAME.contains(expression.getClass()) || expression instanceof BinaryExpression) {
      return Optional.of(NONE);
    }
    if (expression instanceof ParenthesedExpressionList<?> list) {
      return list.size() == 1 ? named(list.get(0)) : Optional.of(new Named("row", true));
    }
    if (expression instanceof CollateExpression collated) {
      return named(collated.getLeftExpression());
    }
    if (expression instanceof ArrayExpression array) {
      return named(array.getObjExpression());
    }
    if (expression instanceof CastExpression cast) {
      return named(cast.getLeftExpression())
          .flatMap(inner -> inner.stays() ? Optional.of(inner) : type(cast));
    }
    if (expression instanceof CaseExpression choice) {
      return choice.getElseExpression() == null
          ? Optional.of(new Named("case", false))
          : named(choice.getElseExpression())
              .map(last -> last.stays() ? last : new Named("case", false));
    }
    return expression instanceof Select query
        ? first(query).map(name -> new Named(name, true))
        : constant(expression).or(() -> call(expression).map(name -> new Named(name, true)));
  }

  /** Of what is a cast of a constant to PostgreSQL. */
  private static Optional<Named> constant(Expression expression) {
    if (expression instanceof IntervalExpression) {
      return Optional.of(new Named("interval", false));
    }
    return expression instanceof DateTimeLiteralExpression literal
        ? type(literal.getType().name())
        : Optional.empty();
  }

  private static Optional<Named> type(CastExpression cast) {
    return cast.getColDataType() == null
        ? Optional.empty()
        : type(cast.getColDataType().getDataType());
  }

  private static Optional<Named> type(String written) {
    String lower =
        Ascii.toLowerCase(written).replaceAll("\\([^)]*\\)", " ").strip().replaceAll("\\s+", " ");
    String name = TYPES.getOrDefault(lower, lower.substring(lower.lastIndexOf('.') + 1));
    return name.matches("[a-z_][a-z0-9_]*") && !name.equals("float")
        ? Optional.of(new Named(name, false))
        : Optional.empty();
  }

  private static Optional<String> call(Expression expression) {
    if (expression instanceof Column column) {
      return Optional.of(Names.fold(column.getColumnName()));
    }
    if (expression instanceof Function call) {
      return Optional.of(last(Functions.name(call)));
    }
    if (expression instanceof AnalyticExpression call) {
      return Optional.of(last(Functions.name(call)));
    }
    if (expression instanceof TimeKeyExpression key) {
      return Optional.of(Ascii.toLowerCase(key.getStringValue()).replace("()", ""));
    }
    if (expression instanceof RowGetExpression field) {
      return Optional.of(Names.fold(field.getColumnName()));
    }
    if (expression instanceof ExistsExpression exists) {
      return Optional.of(exists.isNot() ? NONE.name() : "exists");
    }
    if (expression instanceof TrimFunction trim) {
      return Optional.of(trimmed(trim));
    }
    return expression instanceof ExtractExpression
        ? Optional.of("extract")
        : expression instanceof TimezoneExpression
            ? Optional.of("timezone")
            : expression instanceof OverlapsCondition
                ? Optional.of("overlaps")
                : expression instanceof ArrayConstructor ? Optional.of("array") : Optional.empty();
  }

  private static String trimmed(TrimFunction trim) {
    if (trim.getTrimSpecification() == null) {
      return "btrim";
    }
    return switch (trim.getTrimSpecification()) {
      case LEADING -> "ltrim";
      case TRAILING -> "rtrim";
      case BOTH -> "btrim";
    };
  }

  /** The name of a query's only column. */
  private static Optional<String> first(Select query) {
    if (query instanceof ParenthesedSelect brackets) {
      return first(brackets.getSelect());
    }
    if (query instanceof SetOperationList operation) {
      return first(operation.getSelects().get(0));
    }
    if (query instanceof Values) {
      return Optional.of("column1");
    }
    if (!(query instanceof PlainSelect select)) {
      return Optional.empty();
    }
    SelectItem<?> item = select.getSelectItem(0);
    return item.getExpression() instanceof AllColumns ? Optional.empty() : OutputNames.of(item);
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
