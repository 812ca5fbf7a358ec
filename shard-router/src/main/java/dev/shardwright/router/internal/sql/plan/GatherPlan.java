package dev.shardwright.router.internal.sql.plan;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSortedSet;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.TokenFilter;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tables.TableUse.Kind;
import dev.shardwright.router.internal.sql.tree.FromItems;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.relational.ExistsExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.create.table.ColDataType;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
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
        throw sameName(other + " and " + use.table());
      }
    }
    if (uses.stream().anyMatch(use -> use.block().isUsingOnly())) {
      throw new SqlRefused(
          Reason.NOT_OVER_SHARDS,
          "over several shards: FROM ONLY; tables that inherit from others are copied with them");
    }
    Nodes.all(statement.tree(), Column.class).forEach(column -> unqualify(column.getTable()));
    Nodes.all(statement.tree(), AllTableColumns.class).forEach(star -> unqualify(star.getTable()));
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

  private static SqlRefused sameName(String what) {
    return new SqlRefused(
        Reason.NOT_OVER_SHARDS,
        "over several shards: %s have the same name, and cannot be brought together on one shard;"
                .formatted(what)
            + " query them one after the other");
  }

  /** {@code schema.table.column} becomes {@code table.column}, which must not mean another. */
  private void unqualify(@Nullable Table written) {
    if (written == null || written.getSchemaName() == null) {
      return;
    }
    String name = Names.fold(written.getName());
    TableName meant = new TableName(Names.fold(written.getSchemaName()), name);
    for (FromItem item : FromItems.below(statement.tree())) {
      if (OutputNames.of(item).equals(name) && !isCalled(item, meant)) {
        throw sameName(meant + " and " + item);
      }
    }
    copy.of(written).setSchemaName(null);
  }

  /** Whether an item of FROM is that table under its own name. */
  private boolean isCalled(FromItem item, TableName table) {
    return item.getAlias() == null
        && uses.stream().anyMatch(use -> use.node() == item && use.table().equals(table));
  }

  /**
   * All names that may be those of columns; empty if rows are taken as a whole, or columns by their
   * positions. The same for all tables: it is not known which of them has a column of that name.
   */
  private Optional<SortedSet<String>> columns() {
    SortedSet<String> names = new TreeSet<>();
    for (Column column : Nodes.all(statement.tree(), Column.class)) {
      names.add(Names.fold(column.getColumnName()));
    }
    boolean whole =
        hasStar()
            || Nodes.all(statement.tree(), Join.class).stream().anyMatch(Join::isNatural)
            || sharded().anyMatch(use -> names.contains(OutputNames.of(use.node())))
            || sharded().anyMatch(use -> isNamedAsType(use.table().name()))
            || sharded().anyMatch(TableUse::hasColumnAliases);
    return whole ? Optional.empty() : Optional.of(ImmutableSortedSet.copyOf(names));
  }

  /** Whether the type of a table's rows, which is that of the copy's rows then, may be named. */
  private boolean isNamedAsType(String table) {
    return Nodes.all(statement.tree(), ColDataType.class).stream()
        .map(type -> Ascii.toLowerCase(type.getDataType()).replace("\"", ""))
        .anyMatch(
            type -> type.substring(type.lastIndexOf('.') + 1).equals(Ascii.toLowerCase(table)));
  }

  /** A star in EXISTS stands for nothing, and that in {@code count(*)} for rows without columns. */
  private boolean hasStar() {
    Set<Object> idle = Collections.newSetFromMap(new IdentityHashMap<>());
    for (ExistsExpression exists : Nodes.all(statement.tree(), ExistsExpression.class)) {
      if (exists.getRightExpression() instanceof ParenthesedSelect subquery
          && subquery.getSelect() instanceof PlainSelect select) {
        select.getSelectItems().forEach(item -> idle.add(item.getExpression()));
      }
    }
    for (Function call : Nodes.all(statement.tree(), Function.class)) {
      if (call.getParameters() != null) {
        idle.addAll(call.getParameters());
      }
    }
    for (AnalyticExpression call : Nodes.all(statement.tree(), AnalyticExpression.class)) {
      Optional.ofNullable(call.getExpression()).ifPresent(idle::add);
    }
    return Nodes.all(statement.tree(), AllColumns.class).stream()
        .anyMatch(star -> star instanceof AllTableColumns || !idle.contains(star));
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

  /**
   * The conditions that concern this table alone, as far as its rows that fail them are useless.
   */
  private Optional<String> condition(TableUse use) {
    if (use.hasColumnAliases()) {
      return Optional.empty();
    }
    List<String> conditions =
        conditions(use).stream()
            .flatMap(where -> conjuncts(where).stream())
            .filter(condition -> isAbout(use, condition))
            .map(this::unqualified)
            .toList();
    return conditions.isEmpty()
        ? Optional.empty()
        : Optional.of("(" + String.join(" and ", conditions) + ")");
  }

  /**
   * The conditions that rows of the table have to meet: WHERE and those of inner joins, unless an
   * outer join fills the table's side up with NULLs; and that of the join of which it is the right
   * side, unless that join keeps its rows. Only joins that see the table count: to another, its
   * name is that of a table around.
   */
  private static List<Expression> conditions(TableUse use) {
    List<Expression> conditions = new ArrayList<>();
    if (!use.nullable()) {
      Optional.ofNullable(use.block().getWhere()).ifPresent(conditions::add);
    }
    for (Join join : joinsAround(use)) {
      boolean outer = join.isLeft() || join.isRight() || join.isFull();
      boolean right = join.getFromItem() == use.node();
      boolean keepsRight = join.isRight() || join.isFull();
      if (right ? !keepsRight : !outer && !use.nullable()) {
        conditions.addAll(join.getOnExpressions());
      }
    }
    return conditions;
  }

  /** The joins of the block of which the table is on one side. */
  private static List<Join> joinsAround(TableUse use) {
    boolean seen = isWithin(use, use.block().getFromItem());
    List<Join> around = new ArrayList<>();
    for (Join join : Objects.requireNonNullElse(use.block().getJoins(), List.<Join>of())) {
      // A comma binds less than any other join.
      seen = (seen && !join.isSimple()) || isWithin(use, join.getFromItem());
      if (seen) {
        around.add(join);
      }
    }
    return around;
  }

  private static boolean isWithin(TableUse use, FromItem item) {
    return Nodes.all(item, Table.class).stream().anyMatch(table -> table == use.node());
  }

  private static List<Expression> conjuncts(Expression where) {
    Expression condition = Block.bare(where);
    return condition instanceof AndExpression and
        ? Stream.of(and.getLeftExpression(), and.getRightExpression())
            .flatMap(side -> conjuncts(side).stream())
            .toList()
        : List.of(condition);
  }

  private boolean isAbout(TableUse use, Expression condition) {
    List<Column> columns = columns(condition);
    boolean alone = isAlone(use);
    return !columns.isEmpty()
        && Nodes.all(condition, Select.class).isEmpty()
        && Nodes.all(condition, AllColumns.class).isEmpty()
        && columns.stream().allMatch(column -> isOf(column, use, alone));
  }

  private static List<Column> columns(Expression condition) {
    return Nodes.all(condition, Column.class).stream()
        .filter(column -> !Moments.isOne(column))
        .toList();
  }

  /** Whether an unqualified name can only be that of a column of this table. */
  private boolean isAlone(TableUse use) {
    PlainSelect block = use.block();
    return block == statement.tree()
        && block.getFromItem() == use.node()
        && (block.getJoins() == null || block.getJoins().isEmpty());
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
    TreeCopy bare = Moments.bound(statement);
    for (Column column : columns(condition)) {
      Column copied = bare.of(column);
      if (column.getTable() != null) {
        // Without its table a name such as user is no name any more.
        copied.setColumnName(OutputNames.quoted(Names.fold(column.getColumnName())));
      }
      copied.setTable(null);
    }
    return "(" + bare.print(condition) + ")";
  }
}
