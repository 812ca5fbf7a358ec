package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Operand;
import dev.shardwright.router.internal.sql.tree.Expressions;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.AnyComparisonExpression;
import net.sf.jsqlparser.expression.AnyType;
import net.sf.jsqlparser.expression.ArrayConstructor;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.RowConstructor;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.GreaterThan;
import net.sf.jsqlparser.expression.operators.relational.GreaterThanEquals;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsDistinctExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.expression.operators.relational.MinorThan;
import net.sf.jsqlparser.expression.operators.relational.MinorThanEquals;
import net.sf.jsqlparser.expression.operators.relational.NotEqualsTo;
import net.sf.jsqlparser.expression.operators.relational.OldOracleJoinBinaryExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.Select;
import org.jspecify.annotations.Nullable;

/**
 * What conditions say of key columns. Each comparison counts only where it is PostgreSQL's own, and
 * not true for NULL.
 */
final class ConditionReader {
  private static final Set<Class<?>> STRICT =
      Set.of(
          EqualsTo.class,
          NotEqualsTo.class,
          GreaterThan.class,
          GreaterThanEquals.class,
          MinorThan.class,
          MinorThanEquals.class,
          LikeExpression.class);

  private final ParsedStatement statement;

  ConditionReader(ParsedStatement statement) {
    this.statement = statement;
  }

  /** What a condition says of the key columns that it names in that block. */
  Condition read(Expression condition, QueryBlock block) {
    Expression bare = Expressions.bare(condition);
    if (bare.getClass() == AndExpression.class) {
      return Condition.and(
          Expressions.conjuncts(bare).stream().map(each -> read(each, block)).toList());
    }
    if (bare.getClass() == OrExpression.class) {
      return Condition.or(
          Expressions.alternatives(bare).stream().map(each -> read(each, block)).toList());
    }
    return comparison(bare, block);
  }

  /** Pairs of which a condition says that they are equal, and not NULL. */
  List<List<Expression>> equalities(Expression condition) {
    Expression bare = Expressions.bare(condition);
    if (bare.getClass() != EqualsTo.class || isOracle(bare)) {
      return List.of();
    }
    EqualsTo equals = (EqualsTo) bare;
    return pairs(equals.getLeftExpression(), equals.getRightExpression());
  }

  /** The key column that an expression is; null if it is none. */
  static @Nullable KeyColumn column(Expression expression, QueryBlock block) {
    return Expressions.bare(expression) instanceof Column column ? block.column(column) : null;
  }

  /** The members of a row value, or the one of a single value. */
  static List<Expression> members(Expression expression) {
    Expression bare = Expressions.bare(expression);
    if (bare.getClass() == ParenthesedExpressionList.class
        || bare.getClass() == RowConstructor.class) {
      return new ArrayList<>((ExpressionList<?>) bare);
    }
    if (bare instanceof Function function
        && "row".equalsIgnoreCase(function.getName())
        && function.getParameters() != null) {
      return new ArrayList<>(function.getParameters());
    }
    return List.of(bare);
  }

  /**
   * The items of FROM in this block of which the condition holds for no row of NULLs.
   *
   * @param to what they are added to
   */
  void strictSources(Expression condition, QueryBlock block, Set<Source> to) {
    Expression bare = Expressions.bare(condition);
    if (bare.getClass() == AndExpression.class) {
      Expressions.conjuncts(bare).forEach(each -> strictSources(each, block, to));
    } else if (STRICT.contains(bare.getClass()) && !isOracle(bare)) {
      BinaryExpression comparison = (BinaryExpression) bare;
      if (isAll(comparison.getRightExpression())) {
        return; // true of NULL where there is nothing to compare with
      }
      addSource(comparison.getLeftExpression(), block, to);
      addSource(comparison.getRightExpression(), block, to);
    } else if (bare instanceof InExpression in && !(in.getRightExpression() instanceof Select)) {
      addSource(in.getLeftExpression(), block, to);
    } else if (bare instanceof InExpression in && !in.isNot()) {
      addSource(in.getLeftExpression(), block, to);
    } else if (bare instanceof Between between) {
      addSource(between.getLeftExpression(), block, to);
    } else if (bare instanceof IsNullExpression is && isNotNull(is)) {
      addSource(is.getLeftExpression(), block, to);
    }
  }

