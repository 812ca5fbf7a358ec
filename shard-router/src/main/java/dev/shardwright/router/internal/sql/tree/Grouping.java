package dev.shardwright.router.internal.sql.tree;

import static com.google.common.base.Strings.isNullOrEmpty;

import java.util.List;
import java.util.Map;
import net.sf.jsqlparser.expression.ArrayExpression;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.CollateExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.JsonExpression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.TimezoneExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.IsUnknownExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import org.jspecify.annotations.Nullable;

/**
 * Whether a tree groups operators and operands as PostgreSQL does. The parser has other ideas of
 * precedence in places: it reads {@code a || b + 1} as {@code (a || b) + 1}.
 *
 * <p>A tree groups right if each operand reaches up to its operator: no operator at the edge of the
 * operand, where no brackets guard it, binds more weakly than the operator beyond the edge. This is
 * how a parser by precedence decides, so that only one tree over the same words passes.
 */
final class Grouping {
  // From PostgreSQL's documentation of operator precedence, weakest first.
  private static final int OR = 1;
  private static final int AND = 2;
  private static final int NOT = 3;
  private static final int IS = 4;
  private static final int COMPARISON = 5;
  private static final int IN = 6;
  private static final int OTHER = 7;
  private static final int SUM = 8;
  private static final int PRODUCT = 9;
  private static final int POWER = 10;
  private static final int TIME_ZONE = 11;
  private static final int COLLATE = 12;
  private static final int SIGN = 13;
  private static final int SUBSCRIPT = 14;
  private static final int CAST = 15;
  private static final int CLOSED = Integer.MAX_VALUE;

  private static final Map<String, Integer> BY_NAME =
      Map.ofEntries(
          Map.entry("OR", OR),
          Map.entry("AND", AND),
          Map.entry("IS DISTINCT FROM", IS),
          Map.entry("IS NOT DISTINCT FROM", IS),
          Map.entry("=", COMPARISON),
          Map.entry("<>", COMPARISON),
          Map.entry("!=", COMPARISON),
          Map.entry("<", COMPARISON),
          Map.entry(">", COMPARISON),
          Map.entry("<=", COMPARISON),
          Map.entry(">=", COMPARISON),
          Map.entry("+", SUM),
          Map.entry("-", SUM),
          Map.entry("*", PRODUCT),
          Map.entry("/", PRODUCT),
          Map.entry("%", PRODUCT),
          Map.entry("^", POWER));

  private Grouping() {}

  /** Whether this node has the operands that PostgreSQL gives it. */
  static boolean isPostgres(Object node) {
    Shape shape = shape(node);
    return shape == null || shape.holds();
  }

  /** An operator with operands that no brackets guard; null for whatever is closed in itself. */
  private static @Nullable Shape shape(Object node) {
    if (node instanceof LikeExpression like) {
      return new Shape(
          IN,
          like.getLeftExpression(),
          like.getEscape() == null ? like.getRightExpression() : like.getEscape());
    }
    if (node instanceof BinaryExpression binary) {
      return new Shape(precedence(binary), binary.getLeftExpression(), binary.getRightExpression());
    }
    if (node instanceof NotExpression not) {
      return new Shape(NOT, null, not.getExpression());
    }
    if (node instanceof SignedExpression signed) {
      return new Shape(signed.getSign() == '~' ? OTHER : SIGN, null, signed.getExpression());
    }
    if (node instanceof InExpression in) {
      return new Shape(IN, in.getLeftExpression(), in.getRightExpression());
    }
    if (node instanceof Between between) {
      return new Shape(
          IN,
          between.getLeftExpression(),
          List.of(between.getBetweenExpressionStart()),
          between.getBetweenExpressionEnd());
    }
    return postfix(node);
  }

  private static @Nullable Shape postfix(Object node) {
    if (node instanceof IsNullExpression is) {
      return new Shape(IS, is.getLeftExpression(), null);
    }
    if (node instanceof IsBooleanExpression is) {
      return new Shape(IS, is.getLeftExpression(), null);
    }
    if (node instanceof IsUnknownExpression is) {
      return new Shape(IS, is.getLeftExpression(), null);
    }
    if (node instanceof CastExpression cast
        && !cast.isImplicitCast()
        && isNullOrEmpty(cast.keyword)) {
      return new Shape(CAST, cast.getLeftExpression(), null);
    }
    if (node instanceof CollateExpression collate) {
      return new Shape(COLLATE, collate.getLeftExpression(), null);
    }
    if (node instanceof ArrayExpression array) {
      return new Shape(SUBSCRIPT, array.getObjExpression(), null);
    }
    if (node instanceof TimezoneExpression zone) {
      return Shape.chain(TIME_ZONE, zone.getLeftExpression(), zone.getTimezoneExpressions());
    }
    if (node instanceof JsonExpression json) {
      return Shape.chain(OTHER, json.getExpression(), operands(json));
    }
    return null;
  }

  private static List<Expression> operands(JsonExpression json) {
    return json.getIdentList().stream().map(Map.Entry::getKey).toList();
  }

  /** How strongly an operator binds. */
  static int precedence(Expression operator) {
    Shape shape = shape(operator);
    return shape == null ? CLOSED : shape.precedence();
  }

  private static int precedence(BinaryExpression binary) {
    Integer known = BY_NAME.get(binary.getStringExpression().strip());
    return known == null ? OTHER : known;
  }

  /**
   * @param left null if the operator stands before its operand
   * @param inner operands with a part of the operator on either side
   * @param right null if the operator stands behind its operand
   */
  private record Shape(
      int precedence,
      @Nullable Expression left,
      List<Expression> inner,
      @Nullable Expression right) {

    Shape(int precedence, @Nullable Expression left, @Nullable Expression right) {
      this(precedence, left, List.of(), right);
    }

    /** The same operator several times over. */
    static Shape chain(int precedence, Expression left, List<Expression> others) {
      int last = others.size() - 1;
      return new Shape(precedence, left, others.subList(0, last), others.get(last));
    }

    boolean holds() {
      int fromLeft = left == null ? CLOSED : weakestAtRightEdge(left);
      int fromRight = right == null ? CLOSED : weakestAtLeftEdge(right);
      return (fromLeft > precedence || (fromLeft == precedence && isLeftAssociative()))
          && fromRight > precedence
          && inner.stream().allMatch(this::reachesBothWays);
    }

    private boolean reachesBothWays(Expression operand) {
      return weakestAtLeftEdge(operand) > precedence && weakestAtRightEdge(operand) > precedence;
    }

    private boolean isLeftAssociative() {
      return precedence != IS && precedence != COMPARISON && precedence != IN;
    }

    private static int weakestAtRightEdge(Expression operand) {
      Shape shape = shape(operand);
      return shape == null || shape.right == null
          ? CLOSED
          : Math.min(shape.precedence, weakestAtRightEdge(shape.right));
    }

    private static int weakestAtLeftEdge(Expression operand) {
      Shape shape = shape(operand);
      return shape == null || shape.left == null
          ? CLOSED
          : Math.min(shape.precedence, weakestAtLeftEdge(shape.left));
    }
  }
}
