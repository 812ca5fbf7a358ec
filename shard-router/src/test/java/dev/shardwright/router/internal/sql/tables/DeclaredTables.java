package dev.shardwright.router.internal.sql.tables;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.WithItem;

/**
 * A locality for tests of the planner alone: sharded tables by their keys, and reference tables.
 * Sees less than the real one, and says "no" to the rest.
 */
public final class DeclaredTables implements Locality {
  private final Map<String, String> keys;
  private final List<TableUse> uses = new ArrayList<>();
  private final Set<String> queries;

  public DeclaredTables(
      ParsedStatement statement, Map<String, String> keys, Set<String> references) {
    this.keys = keys;
    this.queries =
        Set.copyOf(
            Nodes.all(statement.tree(), WithItem.class).stream()
                .map(item -> Names.fold(item.getAlias().getName()))
                .toList());
    for (PlainSelect block : Nodes.all(statement.tree(), PlainSelect.class)) {
      add(block.getFromItem(), block, nullableAtAll(block, 0), references);
      List<Join> joins = Objects.requireNonNullElse(block.getJoins(), List.of());
      for (int i = 0; i < joins.size(); i++) {
        Join join = joins.get(i);
        boolean nullable = join.isLeft() || join.isFull() || nullableAtAll(block, i + 1);
        add(join.getFromItem(), block, nullable, references);
      }
    }
  }

  private static boolean nullableAtAll(PlainSelect block, int from) {
    List<Join> joins = Objects.requireNonNullElse(block.getJoins(), List.of());
    return joins.subList(from, joins.size()).stream()
        .anyMatch(join -> join.isRight() || join.isFull());
  }

  private void add(FromItem item, PlainSelect block, boolean nullable, Set<String> references) {
    if (item instanceof Table table && !isQuery(table)) {
      String name = Names.fold(table.getName());
      String schema = Optional.ofNullable(table.getSchemaName()).map(Names::fold).orElse("public");
      TableUse.Kind kind =
          keys.containsKey(name)
              ? TableUse.Kind.SHARDED
              : references.contains(name) ? TableUse.Kind.REFERENCE : TableUse.Kind.SINGLE;
      uses.add(
          new TableUse(table, new TableName(schema, name), kind, block, nullable, keys.get(name)));
    }
  }

  private boolean isQuery(Table table) {
    return table.getSchemaName() == null && queries.contains(table.getName());
  }

  @Override
  public List<TableUse> uses() {
    return uses;
  }

  @Override
  public boolean isLocal(PlainSelect block) {
    List<PlainSelect> nested = Nodes.all(block, PlainSelect.class);
    List<TableUse> sharded =
        uses.stream()
            .filter(use -> use.kind() == TableUse.Kind.SHARDED)
            .filter(use -> nested.contains(use.block()))
            .toList();
    if (sharded.isEmpty() || sharded.stream().anyMatch(use -> use.block() != block)) {
      return false;
    }
    if (sharded.stream().anyMatch(use -> use.nullable() && sharded.size() == 1)) {
      return false;
    }
    if (Nodes.all(block, Table.class).stream().anyMatch(this::isQuery)) {
      return false;
    }
    long links =
        Nodes.all(block, EqualsTo.class).stream()
                .filter(
                    equal ->
                        isKeyName(equal.getLeftExpression())
                            && isKeyName(equal.getRightExpression()))
                .count()
            + Optional.ofNullable(block.getJoins()).orElse(List.of()).stream()
                .filter(join -> join.getUsingColumns().stream().anyMatch(this::isKeyName))
                .count();
    return links >= sharded.size() - 1;
  }

  private boolean isKeyName(Expression expression) {
    return expression instanceof Column column
        && keys.containsValue(Ascii.toLowerCase(column.getColumnName()));
  }

  @Override
  public boolean isKey(PlainSelect block, Expression expression) {
    return isKeyName(expression)
        && uses.stream()
            .anyMatch(
                use ->
                    use.block() == block && use.kind() == TableUse.Kind.SHARDED && !use.nullable());
  }
}
