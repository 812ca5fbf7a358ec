package dev.shardwright.router.internal.sql.plan;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.answer.TokenFilter;
import dev.shardwright.router.internal.sql.functions.Functions;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.scan.Literal;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.Token;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tree.FromItems;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.Distinct;
import net.sf.jsqlparser.statement.select.GroupByElement;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.OrderByElement.NullOrdering;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import org.jspecify.annotations.Nullable;

/** A query block whose FROM and WHERE are local, and what its other clauses mean. */
final class Block {
  private final ParsedStatement statement;
  private final Locality locality;
  private final PlainSelect select;
  private final TokenFilter filter;

  Block(ParsedStatement statement, Locality locality, PlainSelect select, TokenFilter filter) {
    this.statement = statement;
    this.locality = locality;
    this.select = select;
    this.filter = filter;
  }

  /**
   * What a clause refers to: an output column, or an expression over input columns.
   *
   * @param item the output column, from 0
   * @param expression what is computed, be it for the output column too
   * @param ofStar whether it is a name that means a column which a table's star shows, if there is
   *     one, before it means one of the other tables, or what USING has merged
   */
  record Reference(OptionalInt item, Expression expression, boolean ofStar) {
    Reference(OptionalInt item, Expression expression) {
      this(item, expression, false);
    }
  }

  /** A key of ORDER BY. */
  record Order(Reference to, boolean descending, boolean nullsFirst, OrderByElement node) {}

  ParsedStatement statement() {
    return statement;
  }

  PlainSelect select() {
    return select;
  }

  /** A copy of the statement for a shard's part: one moment is bound, and tables are filtered. */
  TreeCopy part() {
    TreeCopy copy = Moments.bound(statement);
    FilteredTables.filter(copy, locality.uses(), filter);
    return copy;
  }

  List<SelectItem<?>> items() {
    return select.getSelectItems();
  }

  /** Whether the number of output columns is not known. */
  boolean hasStar() {
    return firstStar() < items().size();
  }

  /** Position of the first star among the items; their number if there is none. */
  int firstStar() {
    return (int) items().stream().takeWhile(item -> !isStar(item)).count();
  }

  /**
   * The names of the output columns. How many stand behind a star, and what they are called, the
   * shards' rows say: it may have changed since the names were asked for.
   *
   * @param labels of the columns of the shards' rows that stand in the output columns' places
   * @param names of the output columns, as they were asked for
   */
  List<String> names(List<String> labels, List<String> names) {
    int first = firstStar();
    int behind = 0;
    while (hasStar() && !isStar(items().get(items().size() - 1 - behind))) {
      behind++;
    }
    List<String> all = new ArrayList<>(names.subList(0, first));
    if (hasStar()) {
      all.addAll(labels.subList(first, labels.size() - behind));
      all.addAll(names.subList(names.size() - behind, names.size()));
    }
    return all;
  }

  private static boolean isStar(SelectItem<?> item) {
    return item.getExpression() instanceof AllColumns;
  }

  /** The clauses that are evaluated after grouping. */
  List<Object> upperClauses() {
    List<Object> clauses = new ArrayList<>(items());
    Optional.ofNullable(select.getHaving()).ifPresent(clauses::add);
    Optional.ofNullable(select.getDistinct()).ifPresent(clauses::add);
    Optional.ofNullable(select.getOrderByElements()).ifPresent(clauses::addAll);
    Optional.ofNullable(select.getWindowDefinitions()).ifPresent(clauses::addAll);
    return clauses;
  }

  boolean isGrouped() {
    return select.getGroupBy() != null || select.getHaving() != null || hasAggregates();
  }

  private boolean hasAggregates() {
    return upperClauses().stream()
        .flatMap(clause -> Nodes.all(clause, Expression.class, Block::isOfThisBlock).stream())
        .anyMatch(Functions::isAggregate);
  }

  /**
   * Whether an aggregate in a subquery may belong to this block, which it does if all columns in it
   * are columns of this block.
   */
  boolean mayOwnAggregateOfSubquery() {
    return upperClauses().stream()
        .flatMap(clause -> Nodes.all(clause, Select.class, Block::isOfThisBlock).stream())
        .anyMatch(subquery -> hasAggregateOfOuter(subquery, Set.of()));
  }

  /**
   * @param inner the names of what the FROMs around the node have, below this block
   */
  private static boolean hasAggregateOfOuter(Object node, Set<String> inner) {
    if (node instanceof Expression call && Functions.isAggregate(call) && isOfOuter(call, inner)) {
      return true;
    }
    Set<String> seen = node instanceof PlainSelect select ? with(select, inner) : inner;
    return Nodes.children(node).stream().anyMatch(child -> hasAggregateOfOuter(child, seen));
  }

