package dev.shardwright.router.internal.sql.destination;

import java.util.List;

/** A comparison of a column with values that are known when the statement runs. */
public sealed interface KeyTest {
  /** {@code column = operand}. */
  record Is(Operand operand) implements KeyTest {}

  /** {@code column in (operands)}. */
  record In(List<Operand> operands) implements KeyTest {}

  /** {@code column = any (array)}. */
  record AnyOf(Operand array) implements KeyTest {}

  /** {@code column < operand} and the like. */
  record Bound(Side side, Operand operand) implements KeyTest {}

  /** Which values a bound leaves. */
  enum Side {
    LESS,
    AT_MOST,
    GREATER,
    AT_LEAST;

    /** The same comparison, read from the other end. */
    public Side turned() {
      return switch (this) {
        case LESS -> GREATER;
        case AT_MOST -> AT_LEAST;
        case GREATER -> LESS;
        case AT_LEAST -> AT_MOST;
      };
    }
  }
}
