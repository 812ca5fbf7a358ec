package dev.shardwright.router.internal.sql.destination;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.scan.Literal;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.DateTimeLiteralExpression;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.statement.create.table.ColDataType;
import org.jspecify.annotations.Nullable;

/**
 * A value that is known when the statement runs, whatever the rows: a constant or a parameter, cast
 * or not.
 *
 * @param place the parameter's place, from 1; 0 for a constant
 * @param constant a {@code BigDecimal}, a {@code String} of no type yet, or null for NULL
 * @param casts the types that it is cast to, the innermost first
 */
public record Operand(int place, @Nullable Object constant, List<Cast> casts) {
  /** The types between which conversions lose nothing, or are seen to. */
  enum Type {
    SMALLINT,
    INTEGER,
    BIGINT,
    NUMERIC,
    TEXT,
    UUID,
    TIMESTAMPTZ
  }

  /** A cast to a type or an array of it. */
  public record Cast(Type type, boolean array) {}

  private static final Map<String, Type> TYPES =
      Map.ofEntries(
          Map.entry("smallint", Type.SMALLINT),
          Map.entry("int2", Type.SMALLINT),
          Map.entry("integer", Type.INTEGER),
          Map.entry("int", Type.INTEGER),
          Map.entry("int4", Type.INTEGER),
          Map.entry("bigint", Type.BIGINT),
          Map.entry("int8", Type.BIGINT),
          Map.entry("numeric", Type.NUMERIC),
          Map.entry("decimal", Type.NUMERIC),
          Map.entry("text", Type.TEXT),
          Map.entry("varchar", Type.TEXT),
          Map.entry("character varying", Type.TEXT),
          Map.entry("uuid", Type.UUID),
          Map.entry("timestamptz", Type.TIMESTAMPTZ),
          Map.entry("timestamp with time zone", Type.TIMESTAMPTZ));

  /** No number of a key's type has as many digits; others are left to PostgreSQL. */
  private static final Pattern NUMBER =
      Pattern.compile("[0-9]{1,40}(\\.[0-9]{0,40})?|\\.[0-9]{1,40}");

  public Operand {
    casts = List.copyOf(casts);
  }

  /** The value that an expression is; empty if it depends on rows, or is not understood. */
  public static Optional<Operand> of(Expression expression, ParsedStatement statement) {
    List<Cast> casts = new ArrayList<>();
    Expression inner = expression;
    while (true) {
      if (inner instanceof ParenthesedExpressionList<?> list
          && list.getClass() == ParenthesedExpressionList.class
          && list.size() == 1) {
        inner = list.get(0);
      } else if (inner instanceof CastExpression cast && cast.getClass() == CastExpression.class) {
        Optional<Cast> type = cast(cast);
        if (type.isEmpty()) {
          return Optional.empty();
        }
        casts.add(0, type.get());
        inner = cast.getLeftExpression();
      } else {
        return source(inner, casts, statement);
      }
    }
  }

  /** Whether it is no array. */
  public boolean isSingle() {
    return casts.stream().noneMatch(Cast::array);
  }

  /** Whether the caller chooses its type too. */
  public boolean isOfAnyType() {
    return isParameter() && casts.isEmpty();
  }

  boolean isParameter() {
    return place > 0;
  }

  private static Optional<Operand> source(
      Expression inner, List<Cast> casts, ParsedStatement statement) {
    if (inner instanceof JdbcParameter parameter) {
      return Optional.of(new Operand(parameter.getIndex(), null, casts));
    }
    if (inner instanceof NullValue) {
      return Optional.of(new Operand(0, null, casts));
    }
    if (inner instanceof StringValue string) {
      return text(string, statement).map(text -> new Operand(0, text, casts));
    }
    if (inner instanceof DateTimeLiteralExpression time
        && time.getType() == DateTimeLiteralExpression.DateTime.TIMESTAMPTZ) {
      casts.add(0, new Cast(Type.TIMESTAMPTZ, false));
      return text(new StringValue(time.getValue()), statement)
          .map(text -> new Operand(0, text, casts));
    }
    return number(inner).map(number -> new Operand(0, number, casts));
  }

  private static Optional<String> text(StringValue string, ParsedStatement statement) {
    return statement
        .literal(string)
        .filter(literal -> literal.kind() == Literal.Kind.TEXT)
        .map(Literal::value);
  }

  private static Optional<BigDecimal> number(Expression expression) {
    if (expression instanceof SignedExpression signed
        && (signed.getSign() == '-' || signed.getSign() == '+')) {
      Optional<BigDecimal> absolute = unsigned(signed.getExpression());
      return signed.getSign() == '-' ? absolute.map(BigDecimal::negate) : absolute;
    }
    return unsigned(expression);
  }

  private static Optional<BigDecimal> unsigned(Expression expression) {
    if (expression instanceof LongValue || expression instanceof DoubleValue) {
      String digits = expression.toString();
      if (NUMBER.matcher(digits).matches()) {
        return Optional.of(new BigDecimal(digits));
      }
    }
    return Optional.empty();
  }

  /** This value, cast once more. */
  public Operand castTo(Type type) {
    List<Cast> more = new ArrayList<>(casts);
    more.add(new Cast(type, false));
    return new Operand(place, constant, more);
  }

  /** The type that something is cast to; empty if that may change the value. */
  public static Optional<Cast> cast(CastExpression cast) {
    ColDataType type = cast.getColDataType();
    if (type == null || cast.getFormat() != null) {
      return Optional.empty();
    }
    // As printed, so that no modifier, such as a length, goes unseen.
    String printed = Ascii.toLowerCase(type.toString()).trim();
    boolean array = printed.endsWith("[]");
    Type found = TYPES.get(array ? printed.substring(0, printed.length() - 2).trim() : printed);
    return Optional.ofNullable(found).map(known -> new Cast(known, array));
  }
}