  private static Set<String> with(PlainSelect select, Set<String> inner) {
    return Stream.concat(inner.stream(), FromItems.of(select).stream().map(OutputNames::of))
        .collect(Collectors.toSet());
  }

  private static boolean isOfOuter(Expression call, Set<String> inner) {
    List<Column> columns = Nodes.all(call, Column.class);
    List<AllTableColumns> stars = Nodes.all(call, AllTableColumns.class);
    return !(columns.isEmpty() && stars.isEmpty())
        && columns.stream().noneMatch(column -> isOf(column.getTable(), inner))
        && stars.stream().noneMatch(star -> isOf(star.getTable(), inner));
  }

  private static boolean isOf(@Nullable Table table, Set<String> names) {
    return table != null && names.contains(Names.fold(table.getName()));
  }

  /** Whether every window is over rows of one shard. */
  boolean hasLocalWindows() {
    List<AnalyticExpression> calls =
        upperClauses().stream()
            .flatMap(
                clause ->
                    Nodes.all(clause, AnalyticExpression.class, Block::isOfThisBlock).stream())
            .filter(Functions::isWindow)
            .toList();
    return calls.stream().allMatch(call -> call.getWindowName() == null && isLocalWindow(call));
  }

  boolean hasWindows() {
    return upperClauses().stream()
        .anyMatch(
            clause ->
                Nodes.all(clause, AnalyticExpression.class, Block::isOfThisBlock).stream()
                    .anyMatch(Functions::isWindow));
  }

  private boolean isLocalWindow(AnalyticExpression call) {
    ExpressionList<?> partition = call.getPartitionExpressionList();
    return partition != null && partition.stream().anyMatch(this::isKey);
  }

  /** To look for what belongs to this block, and not to subqueries. */
  static boolean isOfThisBlock(Object node) {
    return !(node instanceof Select);
  }

  boolean isKey(Expression expression) {
    return locality.isKey(select, bare(expression));
  }

  /** Whether it is the sharding key, whatever a star may show under its name. */
  boolean isKey(Reference to) {
    if (to.ofStar() && to.expression() instanceof Column name) {
      return tableStars()
          .anyMatch(star -> isKey(new Column(star.getTable(), name.getColumnName())));
    }
    return isKey(to.expression());
  }

  /** Whether an output column is the sharding key, so that equal rows are on one shard. */
  boolean hasKeyAmongItems() {
    return items().stream().anyMatch(item -> isKey(item.getExpression()));
  }

  /** Whether rows of a group are on one shard. */
  boolean hasKeyAmongGroups() {
    return groups().stream().flatMap(List::stream).anyMatch(group -> isKey(group.expression()));
  }

  /** ORDER BY; where a name could be that of an output column, it is. */
  List<Order> order() {
    List<OrderByElement> elements = select.getOrderByElements();
    return elements == null ? List.of() : elements.stream().map(this::order).toList();
  }

  /** A key of an ORDER BY that is about the columns of this block. */
  Order order(OrderByElement element) {
    boolean descending = !element.isAsc();
    boolean nullsFirst =
        element.getNullOrdering() == null
            ? descending
            : element.getNullOrdering() == NullOrdering.NULLS_FIRST;
    return new Order(output(element.getExpression()), descending, nullsFirst, element);
  }

  /** Whether it has a DISTINCT that is not of some expressions only. */
  boolean isPlainlyDistinct() {
    Distinct distinct = select.getDistinct();
    return distinct != null && distinct.getOnSelectItems() == null;
  }

  /** Whether an output column that is written out is this, be it behind a star. */
  boolean isAmongItems(Reference to) {
    String canonical = canonical(to.expression());
    return to.item().isPresent()
        || (!to.ofStar()
            && items().stream()
                .filter(item -> !isStar(item))
                .anyMatch(item -> canonical(item.getExpression()).equals(canonical)));
  }

  /**
   * Whether ORDER BY or DISTINCT ON says a name that may be that of an output column, since not all
   * their names are known.
   */
  boolean mayMeanUnknownOutput() {
    boolean known =
        items().stream().allMatch(item -> isStar(item) || OutputNames.of(item).isPresent());
    if (known) {
      return false;
    }
    List<Expression> written = new ArrayList<>();
    order().forEach(key -> written.add(key.node().getExpression()));
    Distinct distinct = select.getDistinct();
    if (distinct != null && distinct.getOnSelectItems() != null) {
      distinct.getOnSelectItems().forEach(on -> written.add(on.getExpression()));
    }
    return written.stream()
        .anyMatch(
            expression ->
                bare(expression) instanceof Column column
                    && OutputNames.isBare(column)
                    && named(Names.fold(column.getColumnName())).isEmpty());
  }

