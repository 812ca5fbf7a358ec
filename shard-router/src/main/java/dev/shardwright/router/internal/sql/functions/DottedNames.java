package dev.shardwright.router.internal.sql.functions;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import dev.shardwright.router.internal.sql.scan.DottedName;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.Nodes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.RowGetExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.WithItem;
import net.sf.jsqlparser.statement.update.Update;
import org.jspecify.annotations.Nullable;

/**
 * Finds the names after a dot that need not be those of columns. What a query's own subqueries give
 * is known from its text; which columns tables have is for the shards to say.
 */
public final class DottedNames {
  /** What the rows of a table that is changed can be called as well. */
  private static final ImmutableSet<String> OF_CHANGED = ImmutableSet.of("excluded", "old", "new");

  private final SearchPath path;
  private final ImmutableListMultimap<String, WithItem<?>> queries;
  private final Set<DottedName> found = new LinkedHashSet<>();

  /**
   * What can be named before a dot.
   *
   * @param changed the table that the statement changes; null if it changes none
   * @param outer where to look next; null at the outermost
   * @param within the queries of WITH that this stands in, and that cannot name themselves
   */
  private record Scope(
      List<FromItem> items,
      @Nullable Table changed,
      @Nullable Scope outer,
      ImmutableSet<WithItem<?>> within) {
    static final Scope NOTHING = new Scope(List.of(), null, null, ImmutableSet.of());

    Scope inner(List<FromItem> items, @Nullable Table changed) {
      return new Scope(items, changed, this, within);
    }

    Scope within(WithItem<?> item) {
      return new Scope(
          List.of(),
          null,
          this,
          ImmutableSet.<WithItem<?>>builder().addAll(within).add(item).build());
    }

    Optional<FromItem> item(String name) {
      for (FromItem item : items) {
        if (OutputNames.of(item).equals(name)) {
          return Optional.of(item);
        }
      }
      if (changed != null && (OutputNames.of(changed).equals(name) || OF_CHANGED.contains(name))) {
        return Optional.of(changed);
      }
      return outer == null ? Optional.empty() : outer.item(name);
    }
  }

  private DottedNames(Statement tree, SearchPath path) {
    this.path = path;
    ImmutableListMultimap.Builder<String, WithItem<?>> named = ImmutableListMultimap.builder();
    for (WithItem<?> item : Nodes.all(tree, WithItem.class)) {
      named.put(Names.fold(item.getAlias().getName()), item);
    }
    this.queries = named.build();
  }

  /** All that a statement has, whichever of its parts they stand in. */
  public static ImmutableSet<DottedName> of(Statement tree, SearchPath path) {
    DottedNames names = new DottedNames(tree, path);
    names.look(tree, Scope.NOTHING);
    return ImmutableSet.copyOf(names.found);
  }

  private void look(Object node, Scope around) {
    Scope scope = around;
    if (node instanceof PlainSelect select) {
      scope = around.inner(items(select.getFromItem(), select.getJoins()), null);
    } else if (node instanceof Update update) {
      List<FromItem> items = items(update.getFromItem(), update.getJoins());
      scope = around.inner(items, update.getTable());
    } else if (node instanceof Delete delete) {
      List<FromItem> items = items(null, delete.getJoins());
      if (delete.getUsingFromItemList() != null) {
        items.addAll(delete.getUsingFromItemList());
      }
      scope = around.inner(items, delete.getTable());
    } else if (node instanceof Insert insert) {
      scope = around.inner(List.of(), insert.getTable());
    } else if (node instanceof WithItem<?> item && !item.isRecursive()) {
      scope = around.within(item);
    } else if (node instanceof Column column && column.getTable() != null) {
      named(column, around);
    } else if (node instanceof RowGetExpression get) {
      found.add(new DottedName(Names.fold(get.getColumnName()), false, ImmutableSet.of()));
    }
    for (Object child : Nodes.children(node)) {
      look(child, scope);
    }
  }

  /** The items of a FROM, those in brackets that have no name of their own included. */
  private static List<FromItem> items(@Nullable FromItem first, @Nullable List<Join> joins) {
    List<FromItem> items = new ArrayList<>();
    if (first != null) {
      add(first, items);
    }
    for (Join join : joins == null ? List.<Join>of() : joins) {
      add(join.getFromItem(), items);
    }
    return items;
  }

  private static void add(FromItem item, List<FromItem> items) {
    if (item instanceof ParenthesedFromItem inner && inner.getAlias() == null) {
      items.addAll(items(inner.getFromItem(), inner.getJoins()));
    } else {
      items.add(item);
    }
  }

