package dev.shardwright.router.internal.sql.functions;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.scan.Names;
import java.util.Optional;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.CaseExpression;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.CollateExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.ExtractExpression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.RowGetExpression;
import net.sf.jsqlparser.expression.TimeKeyExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.SelectItem;

/** The names that PostgreSQL gives to columns. */
public final class OutputNames {
  private OutputNames() {}

  /** Whether it is a single word without quotes, which may be a keyword of PostgreSQL. */
  static boolean isBareWord(Column column) {
    return column.getTable() == null
        && column.getArrayConstructor() == null
        && !column.getColumnName().startsWith("\"");
  }

  /** Whether it is a single name, which may be that of an output column. */
  public static boolean isBare(Column column) {
    return column.getTable() == null && column.getArrayConstructor() == null;
  }

  /**
   * The name of an output column; empty where it is not that of the item's alias, column or
   * function.
   */
  public static Optional<String> of(SelectItem<?> item) {
    return item.getAlias() != null
        ? Optional.of(Names.fold(item.getAlias().getName()))
        : of(item.getExpression());
  }

  /** The name by which a query calls a table; without a name it is empty. */
  public static String of(FromItem item) {
    if (item.getAlias() != null) {
      return Names.fold(item.getAlias().getName());
    }
    return item instanceof Table table ? Names.fold(table.getName()) : "";
  }

  private static Optional<String> of(Expression expression) {
    if (expression instanceof Column column) {
      return Optional.of(Names.fold(column.getColumnName()));
    }
    if (expression instanceof Function call) {
      return Optional.of(last(Functions.name(call)));
    }
    if (expression instanceof AnalyticExpression call) {
      return Optional.of(last(Functions.name(call)));
    }
    if (expression instanceof TimeKeyExpression key) {
      return Optional.of(Ascii.toLowerCase(key.getStringValue()).replace("()", ""));
    }
    if (expression instanceof ExtractExpression) {
      return Optional.of("extract");
    }
    if (expression instanceof RowGetExpression field) {
      return Optional.of(Names.fold(field.getColumnName()));
    }
    if (expression instanceof CollateExpression collated) {
      return of(collated.getLeftExpression());
    }
    if (expression instanceof ParenthesedExpressionList<?> list && list.size() == 1) {
      return of(list.get(0));
    }
    if (expression instanceof CastExpression cast) {
      return of(cast.getLeftExpression());
    }
    if (expression instanceof CaseExpression choice) {
      return Optional.of(
          Optional.ofNullable(choice.getElseExpression()).flatMap(OutputNames::of).orElse("case"));
    }
    return Optional.empty();
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  public static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