  /** Whether a column, or a key of the order, may be a record of a type that has no name. */
  boolean mayGiveRecords() {
    Set<String> queries =
        FromItems.below(select).stream()
            .filter(item -> !(item instanceof Table))
            .map(OutputNames::of)
            .collect(Collectors.toSet());
    return Stream.of(SelectItem.class, OrderByElement.class)
        .flatMap(kind -> Nodes.all(select, kind).stream())
        .flatMap(node -> Nodes.all(node, Expression.class).stream())
        .anyMatch(expression -> mayBeRecord(expression, queries));
  }

  private static boolean mayBeRecord(Expression expression, Set<String> queries) {
    return (expression instanceof ParenthesedExpressionList<?> row && row.size() > 1)
        || (expression instanceof Function call && Functions.name(call).equals("row"))
        || Functions.givesRows(expression)
        || (expression instanceof Column column
            && queries.contains(Names.fold(column.getColumnName())));
  }

  /** What an expression of ORDER BY or DISTINCT ON refers to. */
  Reference output(Expression written) {
    Expression expression = bare(written);
    if (expression instanceof LongValue ordinal) {
      return ordinal(ordinal);
    }
    if (!(expression instanceof Column column && OutputNames.isBare(column))) {
      return input(expression);
    }
    OptionalInt item = named(Names.fold(column.getColumnName()));
    if (item.isPresent()) {
      return item(item.getAsInt());
    }
    return isJoined() && tableStars().findAny().isPresent()
        ? new Reference(OptionalInt.empty(), column, true)
        : input(column);
  }

  private boolean isJoined() {
    return select.getFromItem() instanceof ParenthesedFromItem
        || (select.getJoins() != null && !select.getJoins().isEmpty());
  }

  private Stream<AllTableColumns> tableStars() {
    return items().stream()
        .map(SelectItem::getExpression)
        .filter(AllTableColumns.class::isInstance)
        .map(AllTableColumns.class::cast);
  }

  /**
   * How a copy says among the output columns what ORDER BY or DISTINCT ON refers to. There a name
   * means what FROM has, unless it is looked up in the stars first.
   */
  String print(Reference to, TreeCopy copy) {
    String text = copy.print(to.expression());
    return to.ofStar()
        ? tableStars()
            .map(copy::print)
            .distinct()
            .collect(
                Collectors.joining(
                    ", ", "(select " + text + " from (select ", ") as shardwright_star)"))
        : text;
  }

  /** An expression over input columns, which may be that of an output column too. */
  private Reference input(Expression expression) {
    String canonical = canonical(expression);
    OptionalInt same =
        IntStream.range(0, firstStar())
            .filter(i -> canonical(items().get(i).getExpression()).equals(canonical))
            .findFirst();
    return new Reference(same, expression);
  }

  private Reference ordinal(LongValue ordinal) {
    // A number too large for a place is none to PostgreSQL, which refuses it.
    String digits = ordinal.getStringValue();
    int at = digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
    if (at >= 1 && at <= firstStar()) {
      return item(at - 1);
    }
    return new Reference(OptionalInt.of(Math.max(0, at - 1)), ordinal);
  }

  private Reference item(int at) {
    return new Reference(
        at < firstStar() ? OptionalInt.of(at) : OptionalInt.empty(),
        bare(items().get(at).getExpression()));
  }

  private OptionalInt named(String name) {
    return IntStream.range(0, items().size())
        .filter(i -> OutputNames.of(items().get(i)).filter(name::equals).isPresent())
        .findFirst();
  }

  /**
   * The expressions of a plain GROUP BY, or those of all grouping sets; empty if it cannot be told
   * whether a name means a column or an output column.
   */
  Optional<List<Reference>> groups() {
    List<Expression> elements = groupElements();
    List<Reference> references = new ArrayList<>();
    for (Expression element : elements) {
      Optional<Reference> reference = group(element);
      if (reference.isEmpty()) {
        return Optional.empty();
      }
      references.add(reference.get());
    }
    return Optional.of(references);
  }

  private Optional<Reference> group(Expression written) {
    Expression expression = bare(written);
    if (expression instanceof LongValue ordinal) {
      return Optional.of(ordinal(ordinal));
    }
    if (expression instanceof Column column && OutputNames.isBare(column)) {
      String name = Names.fold(column.getColumnName());
      OptionalInt item = named(name);
      if (item.isPresent()) {
        Expression output = bare(items().get(item.getAsInt()).getExpression());
        return meaning(column, name, item.getAsInt(), output);
      }
    }
    return Optional.of(input(expression));
  }

