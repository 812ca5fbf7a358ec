package dev.shardwright.router.internal.sql.functions;

import dev.shardwright.router.internal.sql.scan.Names;
import java.util.Optional;
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

  /** The name of an output column; empty where it is not known. */
  public static Optional<String> of(SelectItem<?> item) {
    return item.getAlias() != null
        ? Optional.of(Names.fold(item.getAlias().getName()))
        : ExpressionNames.of(item.getExpression());
  }

  /** The name by which a query calls a table; without a name it is empty. */
  public static String of(FromItem item) {
    if (item.getAlias() != null) {
      return Names.fold(item.getAlias().getName());
    }
    return item instanceof Table table ? Names.fold(table.getName()) : "";
  }

  public static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