  private static boolean isAll(Expression operand) {
    return operand instanceof Function function
        ? "all".equalsIgnoreCase(function.getName())
        : operand instanceof AnyComparisonExpression any && any.getAnyType() == AnyType.ALL;
  }

  private static boolean isNotNull(IsNullExpression is) {
    return is.isUseNotNull() || (is.isNot() && !is.isUseIsNull());
  }

  private static void addSource(Expression operand, QueryBlock block, Set<Source> to) {
    if (Expressions.bare(operand) instanceof Column column) {
      Source source = block.sourceOf(column);
      if (source != null) {
        to.add(source);
      }
    }
  }

  private Condition comparison(Expression condition, QueryBlock block) {
    if (Contradiction.is(condition)) {
      return Condition.none();
    }
    if (isOracle(condition)) {
      return Condition.all();
    }
    if (condition instanceof EqualsTo equals) {
      return equality(equals.getLeftExpression(), equals.getRightExpression(), block);
    }
    if (condition instanceof IsDistinctExpression distinct && distinct.isNot()) {
      return notDistinct(distinct, block);
    }
    if (condition instanceof InExpression in && !in.isNot()) {
      return in(in, block);
    }
    if (condition instanceof Between between) {
      return between(between, block);
    }
    return bound(condition, block);
  }

  private Condition equality(Expression left, Expression right, QueryBlock block) {
    List<Condition> all = new ArrayList<>();
    for (List<Expression> pair : pairs(left, right)) {
      all.add(single(pair.get(0), pair.get(1), block));
      all.add(single(pair.get(1), pair.get(0), block));
    }
    return Condition.and(all);
  }

  private static List<List<Expression>> pairs(Expression left, Expression right) {
    List<Expression> mine = members(left);
    List<Expression> theirs = members(right);
    if (mine.size() != theirs.size()) {
      return List.of();
    }
    List<List<Expression>> pairs = new ArrayList<>();
    for (int i = 0; i < mine.size(); i++) {
      pairs.add(List.of(mine.get(i), theirs.get(i)));
    }
    return pairs;
  }

  private Condition single(Expression left, Expression right, QueryBlock block) {
    KeyColumn column = column(left, block);
    if (column == null) {
      return Condition.all();
    }
    Expression value = Expressions.bare(right);
    if (value instanceof Function function && isAny(function)) {
      return anyOf(column, function.getParameters().get(0));
    }
    return single(value)
        .<Condition>map(operand -> new Condition.Of(column, new KeyTest.Is(operand)))
        .orElse(Condition.all());
  }

  private static boolean isAny(Function function) {
    String name = function.getName();
    return ("any".equalsIgnoreCase(name) || "some".equalsIgnoreCase(name))
        && function.getParameters() != null
        && function.getParameters().size() == 1;
  }

  private Condition anyOf(KeyColumn column, Expression array) {
    Expression bare = Expressions.bare(array);
    if (bare instanceof ArrayConstructor constructor) {
      return oneOf(column, operands(constructor.getExpressions()));
    }
    if (bare instanceof CastExpression cast
        && Expressions.bare(cast.getLeftExpression()) instanceof ArrayConstructor constructor) {
      Optional<Operand.Cast> type = Operand.cast(cast).filter(Operand.Cast::array);
      return type.isEmpty()
          ? Condition.all()
          : oneOf(
              column,
              operands(constructor.getExpressions())
                  .map(all -> all.stream().map(each -> each.castTo(type.get().type())).toList()));
    }
    return Operand.of(bare, statement)
        .filter(operand -> operand.casts().stream().allMatch(Operand.Cast::array))
        .<Condition>map(operand -> new Condition.Of(column, new KeyTest.AnyOf(operand)))
        .orElse(Condition.all());
  }