  /**
   * In GROUP BY a column of that name goes before an output column of that name. It exists if the
   * output column is made from it. It does not if the output column is made from others, which
   * would not be grouped then, nor follow from a primary key that is.
   */
  private Optional<Reference> meaning(Column column, String name, int item, Expression output) {
    List<Column> columns = Nodes.all(output, Column.class, Block::isOfThisBlock);
    boolean exists =
        columns.stream().anyMatch(used -> Names.fold(used.getColumnName()).equals(name));
    if (exists) {
      return Optional.of(input(column));
    }
    List<String> groups = canonicalGroups();
    Set<String> grouped = groupedNames(column);
    boolean isGroupedOtherwise =
        columns.stream()
            .allMatch(used -> groups.contains(canonical(used)) || mayFollow(used, grouped));
    return isGroupedOtherwise ? Optional.empty() : Optional.of(item(item));
  }

  /** The names of the columns that GROUP BY may mean, if this one means a column. */
  private Set<String> groupedNames(Column meant) {
    return groupElements().stream()
        .flatMap(element -> mayMean(bare(element), meant).stream())
        .flatMap(expression -> Nodes.all(expression, Column.class).stream())
        .map(column -> Names.fold(column.getColumnName()))
        .collect(Collectors.toSet());
  }

  private List<Expression> mayMean(Expression element, Column meant) {
    if (element instanceof LongValue ordinal) {
      return List.of(ordinal(ordinal).expression());
    }
    if (element == meant || !(element instanceof Column column && OutputNames.isBare(column))) {
      return List.of(element);
    }
    OptionalInt item = named(Names.fold(column.getColumnName()));
    return item.isPresent()
        ? List.of(element, items().get(item.getAsInt()).getExpression())
        : List.of(element);
  }

  /**
   * Whether a column may be of a table whose primary key is among the columns of those names. The
   * sharding key is a part of that of a sharded table; those of other tables are not known.
   */
  private boolean mayFollow(Column column, Set<String> grouped) {
    return locality.uses().stream()
        .filter(use -> use.block() == select)
        .filter(
            use ->
                column.getTable() == null
                    || Names.fold(column.getTable().getName()).equals(OutputNames.of(use.node())))
        .anyMatch(
            use ->
                use.keyColumn() == null
                    || grouped.contains(use.keyColumn())
                    || use.hasColumnAliases());
  }

  private List<String> canonicalGroups() {
    return groupElements().stream().map(this::canonical).toList();
  }

  /** Whether GROUP BY has one grouping set only. */
  boolean isPlainlyGrouped() {
    GroupByElement group = select.getGroupBy();
    return group == null
        || ((group.getGroupingSets() == null || group.getGroupingSets().isEmpty())
            && Nodes.all(group.getGroupByExpressionList(), Function.class, Block::isOfThisBlock)
                .stream()
                .noneMatch(Block::isGroupingSet));
  }

  private static boolean isGroupingSet(Function call) {
    String name = Functions.name(call);
    return name.equals("rollup") || name.equals("cube");
  }

  /** What GROUP BY names, in whichever grouping sets; each goes with the group of its position. */
  List<Expression> groupElements() {
    List<Expression> elements = new ArrayList<>();
    GroupByElement group = select.getGroupBy();
    if (group != null) {
      flatten(group.getGroupByExpressionList(), elements);
      if (group.getGroupingSets() != null) {
        group.getGroupingSets().forEach(set -> flatten(set, elements));
      }
    }
    return elements;
  }

  private static void flatten(@Nullable Object node, List<Expression> elements) {
    if (node instanceof ExpressionList<?> list) {
      list.forEach(element -> flatten(element, elements));
    } else if (node instanceof Function call && isGroupingSet(call)) {
      flatten(call.getParameters(), elements);
    } else if (node instanceof Expression expression) {
      elements.add(expression);
    }
  }

  /** Without the brackets around it. */
  static Expression bare(Expression expression) {
    return expression instanceof ParenthesedExpressionList<?> list && list.size() == 1
        ? bare(list.get(0))
        : expression;
  }

  /** A text that is equal for expressions that PostgreSQL takes for the same. */
  String canonical(Expression expression) {
    return SqlScanner.rescan(bare(expression).toString()).stream()
        .map(this::canonical)
        .collect(Collectors.joining(" "));
  }

  private String canonical(Token token) {
    return switch (token.kind()) {
      case WORD -> Ascii.toLowerCase(token.text());
      case STRING ->
          statement.literal(new StringValue(token.text())).map(Literal::toString).orElse("");
      case QUOTED, NUMBER, PARAMETER, OPERATOR, PUNCTUATION -> token.text();
    };
  }
}
