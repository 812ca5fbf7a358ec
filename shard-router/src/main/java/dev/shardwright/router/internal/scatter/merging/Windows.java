package dev.shardwright.router.internal.scatter.merging;

import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds which rows of an order are the answer, once the parameters are known. */
public final class Windows {
  private static final String DATATYPE_MISMATCH = "42804";

  private Windows() {}

  /**
   * The rows that a cut leaves.
   *
   * @throws StatementFailed if an amount is negative or no number, as in PostgreSQL
   */
  public static RowWindow of(Cut cut, ParameterValues values) {
    Long limit = amount(cut.limit(), values, "LIMIT", "2201W");
    Long offset = amount(cut.offset(), values, "OFFSET", "2201X");
    return new RowWindow(
        limit == null ? RowWindow.ALL : limit, offset == null ? 0 : offset, cut.withTies());
  }

  private static @Nullable Long amount(
      Optional<Cut.Amount> amount, ParameterValues values, String clause, String sqlState) {
    if (amount.isEmpty()) {
      return null;
    }
    Long rows = rows(amount.get(), values, clause);
    if (rows != null && rows < 0) {
      throw failed(clause + " must not be negative", sqlState);
    }
    return rows;
  }

  private static @Nullable Long rows(Cut.Amount amount, ParameterValues values, String clause) {
    if (amount instanceof Cut.Amount.Literal literal) {
      return literal.rows();
    }
    Cut.Amount.Parameter parameter = (Cut.Amount.Parameter) amount;
    Object value = values.value(parameter.place());
    if (value == null) {
      return null;
    }
    if (!(value instanceof Number)) {
      return withinType(parsed(value.toString(), parameter, clause), parameter, clause);
    }
    try {
      // PostgreSQL casts to bigint: it rounds halves to the even number, those of numeric up.
      boolean binary = value instanceof Double || value instanceof Float;
      RoundingMode rounding = binary ? RoundingMode.HALF_EVEN : RoundingMode.HALF_UP;
      long rows = new BigDecimal(value.toString()).setScale(0, rounding).longValueExact();
      return withinType(rows, parameter, clause);
    } catch (ArithmeticException | NumberFormatException e) {
      throw outOfRange(clause, value);
    }
  }

  private static long withinType(long rows, Cut.Amount.Parameter parameter, String clause) {
    long most = parameter.most().orElse(Long.MAX_VALUE);
    if (rows > most || rows < -most - 1) {
      throw outOfRange(clause, rows);
    }
    return rows;
  }

  private static StatementFailed outOfRange(String clause, Object value) {
    return failed("%s is out of the range of its type: %s".formatted(clause, value), "22003");
  }

  /** A text becomes a number by a cast only, and has to be a whole one. */
  private static long parsed(String text, Cut.Amount.Parameter parameter, String clause) {
    if (parameter.most().isEmpty()) {
      throw failed(
          "%s must be of type bigint, not text: '%s'".formatted(clause, text), DATATYPE_MISMATCH);
    }
    try {
      return new BigInteger(text.strip()).longValueExact();
    } catch (ArithmeticException e) {
      throw outOfRange(clause, text);
    } catch (NumberFormatException e) {
      throw failed("%s must be a number of rows, not '%s'".formatted(clause, text), "22P02");
    }
  }

  private static StatementFailed failed(String message, String sqlState) {
    return new StatementFailed(message, new SQLException(message, sqlState));
  }
}
