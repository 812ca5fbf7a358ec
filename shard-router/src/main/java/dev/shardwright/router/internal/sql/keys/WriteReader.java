package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Operand;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tree.Expressions;
import dev.shardwright.router.internal.sql.tree.Unsupported;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.ReturningClause;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.insert.InsertConflictAction;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.Values;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import org.jspecify.annotations.Nullable;

/** Reads writes: the table that is changed, and the queries within. */
final class WriteReader {
  private final QueryReader queries;

  WriteReader(QueryReader queries) {
    this.queries = queries;
  }

  /** Reads an INSERT and says what it returns. */
  Output insert(Insert insert, Ctes ctes, @Nullable QueryBlock parent) {
    Unsupported.refuse(
        insert,
        insert.getOutputClause() != null
            || insert.getOracleHint() != null
            || Unsupported.any(insert.getPartitions())
            || Unsupported.any(insert.getDuplicateUpdateSets())
            || Unsupported.any(insert.getSetUpdateSets())
            || insert.isModifierIgnore()
            || insert.getModifierPriority() != null
            || insert.isOverwrite()
            || insert.isOracleMultiInsert()
            || insert.getRowAlias() != null);
    WithReader with = new WithReader(queries, null, parent);
    Ctes all = with.read(insert.getWithItemsList(), ctes);
    QueryBlock block = target(insert.getTable(), all, parent);
    Use use = queries.uses().get(queries.uses().size() - 1);
    queries.inserted().add(use);
    List<String> columns = new ArrayList<>();
    if (insert.getColumns() != null) {
      insert.getColumns().forEach(column -> columns.add(Names.fold(column.getColumnName())));
      insert.getColumns().forEach(column -> queries.expression(column, block));
    }
    place(use.table().keyColumn(), columns, use);
    place(use.table().regionColumn(), columns, use);
    if (insert.getSelect() instanceof Values values && !isCut(values)) {
      rows(values, columns, use, block);
    } else if (insert.getSelect() != null) {
      Output output = queries.query(insert.getSelect(), all, null, block);
      from(output, columns.indexOf(use.table().keyColumn()), use.key());
      from(output, columns.indexOf(use.table().regionColumn()), use.region());
    }
    conflict(insert.getConflictAction(), block);
    Output returned = returned(insert.getReturningClause(), block);
    with.readTheRest();
    return returned;
  }

  private static boolean isCut(Values values) {
    return QueryReader.isCut(values)
        || values.getOrderByElements() != null
        || values.getWithItemsList() != null;
  }

  /** A key that is not given would be made up, or be NULL. */
  private static void place(@Nullable String column, List<String> columns, Use use) {
    if (column != null && !columns.contains(column)) {
      throw new SqlRefused(
          Reason.KEY,
          ("an INSERT into %s must list its columns, %s among them, so that it is known where the"
                  + " rows belong")
              .formatted(use.table().name(), column));
    }
  }

  private void rows(Values values, List<String> columns, Use use, QueryBlock block) {
    List<Condition> all = new ArrayList<>();
    for (List<Expression> row : QueryReader.rows(values)) {
      row.forEach(part -> queries.expression(part, block));
      List<Condition> one = new ArrayList<>();
      addValue(use.key(), columns.indexOf(use.table().keyColumn()), row, use, one);
      addValue(use.region(), columns.indexOf(use.table().regionColumn()), row, use, one);
      all.add(Condition.and(one));
    }
    Condition places = Condition.or(all);
    if (use.key() != null) {
      use.key().learn(places);
    }
    if (use.region() != null) {
      use.region().learn(places);
    }
  }

  private void addValue(
      @Nullable KeyColumn column, int at, List<Expression> row, Use use, List<Condition> to) {
    if (column == null) {
      return;
    }
    if (at >= row.size()) {
      throw Expressions.notUnderstood(row);
    }
    Operand operand =
        Operand.of(row.get(at), queries.statement())
            .filter(Operand::isSingle)
            .orElseThrow(
                () ->
                    new SqlRefused(
                        Reason.KEY,
                        ("a row to be inserted into %s has %s where its key or region belongs: give a"
                                + " constant or a parameter")
                            .formatted(use.table().name(), row.get(at))));
    to.add(new Condition.Of(column, new KeyTest.Is(operand)));
  }

  private static void from(Output output, int at, @Nullable KeyColumn column) {
    Output.Shown shown = at < 0 ? null : output.at(at);
    if (column != null
        && shown != null
        && shown.column() != null
        && shown.column().domain().meets(column.domain())) {
      shown.column().flowTo(column);
    }
  }