  private void named(Column column, Scope scope) {
    String name = Names.fold(column.getColumnName());
    Optional<FromItem> meant = scope.item(Names.fold(column.getTable().getName()));
    Lookup lookup = new Lookup(name, scope.within());
    if (meant.isEmpty()) {
      lookup.mayBeOf(column.getTable());
    }
    if (meant.isEmpty() || !lookup.isGivenBy(meant.get())) {
      boolean ofRow = meant.filter(item -> !isRow(item)).isEmpty();
      found.add(new DottedName(name, ofRow, ImmutableSet.copyOf(lookup.columns)));
    }
  }

  private static boolean isRow(FromItem item) {
    return item instanceof Table || item instanceof Select || item instanceof ParenthesedFromItem;
  }

  /** Looks for a column in what is named before the dot: whether it is certain to be there. */
  private final class Lookup {
    private final String name;

    /** Those of tables that it may be. */
    private final Set<String> columns = new HashSet<>();

    /** The queries of WITH that are looked at already. */
    private final Set<WithItem<?>> seen;

    Lookup(String name, Set<WithItem<?>> within) {
      this.name = name;
      this.seen = new HashSet<>(within);
    }

    boolean isGivenBy(FromItem item) {
      List<String> renamed = renamed(item.getAlias());
      if (renamed.contains(name)) {
        return true;
      }
      if (item instanceof Table table) {
        return renamed.isEmpty() && isGivenByTable(table);
      }
      if (item instanceof ParenthesedFromItem inner) {
        return renamed.isEmpty() && isGivenByAny(items(inner.getFromItem(), inner.getJoins()));
      }
      if (item instanceof Select select) {
        return isGivenBy(select, renamed.size());
      }
      return OutputNames.of(item).equals(name); // the only column of a function of one value
    }

    private boolean isGivenByTable(Table table) {
      List<WithItem<?>> with =
          table.getSchemaName() == null ? queries.get(Names.fold(table.getName())) : List.of();
      // Within a query of WITH that has its name, it is the table of that name.
      if (with.isEmpty() || with.stream().anyMatch(seen::contains)) {
        mayBeOf(table);
        return false;
      }
      boolean given = true;
      for (WithItem<?> one : with) {
        given &= isGivenBy(one);
      }
      return given;
    }

    private boolean isGivenBy(WithItem<?> item) {
      List<String> renamed =
          Nodes.all(item.getWithItemList(), Column.class).stream()
              .map(column -> Names.fold(column.getColumnName()))
              .toList();
      seen.add(item);
      return renamed.contains(name)
          || (item.getParenthesedStatement() instanceof Select select
              && isGivenBy(select, renamed.size()));
    }

    /**
     * @param renamed how many of its first columns have other names
     */
    private boolean isGivenBy(Select select, int renamed) {
      if (select instanceof ParenthesedSelect inner) {
        return isGivenBy(inner.getSelect(), renamed);
      }
      if (select instanceof SetOperationList list) {
        return isGivenBy(list.getSelect(0), renamed);
      }
      if (!(select instanceof PlainSelect plain)) {
        return false;
      }
      boolean given = false;
      List<FromItem> from = items(plain.getFromItem(), plain.getJoins());
      for (SelectItem<?> item : Iterables.skip(plain.getSelectItems(), renamed)) {
        if (item.getExpression() instanceof AllTableColumns of) {
          String table = Names.fold(of.getTable().getName());
          given |=
              isGivenByAny(from.stream().filter(one -> OutputNames.of(one).equals(table)).toList());
        } else if (item.getExpression() instanceof AllColumns) {
          given |= isGivenByAny(from);
        } else {
          given |= OutputNames.of(item).filter(name::equals).isPresent();
        }
      }
      return given;
    }

    /** Looks at all of them: each may be where it is. */
    private boolean isGivenByAny(List<FromItem> items) {
      boolean given = false;
      for (FromItem item : items) {
        given |= isGivenBy(item);
      }
      return given;
    }

    void mayBeOf(Table table) {
      String unqualified = Names.fold(table.getName()) + "." + name;
      if (table.getSchemaName() == null) {
        path.schemas().forEach(schema -> columns.add(schema + "." + unqualified));
      } else {
        columns.add(Names.fold(table.getSchemaName()) + "." + unqualified);
      }
    }
  }

  private static List<String> renamed(@Nullable Alias alias) {
    return alias == null || alias.getAliasColumns() == null
        ? List.of()
        : alias.getAliasColumns().stream().map(column -> Names.fold(column.name)).toList();
  }
}