  private Condition notDistinct(IsDistinctExpression distinct, QueryBlock block) {
    Condition equal = equality(distinct.getLeftExpression(), distinct.getRightExpression(), block);
    // Of NULLs it may be true.
    List<KeyColumn> nullable = new ArrayList<>();
    equal.columns(
        column -> {
          if (column.nullable() || column.domain().isConstant()) {
            nullable.add(column);
          }
        });
    return nullable.isEmpty() ? equal : Condition.all();
  }

  private Condition in(InExpression in, QueryBlock block) {
    Expression right = in.getRightExpression();
    if (!(right instanceof ExpressionList<?> values)) {
      return Condition.all();
    }
    KeyColumn column = column(in.getLeftExpression(), block);
    if (column != null) {
      return oneOf(column, operands(values));
    }
    List<Expression> members = members(in.getLeftExpression());
    if (members.size() < 2) {
      return Condition.all();
    }
    return Condition.or(
        values.stream().map(row -> equality(in.getLeftExpression(), row, block)).toList());
  }

  private static Condition oneOf(KeyColumn column, Optional<List<Operand>> values) {
    return values
        .<Condition>map(
            all ->
                new Condition.Of(
                    column, all.size() == 1 ? new KeyTest.Is(all.get(0)) : new KeyTest.In(all)))
        .orElse(Condition.all());
  }

  /** The values, if all of them are. */
  private Optional<List<Operand>> operands(List<? extends Expression> expressions) {
    List<Operand> operands = new ArrayList<>();
    for (Expression expression : expressions) {
      Optional<Operand> operand = single(expression);
      if (operand.isEmpty()) {
        return Optional.empty();
      }
      operands.add(operand.get());
    }
    return Optional.of(operands);
  }

  /** The value that an expression is, if it is one, and no array. */
  private Optional<Operand> single(Expression expression) {
    return Operand.of(expression, statement).filter(Operand::isSingle);
  }

  private Condition between(Between between, QueryBlock block) {
    if (between.isNot() || between.isUsingSymmetric()) {
      return Condition.all();
    }
    Expression middle = between.getLeftExpression();
    return Condition.and(
        List.of(
            bound(middle, KeyTest.Side.AT_LEAST, between.getBetweenExpressionStart(), block),
            bound(middle, KeyTest.Side.AT_MOST, between.getBetweenExpressionEnd(), block)));
  }

  private Condition bound(Expression condition, QueryBlock block) {
    Optional<KeyTest.Side> side = side(condition);
    if (side.isEmpty()) {
      return Condition.all();
    }
    BinaryExpression comparison = (BinaryExpression) condition;
    Expression left = comparison.getLeftExpression();
    Expression right = comparison.getRightExpression();
    return Condition.and(
        List.of(
            bound(left, side.get(), right, block), bound(right, side.get().turned(), left, block)));
  }

  private static Optional<KeyTest.Side> side(Expression condition) {
    Class<?> type = condition.getClass();
    if (type == MinorThan.class) {
      return Optional.of(KeyTest.Side.LESS);
    }
    if (type == MinorThanEquals.class) {
      return Optional.of(KeyTest.Side.AT_MOST);
    }
    if (type == GreaterThan.class) {
      return Optional.of(KeyTest.Side.GREATER);
    }
    return type == GreaterThanEquals.class ? Optional.of(KeyTest.Side.AT_LEAST) : Optional.empty();
  }

  private Condition bound(Expression left, KeyTest.Side side, Expression right, QueryBlock block) {
    KeyColumn column = column(left, block);
    if (column == null) {
      return Condition.all();
    }
    return single(right)
        .<Condition>map(operand -> new Condition.Of(column, new KeyTest.Bound(side, operand)))
        .orElse(Condition.all());
  }

  /** Whether it has the outer join marks of another database. */
  private static boolean isOracle(Expression condition) {
    return condition instanceof OldOracleJoinBinaryExpression comparison
        && (comparison.getOldOracleJoinSyntax() != 0 || comparison.getOraclePriorPosition() != 0);
  }
}
