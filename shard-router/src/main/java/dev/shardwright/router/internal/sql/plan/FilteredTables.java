package dev.shardwright.router.internal.sql.plan;

import dev.shardwright.router.internal.sql.answer.TokenFilter;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.PlainSelect;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link TokenFilter} on every place where a part names a sharded table, so that each place
 * sees only the rows that meet it.
 *
 * <p>A condition in WHERE does that, but not where an outer join would make a row of NULLs of what
 * it hides: there it belongs to the join's own condition, if the table is the side that is filled
 * up, or else to a join of the table with a row without columns. In all of these the table is named
 * itself: a subquery in its place would have no schema, no primary key, and rows of no named type.
 * An alias that gives names to columns leaves only the subquery: within it the columns have the
 * names that the condition says.
 */
final class FilteredTables {
  private FilteredTables() {}

  static void filter(TreeCopy copy, List<TableUse> uses, TokenFilter filter) {
    List<TableUse> sharded =
        uses.stream().filter(use -> use.kind() == TableUse.Kind.SHARDED).toList();
    for (int i = 0; i < sharded.size(); i++) {
      TableUse use = sharded.get(i);
      String single = "shardwright_single_" + (i + 1);
      filter
          .condition(use.table(), row(use))
          .ifPresent(condition -> filter(copy, use, condition, single));
    }
  }

  private static void filter(TreeCopy copy, TableUse use, String condition, String single) {
    Table table = use.node();
    Optional<Join> filledUp = filledUp(use);
    if (use.hasColumnAliases()) {
      copy.replace(
          table,
          "(SELECT * FROM %s AS %s WHERE %s)%s"
              .formatted(
                  table.getFullyQualifiedName(),
                  table.getAlias().getName(),
                  condition,
                  table.getAlias()));
    } else if (!use.nullable()) {
      PlainSelect block = copy.of(use.block());
      block.setWhere(and(block.getWhere(), condition));
    } else if (filledUp.isPresent()) {
      Join join = copy.of(filledUp.get());
      join.setOnExpressions(List.of(and(join.getOnExpressions().iterator().next(), condition)));
    } else {
      copy.replace(table, "(%s JOIN (SELECT) AS %s ON %s)".formatted(table, single, condition));
    }
  }

  /** The LEFT JOIN that has the table on its right. */
  private static Optional<Join> filledUp(TableUse use) {
    List<Join> joins = use.block().getJoins();
    return joins == null
        ? Optional.empty()
        : joins.stream()
            .filter(join -> join.getFromItem() == use.node())
            .filter(join -> join.isLeft() && join.getOnExpressions().size() == 1)
            .findFirst();
  }

  private static TreeCopy.Verbatim and(@Nullable Object written, String condition) {
    return new TreeCopy.Verbatim(
        written == null ? "(" + condition + ")" : "(" + written + ") AND (" + condition + ")");
  }

  /** What a column's name stands after; another table may have the same name without its schema. */
  private static String row(TableUse use) {
    Alias alias = use.node().getAlias();
    return alias == null
        ? OutputNames.quoted(use.table().schema())
            + "."
            + OutputNames.quoted(use.table().name())
            + "."
        : alias.getName() + ".";
  }
}
