package dev.shardwright.router.internal.sql.plan;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.LongMath;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.Cut.Amount;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.Optional;
import java.util.OptionalLong;
import net.sf.jsqlparser.expression.AllValue;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.statement.select.Fetch;
import net.sf.jsqlparser.statement.select.Limit;
import net.sf.jsqlparser.statement.select.Offset;
import net.sf.jsqlparser.statement.select.Select;
import org.jspecify.annotations.Nullable;

/** LIMIT, OFFSET and FETCH of a query. */
final class CutClause {
  /** The largest number of each type. */
  private static final ImmutableMap<String, Long> WHOLE_NUMBERS =
      ImmutableMap.<String, Long>builder()
          .put("smallint", (long) Short.MAX_VALUE)
          .put("int2", (long) Short.MAX_VALUE)
          .put("int", (long) Integer.MAX_VALUE)
          .put("integer", (long) Integer.MAX_VALUE)
          .put("int4", (long) Integer.MAX_VALUE)
          .put("bigint", Long.MAX_VALUE)
          .put("int8", Long.MAX_VALUE)
          .buildOrThrow();

  private CutClause() {}

  /** What they say; empty if that is an expression. */
  static Optional<Cut> of(Select select) {
    Optional<Optional<Amount>> limit = amount(limit(select));
    Optional<Optional<Amount>> offset = amount(offset(select));
    return limit.isPresent() && offset.isPresent()
        ? Optional.of(new Cut(limit.get(), offset.get(), withTies(select)))
        : Optional.empty();
  }

  static boolean withTies(Select select) {
    Fetch fetch = select.getFetch();
    return fetch != null
        && fetch.getFetchParameters().stream().anyMatch(word -> word.equals("WITH TIES"));
  }

  private static @Nullable Expression limit(Select select) {
    if (select.getFetch() != null) {
      Expression rows = select.getFetch().getExpression();
      return rows == null ? new LongValue(1) : rows;
    }
    return select.getLimit() == null ? null : select.getLimit().getRowCount();
  }

  private static @Nullable Expression offset(Select select) {
    if (select.getOffset() != null) {
      return select.getOffset().getOffset();
    }
    return select.getLimit() == null ? null : select.getLimit().getOffset();
  }

  /** Empty if it cannot be told; empty inside if there is none. */
  private static Optional<Optional<Amount>> amount(@Nullable Expression written) {
    Expression expression = written == null ? null : Block.bare(written);
    if (expression == null || expression instanceof AllValue || expression instanceof NullValue) {
      return Optional.of(Optional.empty());
    }
    if (expression instanceof LongValue literal) {
      return literal(literal);
    }
    if (expression instanceof CastExpression cast && cast.getColDataType() != null) {
      Long most = WHOLE_NUMBERS.get(Ascii.toLowerCase(cast.getColDataType().getDataType()));
      return most != null && Block.bare(cast.getLeftExpression()) instanceof JdbcParameter place
          ? parameter(place, OptionalLong.of(most))
          : Optional.empty();
    }
    return expression instanceof JdbcParameter place
        ? parameter(place, OptionalLong.empty())
        : Optional.empty();
  }

  private static Optional<Optional<Amount>> parameter(JdbcParameter place, OptionalLong most) {
    return Optional.of(Optional.of(new Amount.Parameter(place.getIndex(), most)));
  }

  private static Optional<Optional<Amount>> literal(LongValue literal) {
    try {
      return Optional.of(Optional.of(new Amount.Literal(literal.getValue())));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Lets a shard's part give the rows that the answer can need: as many as limit and offset. */
  static void push(Cut cut, Select part) {
    boolean fetch = part.getFetch() != null;
    part.setOffset((Offset) null);
    part.setLimit((Limit) null);
    if (cut.limit().isEmpty()) {
      part.setFetch((Fetch) null);
      return;
    }
    TreeCopy.Verbatim rows = new TreeCopy.Verbatim(rows(cut.limit().get(), cut.offset()));
    if (fetch) {
      part.getFetch().setExpression(rows);
    } else {
      part.setLimit(new Limit().withRowCount(rows));
    }
  }

  private static String rows(Amount limit, Optional<Amount> offset) {
    if (limit instanceof Amount.Literal most) {
      if (offset.isEmpty()) {
        return Long.toString(most.rows());
      }
      if (offset.get() instanceof Amount.Literal before) {
        return Long.toString(LongMath.saturatedAdd(most.rows(), before.rows()));
      }
    }
    String sum =
        "coalesce("
            + text(limit)
            + " + coalesce("
            + offset.map(CutClause::text).orElse("0")
            + ", 0)";
    return "(least(" + sum + ", 9223372036854775807), 9223372036854775807)::bigint)";
  }

  /** At least as much as PostgreSQL makes of it, whichever way it rounds. */
  private static String text(Amount amount) {
    return amount instanceof Amount.Parameter parameter
        ? "pg_catalog.ceil("
            + ParsedStatement.place(new Binding.Parameter(parameter.place()))
            + "::numeric)"
        : Long.toString(((Amount.Literal) amount).rows());
  }
}
