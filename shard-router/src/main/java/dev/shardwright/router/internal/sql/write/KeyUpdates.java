package dev.shardwright.router.internal.sql.write;

import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tables.Registered;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.insert.InsertConflictTarget;
import net.sf.jsqlparser.statement.insert.ParenthesedInsert;
import net.sf.jsqlparser.statement.merge.Merge;
import net.sf.jsqlparser.statement.merge.MergeUpdate;
import net.sf.jsqlparser.statement.update.ParenthesedUpdate;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what would change the sharding key or the region of a row: the row would have to move to
 * another shard.
 */
public final class KeyUpdates {
  private final Registered table;
  private final Set<String> sameRow;

  /**
   * @param sameRow the names under which the row's own values, or equal ones, are known
   */
  private KeyUpdates(Registered table, Set<String> sameRow) {
    this.table = table;
    this.sameRow = sameRow;
  }

  /**
   * Looks at all SET clauses of a statement.
   *
   * @param registered tells what the target of a write is
   * @throws SqlRefused naming the column
   */
  public static void check(ParsedStatement statement, Function<Table, Registered> registered) {
    for (Object node : Nodes.each(statement.tree())) {
      if (node instanceof ParenthesedUpdate || node instanceof ParenthesedInsert) {
        continue; // what they hold has its turn
      }
      if (node instanceof Update update) {
        check(update.getTable(), update.getUpdateSets(), registered);
      } else if (node instanceof Merge merge) {
        for (Object operation : merge.getOperations()) {
          if (operation instanceof MergeUpdate update) {
            check(merge.getTable(), update.getUpdateSets(), registered);
          }
        }
      } else if (node instanceof Insert insert && insert.getConflictAction() != null) {
        checkConflict(insert, registered.apply(insert.getTable()));
      }
    }
  }

  private static void check(
      Table target, @Nullable List<UpdateSet> sets, Function<Table, Registered> registered) {
    new KeyUpdates(registered.apply(target), Set.of(name(target))).check(sets);
  }

  /**
   * The row that is in the way has the key of the excluded one if the key is part of the target.
   */
  private static void checkConflict(Insert insert, Registered table) {
    InsertConflictTarget target = insert.getConflictTarget();
    boolean sameKey =
        target != null
            && target.getIndexColumnNames() != null
            && target.getIndexColumnNames().stream()
                .anyMatch(column -> Names.fold(column).equals(table.keyColumn()));
    String name = name(insert.getTable());
    new KeyUpdates(table, sameKey ? Set.of(name, "excluded") : Set.of(name))
        .check(insert.getConflictAction().getUpdateSets());
  }

  private static String name(Table target) {
    Alias alias = target.getAlias();
    return Names.fold(alias == null ? target.getName() : alias.getName());
  }

  private void check(@Nullable List<UpdateSet> sets) {
    if (sets == null) {
      return;
    }
    for (UpdateSet set : sets) {
      for (int i = 0; i < set.getColumns().size(); i++) {
        Column column = set.getColumns().get(i);
        String name = Names.fold(first(column));
        boolean same =
            set.getValues().size() == set.getColumns().size()
                && isSame(set.getValues().get(i), name);
        if ((name.equals(table.keyColumn()) || name.equals(table.regionColumn())) && !same) {
          throw new SqlRefused(
              Reason.KEY,
              ("%s places the rows of %s and cannot be updated: insert the row with its new %s and"
                      + " delete the old one")
                  .formatted(name, table.name(), name));
        }
      }
    }
  }

  /** Of {@code pair.left}, a field of a column, the column. */
  private static String first(Column column) {
    return column.getTable() == null ? column.getColumnName() : column.getTable().getName();
  }

  private boolean isSame(Expression value, String name) {
    return value instanceof Column column
        && Names.fold(column.getColumnName()).equals(name)
        && (column.getTable() == null || sameRow.contains(Names.fold(column.getTable().getName())));
  }
}
