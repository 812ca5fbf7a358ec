package dev.shardwright.router.internal.sql.functions;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Multimaps;
import dev.shardwright.router.internal.sql.scan.DottedName;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.FromItems;
import dev.shardwright.router.internal.sql.tree.Nodes;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.RowGetExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.WithItem;
import org.jspecify.annotations.Nullable;

/**
 * Finds the names after a dot that need not be those of columns. What a query's own subqueries give
 * is known from its text; which columns tables have is for the shards to say.
 */
public final class DottedNames {
  private final SearchPath path;
  private final ImmutableListMultimap<String, FromItem> items;
  private final ImmutableListMultimap<String, WithItem<?>> queries;

  private DottedNames(Statement tree, SearchPath path) {
    this.path = path;
    this.items = Multimaps.index(FromItems.below(tree), OutputNames::of);
    ImmutableListMultimap.Builder<String, WithItem<?>> named = ImmutableListMultimap.builder();
    for (WithItem<?> item : Nodes.all(tree, WithItem.class)) {
      named.put(Names.fold(item.getAlias().getName()), item);
    }
    this.queries = named.build();
  }

  /** All that a statement has, whichever of its parts they stand in. */
  public static ImmutableSet<DottedName> of(Statement tree, SearchPath path) {
    DottedNames names = new DottedNames(tree, path);
    Stream<DottedName> ofItems =
        Nodes.all(tree, Column.class).stream()
            .filter(column -> column.getTable() != null)
            .flatMap(names::openAt);
    Stream<DottedName> ofValues =
        Nodes.all(tree, RowGetExpression.class).stream()
            .map(get -> new DottedName(Names.fold(get.getColumnName()), ImmutableSet.of()));
    return Stream.concat(ofItems, ofValues).collect(toImmutableSet());
  }

  /** What a name may be, for each item that may be meant before the dot. */
  private Stream<DottedName> openAt(Column column) {
    String name = Names.fold(column.getColumnName());
    List<FromItem> meant = items.get(Names.fold(column.getTable().getName()));
    if (meant.isEmpty()) {
      // The table that a statement changes, which has no item.
      return Stream.of(new DottedName(name, columns(column.getTable(), name)));
    }
    return meant.stream().flatMap(item -> open(item, name).stream());
  }

  private Optional<DottedName> open(FromItem item, String name) {
    Set<String> columns = new HashSet<>();
    return gives(item, name, columns, new HashSet<>())
        ? Optional.empty()
        : Optional.of(new DottedName(name, ImmutableSet.copyOf(columns)));
  }

  /**
   * Whether an item is certain to have a column of that name.
   *
   * @param columns takes those of tables that it may have
   * @param seen the queries of WITH that are looked at already
   */
  private boolean gives(FromItem item, String name, Set<String> columns, Set<WithItem<?>> seen) {
    if (isNamed(item.getAlias(), name)) {
      return true;
    }
    if (item instanceof Table table) {
      List<WithItem<?>> with =
          table.getSchemaName() == null ? queries.get(Names.fold(table.getName())) : List.of();
      if (with.isEmpty()) {
        columns.addAll(columns(table, name));
      }
      return !with.isEmpty() && with.stream().allMatch(one -> gives(one, name, columns, seen));
    }
    if (item instanceof ParenthesedFromItem inner) {
      return gives(inner.getFromItem(), inner.getJoins(), name, columns, seen);
    }
    if (item instanceof Select select) {
      return gives(select, name, columns, seen);
    }
    return OutputNames.of(item).equals(name); // the only column of a function of one value
  }

  private boolean gives(WithItem<?> item, String name, Set<String> columns, Set<WithItem<?>> seen) {
    if (item.getWithItemList() != null) {
      return Nodes.all(item.getWithItemList(), Column.class).stream()
          .anyMatch(column -> Names.fold(column.getColumnName()).equals(name));
    }
    return seen.add(item)
        && item.getParenthesedStatement() instanceof Select select
        && gives(select, name, columns, seen);
  }

  private boolean gives(Select select, String name, Set<String> columns, Set<WithItem<?>> seen) {
    if (select instanceof ParenthesedSelect inner) {
      return gives(inner.getSelect(), name, columns, seen);
    }
    if (select instanceof SetOperationList list) {
      return gives(list.getSelect(0), name, columns, seen);
    }
    if (!(select instanceof PlainSelect plain)) {
      return false;
    }
    boolean gives = false;
    for (SelectItem<?> item : plain.getSelectItems()) {
      gives |=
          item.getExpression() instanceof AllColumns
              ? plain.getFromItem() != null
                  && gives(plain.getFromItem(), plain.getJoins(), name, columns, seen)
              : OutputNames.of(item).filter(name::equals).isPresent();
    }
    return gives;
  }

  private boolean gives(
      FromItem first,
      @Nullable List<Join> joins,
      String name,
      Set<String> columns,
      Set<WithItem<?>> seen) {
    boolean gives = gives(first, name, columns, seen);
    for (Join join : joins == null ? List.<Join>of() : joins) {
      gives |= gives(join.getFromItem(), name, columns, seen);
    }
    return gives;
  }

  private static boolean isNamed(@Nullable Alias alias, String name) {
    return alias != null
        && alias.getAliasColumns() != null
        && alias.getAliasColumns().stream()
            .anyMatch(column -> Names.fold(column.name).equals(name));
  }

  private ImmutableSet<String> columns(Table table, String name) {
    String unqualified = Names.fold(table.getName()) + "." + name;
    return table.getSchemaName() != null
        ? ImmutableSet.of(Names.fold(table.getSchemaName()) + "." + unqualified)
        : path.schemas().stream()
            .map(schema -> schema + "." + unqualified)
            .collect(toImmutableSet());
  }
}
