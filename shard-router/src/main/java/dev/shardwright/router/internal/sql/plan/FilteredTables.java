package dev.shardwright.router.internal.sql.plan;

import dev.shardwright.router.internal.sql.answer.TokenFilter;
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
 * up, or else into a table of its own. WHERE is preferred as PostgreSQL knows the table's primary
 * key only while it is named itself. An alias that gives names to columns leaves only the table of
 * its own: within it the columns have the names that the condition says.
 */
final class FilteredTables {
  private FilteredTables() {}

  static void filter(TreeCopy copy, List<TableUse> uses, TokenFilter filter) {
    uses.stream()
        .filter(use -> use.kind() == TableUse.Kind.SHARDED)
        .forEach(
            use ->
                filter
                    .condition(use.table(), name(use.node()) + ".")
                    .ifPresent(condition -> filter(copy, use, condition)));
  }

  private static void filter(TreeCopy copy, TableUse use, String condition) {
    Optional<Join> filledUp = filledUp(use);
    boolean renamed = hasNamesForColumns(use.node());
    if (!renamed && !use.nullable()) {
      PlainSelect block = copy.of(use.block());
      block.setWhere(and(block.getWhere(), condition));
    } else if (!renamed && filledUp.isPresent()) {
      Join join = copy.of(filledUp.get());
      join.setOnExpressions(List.of(and(join.getOnExpressions().iterator().next(), condition)));
    } else {
      Table table = use.node();
      String named =
          table.getAlias() == null ? " AS " + table.getName() : table.getAlias().toString();
      copy.replace(
          table,
          "(SELECT * FROM %s AS %s WHERE %s)%s"
              .formatted(table.getFullyQualifiedName(), name(table), condition, named));
    }
  }

  private static boolean hasNamesForColumns(Table table) {
    Alias alias = table.getAlias();
    return alias != null && alias.getAliasColumns() != null && !alias.getAliasColumns().isEmpty();
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

  private static String name(Table table) {
    return table.getAlias() == null ? table.getName() : table.getAlias().getName();
  }
}