  private void conflict(@Nullable InsertConflictAction action, QueryBlock block) {
    if (action == null) {
      return;
    }
    // The row that is in the way: of its columns nothing is known.
    block.sources().add(new Source(block, "excluded", null, null));
    if (action.getUpdateSets() != null) {
      assign(action.getUpdateSets(), block);
    }
    queries.expression(action.getWhereExpression(), block);
  }

  /** Reads an UPDATE and says what it returns. */
  Output update(Update update, Ctes ctes, @Nullable QueryBlock parent) {
    Unsupported.refuse(
        update,
        update.getOutputClause() != null
            || update.getForPortionClause() != null
            || update.getPreferringClause() != null
            || update.getOracleHint() != null
            || update.isFromBeforeSet()
            || update.isTargetTableAlias()
            || Unsupported.any(update.getStartJoins())
            || Unsupported.any(update.getOrderByElements())
            || update.getLimit() != null
            || update.getOption() != null
            || update.getModifierPriority() != null
            || update.isModifierIgnore());
    WithReader with = new WithReader(queries, null, parent);
    Ctes all = with.read(update.getWithItemsList(), ctes);
    QueryBlock block = target(update.getTable(), all, parent);
    Use use = queries.uses().get(queries.uses().size() - 1);
    JoinTree tree = new JoinTree.Leaf(use.source());
    if (update.getFromItem() != null) {
      tree = cross(tree, queries.from().read(update.getFromItem(), update.getJoins(), block));
    } else {
      Unsupported.refuse(update, Unsupported.any(update.getJoins()));
    }
    assign(update.getUpdateSets(), block);
    queries.conditions(tree, update.getWhere(), block);
    Output returned = returned(update.getReturningClause(), block);
    with.readTheRest();
    return returned;
  }

  /** Reads a DELETE and says what it returns. */
  Output delete(Delete delete, Ctes ctes, @Nullable QueryBlock parent) {
    Unsupported.refuse(
        delete,
        delete.getOutputClause() != null
            || delete.getForPortionClause() != null
            || delete.getPreferringClause() != null
            || delete.getOracleHint() != null
            || !delete.isHasFrom()
            || Unsupported.any(delete.getTables())
            || Unsupported.any(delete.getOrderByElements())
            || delete.getLimit() != null
            || delete.getOption() != null
            || delete.getModifierPriority() != null
            || delete.isModifierIgnore()
            || delete.isModifierQuick());
    WithReader with = new WithReader(queries, null, parent);
    Ctes all = with.read(delete.getWithItemsList(), ctes);
    QueryBlock block = target(delete.getTable(), all, parent);
    JoinTree tree = new JoinTree.Leaf(block.sources().get(0));
    List<FromItem> items =
        delete.getUsingFromItemList() == null ? List.of() : delete.getUsingFromItemList();
    List<Join> joins = delete.getJoins() == null ? List.of() : delete.getJoins();
    Unsupported.refuse(delete, !joins.isEmpty() && items.size() != 1);
    for (FromItem item : items) {
      tree = cross(tree, queries.from().read(item, joins, block));
    }
    queries.conditions(tree, delete.getWhere(), block);
    Output returned = returned(delete.getReturningClause(), block);
    with.readTheRest();
    return returned;
  }

  private static JoinTree cross(JoinTree left, JoinTree right) {
    return new JoinTree.Pair(JoinTree.Kind.INNER, left, right, List.of(), List.of());
  }

  private QueryBlock target(Table table, Ctes ctes, @Nullable QueryBlock parent) {
    Unsupported.check(table);
    QueryBlock block = queries.newBlock(null, null, parent, ctes);
    block.setChanging();
    block.sources().add(queries.from().stored(table, block));
    return block;
  }

  private void assign(List<UpdateSet> sets, QueryBlock block) {
    for (UpdateSet set : sets) {
      set.getColumns().forEach(column -> queries.expression(column, block));
      set.getValues().forEach(value -> queries.expression(value, block));
    }
  }

  private Output returned(@Nullable ReturningClause returning, QueryBlock block) {
    if (returning == null) {
      return Output.UNKNOWN;
    }
    Unsupported.refuse(
        returning,
        Unsupported.any(returning.getDataItems()) || Unsupported.any(returning.getOutputAliases()));
    List<Output.Shown> shown = new ArrayList<>();
    boolean open = false;
    for (SelectItem<?> item : returning) {
      queries.expression(item.getExpression(), block);
      open |= item.getExpression() instanceof AllColumns;
      String name =
          item.getAlias() != null
              ? Names.fold(item.getAlias().getName())
              : item.getExpression() instanceof Column column
                  ? Names.fold(column.getColumnName())
                  : null;
      shown.add(new Output.Shown(name, ConditionReader.column(item.getExpression(), block), false));
    }
    return open ? Output.UNKNOWN : new Output(shown, shown.size(), false, List.of());
  }
}
