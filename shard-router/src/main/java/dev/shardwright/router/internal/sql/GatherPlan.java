package dev.shardwright.router.internal.sql;

import com.google.common.collect.ImmutableSortedSet;
import dev.shardwright.router.internal.sql.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.TableUse.Kind;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.TableStatement;
import org.jspecify.annotations.Nullable;

/** Plans the copying of rows to one shard: what every other query comes to. */
final class GatherPlan {
  private final ParsedStatement statement;
  private final List<TableUse> uses;
  private final TokenFilter filter;
  private final TreeCopy copy;

  private GatherPlan(ParsedStatement statement, List<TableUse> uses, TokenFilter filter) {
    this.statement = statement;
    this.uses = uses;
    this.filter = filter;
    this.copy = Moments.bound(statement);
  }

  /**
   * The answer to any query.
   *
   * @throws SqlRefused if two tables of one name would have to be copied
   */
  static Gather answer(ParsedStatement statement, Locality locality, TokenFilter filter) {
    return new GatherPlan(statement, locality.uses(), filter).plan();
  }

  private Gather plan() {
    Map<String, TableName> copied = new HashMap<>();
    List<Gather.Copy> copies = new ArrayList<>();
    for (TableUse use : sharded().toList()) {
      TableName other = copied.put(use.table().name(), use.table());
      if (other == null) {
        copies.add(copyOf(use.table()));
      } else if (!other.equals(use.table())) {
        throw new SqlRefused(
            Reason.NOT_OVER_SHARDS,
            "over several shards: %s and %s have the same name, and cannot be brought together on"
                    .formatted(other, use.table())
                + " one shard; query them one after the other");
      }
    }
    Nodes.all(statement.tree(), Column.class).forEach(this::unqualify);
    uses.forEach(this::move);
    return new Gather(copies, statement.print(copy.root().toString()));
  }

  private Stream<TableUse> sharded() {
    return uses.stream().filter(use -> use.kind() == Kind.SHARDED);
  }

  private Gather.Copy copyOf(TableName table) {
    List<String> conditions = new ArrayList<>();
    needed(table).ifPresent(conditions::add);
    filter.condition(table, "").map(tokens -> "(" + tokens + ")").ifPresent(conditions::add);
    return new Gather.Copy(
        table,
        columns(),
        conditions.isEmpty()
            ? Optional.empty()
            : Optional.of(statement.print(String.join(" and ", conditions))));
  }

  /** A name of a schema or table goes with the table; its rows have their own again. */
  private void move(TableUse use) {
    String schema =
        use.kind() == Kind.SHARDED ? "pg_temp" : OutputNames.quoted(use.table().schema());
    copy.of(use.node()).setSchemaName(schema);
  }

  /** {@code schema.table.column} is {@code table.column}: a query cannot tell two such tables. */
  private void unqualify(Column column) {
    Table table = copy.of((Object) column) instanceof Column renamed ? renamed.getTable() : null;
    if (table != null && table.getSchemaName() != null) {
      table.setSchemaName(null);
    }
  }

  /**
   * All names that may be those of columns; empty if rows are taken as a whole. The same for all
   * tables: it is not known which of them has a column of that name.
   */
  private Optional<SortedSet<String>> columns() {
    boolean whole =
        Nodes.all(statement.tree(), SelectItem.class).stream()
                .anyMatch(item -> item.getExpression() instanceof AllColumns)
            || !Nodes.all(statement.tree(), TableStatement.class).isEmpty()
            || Nodes.all(statement.tree(), Join.class).stream().anyMatch(Join::isNatural);
    SortedSet<String> names = new TreeSet<>();
    for (Column column : Nodes.all(statement.tree(), Column.class)) {
      names.add(Names.fold(column.getColumnName()));
    }
    boolean rows =
        Nodes.all(statement.tree(), FromItem.class).stream()
            .anyMatch(item -> names.contains(OutputNames.of(item)));
    return whole || rows ? Optional.empty() : Optional.of(ImmutableSortedSet.copyOf(names));
  }

  /** What the rows that are needed at one place or another have in common. */
  private Optional<String> needed(TableName table) {
    List<String> conditions = new ArrayList<>();
    for (TableUse use : sharded().filter(use -> use.table().equals(table)).toList()) {
      Optional<String> one = condition(use);
      if (one.isEmpty()) {
        return Optional.empty();
      }
      conditions.add(one.get());
    }
    return Optional.of("(" + String.join(" or ", conditions.stream().distinct().toList()) + ")");
  }

  /** The part of WHERE that concerns this table alone. */
  private Optional<String> condition(TableUse use) {
    if (use.nullable()) {
      return Optional.empty();
    }
    List<String> conditions =
        conjuncts(use.block().getWhere()).stream()
            .filter(condition -> isAbout(use, condition))
            .map(this::unqualified)
            .toList();
    return conditions.isEmpty()
        ? Optional.empty()
        : Optional.of("(" + String.join(" and ", conditions) + ")");
  }

  private static List<Expression> conjuncts(@Nullable Expression where) {
    if (where == null) {
      return List.of();
    }
    Expression condition = Block.bare(where);
    return condition instanceof AndExpression and
        ? Stream.of(and.getLeftExpression(), and.getRightExpression())
            .flatMap(side -> conjuncts(side).stream())
            .toList()
        : List.of(condition);
  }

  private boolean isAbout(TableUse use, Expression condition) {
    List<Column> columns = Nodes.all(condition, Column.class);
    boolean alone = isAlone(use);
    return !columns.isEmpty()
        && Nodes.all(condition, Select.class).isEmpty()
        && !Moments.isIn(condition)
        && columns.stream().allMatch(column -> isOf(column, use, alone));
  }

  /** Whether an unqualified name can only be that of a column of this table. */
  private boolean isAlone(TableUse use) {
    PlainSelect block = use.block();
    return block == statement.tree() && (block.getJoins() == null || block.getJoins().isEmpty());
  }

  private static boolean isOf(Column column, TableUse use, boolean alone) {
    if (column.getTable() == null) {
      return alone && !Names.fold(column.getColumnName()).equals(OutputNames.of(use.node()));
    }
    return use.node().getAlias() == null
        ? Names.fold(column.getTable().getName()).equals(use.table().name())
        : column.getTable().getSchemaName() == null
            && Names.fold(column.getTable().getName()).equals(OutputNames.of(use.node()));
  }

  private String unqualified(Expression condition) {
    TreeCopy bare = new TreeCopy(statement);
    for (Column column : Nodes.all(condition, Column.class)) {
      bare.of(column).setTable(null);
    }
    return "(" + bare.print(condition) + ")";
  }
}
