package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tree.Expressions;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.ParenthesedStatement;
import net.sf.jsqlparser.statement.delete.ParenthesedDelete;
import net.sf.jsqlparser.statement.insert.ParenthesedInsert;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.WithItem;
import net.sf.jsqlparser.statement.update.ParenthesedUpdate;
import org.jspecify.annotations.Nullable;

/** Reads one WITH. */
final class WithReader {
  private final QueryReader queries;
  private final @Nullable QueryBlock outer;
  private final @Nullable QueryBlock parent;
  private final List<Cte.Query> defined = new ArrayList<>();

  WithReader(QueryReader queries, @Nullable QueryBlock outer, @Nullable QueryBlock parent) {
    this.queries = queries;
    this.outer = outer;
    this.parent = parent;
  }

  /** The CTEs that can be named where the WITH stands. */
  Ctes read(@Nullable List<WithItem<?>> items, Ctes around) {
    if (items == null || items.isEmpty()) {
      return around;
    }
    boolean recursive = items.stream().anyMatch(WithItem::isRecursive);
    Ctes seen = around;
    if (recursive) {
      for (WithItem<?> item : items) {
        seen = seen.with(new Cte.Later(name(item)));
      }
    }
    for (WithItem<?> item : items) {
      seen = seen.with(cte(item, seen, recursive));
    }
    return seen;
  }

  /** Reads those that nothing has named: they count too. */
  void readTheRest() {
    for (Cte.Query cte : defined) {
      if (!cte.named) {
        queries.from().rows(cte, parent);
      }
    }
  }

  private Cte cte(WithItem<?> item, Ctes seen, boolean recursive) {
    if (item.getWithFunctionDeclaration() != null
        || item.getSearchClause() != null
        || item.getCycleClause() != null) {
      throw Expressions.notUnderstood(item);
    }
    ParenthesedStatement body = item.getParenthesedStatement();
    if (body instanceof ParenthesedSelect select) {
      Cte.Query cte = new Cte.Query(name(item), select, columns(item), seen, outer, recursive);
      defined.add(cte);
      return cte;
    }
    WriteReader writes = new WriteReader(queries);
    Output returned;
    if (body instanceof ParenthesedInsert insert) {
      returned = writes.insert(insert.getInsert(), seen, parent);
    } else if (body instanceof ParenthesedUpdate update) {
      returned = writes.update(update.getUpdate(), seen, parent);
    } else if (body instanceof ParenthesedDelete delete) {
      returned = writes.delete(delete.getDelete(), seen, parent);
    } else {
      throw Expressions.notUnderstood(item);
    }
    return new Cte.Change(name(item), returned.whole().renamed(columns(item)));
  }

  private static String name(WithItem<?> item) {
    return Names.fold(item.getAlias().getName());
  }

  private static List<String> columns(WithItem<?> item) {
    List<String> columns = new ArrayList<>();
    if (item.getWithItemList() != null) {
      for (SelectItem<?> column : item.getWithItemList()) {
        Expression name = column.getExpression();
        if (!(name instanceof Column plain)) {
          throw Expressions.notUnderstood(item);
        }
        columns.add(Names.fold(plain.getColumnName()));
      }
    }
    return columns;
  }
}
