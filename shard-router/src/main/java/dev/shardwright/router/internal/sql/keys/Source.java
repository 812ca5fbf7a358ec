package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An item of FROM, under the name by which its columns are called. */
final class Source {
  private final QueryBlock block;
  private final @Nullable String name;
  private final @Nullable TableName table;
  private final @Nullable Set<String> names;
  private final Map<String, KeyColumn> columns = new HashMap<>();
  private final List<KeyColumn> anchors = new ArrayList<>();
  private boolean nullable;

  /**
   * @param name the alias, or the name of a table without one; null if it cannot be called
   * @param table the table, if it has no alias, so that its columns can be called by the schema too
   * @param names the names of all its columns; null if they are not known
   */
  Source(
      QueryBlock block,
      @Nullable String name,
      @Nullable TableName table,
      @Nullable Set<String> names) {
    this.block = block;
    this.name = name;
    this.table = table;
    this.names = names;
  }

  QueryBlock block() {
    return block;
  }

  /** Whether {@code schema.name.column} or {@code name.column} is a column of this. */
  boolean isCalled(@Nullable String schema, String called) {
    return schema == null
        ? called.equals(name)
        : table != null && table.equals(new TableName(schema, called));
  }

  void put(String column, KeyColumn key) {
    columns.put(column, key);
  }

  /** The key columns by their names. */
  Map<String, KeyColumn> columns() {
    return columns;
  }

  @Nullable KeyColumn column(String column) {
    return columns.get(column);
  }

  /** The names of all its columns; null if they are not known. */
  @Nullable Set<String> names() {
    return names;
  }

  boolean surelyLacks(String column) {
    return names != null && !names.contains(column);
  }

  boolean surelyHas(String column) {
    return columns.containsKey(column) || (names != null && names.contains(column));
  }

  /** Keys by which its rows can be told apart, shown or not. */
  List<KeyColumn> anchors() {
    return anchors;
  }

  /** Whether an outer join may put NULLs in the place of its rows. */
  boolean nullable() {
    return nullable;
  }

  void setNullable() {
    nullable = true;
  }
}
