package dev.shardwright.router.internal.sql.functions;

import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tree.Expressions;
import dev.shardwright.router.internal.sql.tree.Nodes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.GroupByElement;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SetOperationList;

/**
 * Whether a statement in which nothing says which shard is meant may go to whichever is at hand: it
 * has no effect there, and reads nothing of which each shard has a part.
 */
public final class AnyShardCheck {
  /**
   * Functions without effect, besides those that give the same on every shard: what any shard
   * gives, one PostgreSQL could give.
   */
  private static final ImmutableSet<String> WITHOUT_EFFECT =
      ImmutableSet.of(
          "clock_timestamp",
          "current_catalog",
          "current_database",
          "current_role",
          "current_schema",
          "current_schemas",
          "current_setting",
          "current_user",
          "format_type",
          "gen_random_uuid",
          "pg_client_encoding",
          "pg_encoding_to_char",
          "pg_is_in_recovery",
          "pg_sleep",
          "pg_sleep_for",
          "pg_sleep_until",
          "pg_typeof",
          "random",
          "random_normal",
          "session_user",
          "timeofday",
          "user",
          "uuidv4",
          "uuidv7",
          "version");

  private static final ImmutableSet<String> GROUPING_SETS = ImmutableSet.of("rollup", "cube");

  private AnyShardCheck() {}

  /** What there is against it; empty if there is nothing. */
  public static Optional<String> objection(Statement statement) {
    for (Select select : Nodes.all(statement, Select.class)) {
      if (select.getForMode() != null) {
        return Optional.of("FOR %s would lock rows on one only".formatted(select.getForMode()));
      }
    }
    return Stream.concat(
            Nodes.all(statement, Function.class).stream().map(Functions::name),
            Nodes.all(statement, AnalyticExpression.class).stream().map(Functions::name))
        .filter(name -> !isWithoutEffect(name))
        .findFirst()
        .map("the function %s() is not known to do and to give the same on each"::formatted);
  }

  /**
   * Whether a query gives nothing, whatever it calls, where no row of a sharded table can be meant,
   * as where its key is NULL. An aggregate gives a row even then.
   *
   * @param uses where it names registered tables
   */
  public static boolean needsRows(Statement query, List<TableUse> uses) {
    return query instanceof Select select && needsRows(select, uses);
  }

  private static boolean needsRows(Select select, List<TableUse> uses) {
    if (select instanceof ParenthesedSelect inner) {
      return needsRows(inner.getSelect(), uses);
    }
    if (select instanceof SetOperationList list) {
      return list.getSelects().stream().allMatch(arm -> needsRows(arm, uses));
    }
    return select instanceof PlainSelect plain
        && plain.getHaving() == null
        && (plain.getGroupBy() == null ? !isAggregate(plain) : isPlain(plain.getGroupBy()))
        && (namesSharded(plain, uses) || joinsWhatNeedsRows(plain, uses));
  }

  /** Without rows there are no groups then. */
  private static boolean isPlain(GroupByElement groups) {
    return groups.getGroupingSets().isEmpty()
        && !groups.getGroupByExpressionList().isEmpty()
        && Nodes.all(groups, Function.class).stream()
            .map(Functions::name)
            .noneMatch(GROUPING_SETS::contains);
  }

  /** An aggregate in a subquery of these clauses may be one of the block. */
  private static boolean isAggregate(PlainSelect select) {
    return Stream.of(select.getSelectItems(), Expressions.order(select.getOrderByElements()))
        .flatMap(clause -> Nodes.all(clause, Expression.class).stream())
        .anyMatch(Functions::isAggregate);
  }

  private static boolean namesSharded(PlainSelect select, List<TableUse> uses) {
    return uses.stream()
        .filter(use -> use.kind() == TableUse.Kind.SHARDED && !use.nullable())
        .anyMatch(use -> use.block().equals(select));
  }

  private static boolean joinsWhatNeedsRows(PlainSelect select, List<TableUse> uses) {
    List<Join> joins = select.getJoins() == null ? List.of() : select.getJoins();
    return joins.stream().noneMatch(Join::isOuter)
        && joins.stream().noneMatch(join -> join.isLeft() || join.isRight() || join.isFull())
        && Stream.concat(
                Stream.ofNullable(select.getFromItem()), joins.stream().map(Join::getFromItem))
            .anyMatch(item -> item instanceof Select inner && needsRows(inner, uses));
  }

  private static boolean isWithoutEffect(String name) {
    // What stands in FROM is a node without a name that holds the call.
    return name.isEmpty()
        || Functions.isHarmless(name)
        || Moments.isMoment(name)
        || WITHOUT_EFFECT.contains(name);
  }
}
