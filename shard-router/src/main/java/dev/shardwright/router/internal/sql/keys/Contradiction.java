package dev.shardwright.router.internal.sql.keys;

import com.google.common.base.CharMatcher;
import dev.shardwright.router.internal.sql.tree.Expressions;
import java.math.BigInteger;
import java.util.Optional;
import net.sf.jsqlparser.expression.BooleanValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;

/** Conditions that no row meets, whatever is in it: {@code false}, {@code 1 = 0}. */
final class Contradiction {
  private static final CharMatcher DIGITS = CharMatcher.inRange('0', '9');

  private Contradiction() {}

  /**
   * Whether a condition is one for certain.
   *
   * @param condition without brackets around it
   */
  static boolean is(Expression condition) {
    if (condition instanceof BooleanValue value) {
      return !value.getValue();
    }
    return condition instanceof EqualsTo equals
        && areDifferent(number(equals.getLeftExpression()), number(equals.getRightExpression()));
  }

  private static boolean areDifferent(Optional<BigInteger> left, Optional<BigInteger> right) {
    return left.isPresent() && right.isPresent() && !left.equals(right);
  }

  private static Optional<BigInteger> number(Expression operand) {
    return Expressions.bare(operand) instanceof LongValue number
            && DIGITS.matchesAllOf(number.getStringValue())
        ? Optional.of(new BigInteger(number.getStringValue()))
        : Optional.empty();
  }
}
