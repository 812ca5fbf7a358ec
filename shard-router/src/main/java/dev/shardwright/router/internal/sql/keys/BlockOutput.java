package dev.shardwright.router.internal.sql.keys;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Operand;
import dev.shardwright.router.internal.sql.functions.Functions;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tree.Expressions;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.AnalyticType;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.JsonAggregateFunction;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.WindowDefinition;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.Distinct;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import org.jspecify.annotations.Nullable;

/** What the rows of a query block show, and by which keys they can be told apart. */
final class BlockOutput {
  /** Types of which sums are the same in every order. */
  private static final Set<String> EXACT =
      Set.of("bigint", "int", "int2", "int4", "int8", "integer", "numeric", "smallint");

  private final QueryBlock block;
  private final PlainSelect select;
  private final ParsedStatement statement;
  private final List<Expression> parts = new ArrayList<>();

  /** The keys that every window is divided by; empty where there is no window. */
  private final Optional<Set<KeyColumn>> windowed;

  BlockOutput(QueryBlock block, PlainSelect select, ParsedStatement statement) {
    this.block = block;
    this.select = select;
    this.statement = statement;
    for (SelectItem<?> item : select.getSelectItems()) {
      parts.addAll(Expressions.all(item.getExpression()));
    }
    parts.addAll(Expressions.all(select.getHaving()));
    Expressions.order(select.getOrderByElements())
        .forEach(each -> parts.addAll(Expressions.all(each)));
    if (select.getDistinct() != null && select.getDistinct().getOnSelectItems() != null) {
      select
          .getDistinct()
          .getOnSelectItems()
          .forEach(on -> parts.addAll(Expressions.all(on.getExpression())));
    }
    if (select.getWindowDefinitions() != null) {
      select.getWindowDefinitions().stream()
          .map(Expressions::window)
          .flatMap(List::stream)
          .forEach(each -> parts.addAll(Expressions.all(each)));
    }
    this.windowed = windowed();
  }

  /**
   * @param constants whether it matters which values the query itself gives
   */
  Output read(boolean constants) {
    if (isChoosy()) {
      block.setChoosy();
    }
    if (parts.stream().anyMatch(BlockOutput::mayRound)) {
      block.setRounding();
    }
    List<Output.Shown> shown = new ArrayList<>();
    int known = 0;
    boolean open = false;
    for (SelectItem<?> item : select.getSelectItems()) {
      Expression expression = item.getExpression();
      if (expression instanceof AllColumns star) {
        open |= star(star, shown);
      } else {
        shown.add(shown(item, expression, constants));
      }
      known = open ? known : shown.size();
    }
    return new Output(shown, known, open, anchors());
  }

  private Output.Shown shown(SelectItem<?> item, Expression expression, boolean constants) {
    String name = null;
    if (item.getAlias() != null) {
      name = Names.fold(item.getAlias().getName());
    } else if (expression instanceof Column column && !Names.isValue(column.getColumnName())) {
      name = Names.fold(column.getColumnName());
    }
    // Grouping sets show NULLs in the place of a key.
    KeyColumn column = hasGroupingSets() ? null : ConditionReader.column(expression, block);
    if (column != null) {
      return new Output.Shown(name, column, filters(column));
    }
    KeyColumn constant =
        constants
            ? Operand.of(expression, statement)
                .filter(Operand::isSingle)
                .map(
                    operand ->
                        QueryReader.constant(
                            new Source(block, null, null, null),
                            List.of(operand),
                            new KeyTest.Is(operand)))
                .orElse(null)
            : null;
    return new Output.Shown(name, constant, true);
  }

  /** Adds what a star shows; says whether there may be more. */
  private boolean star(AllColumns star, List<Output.Shown> shown) {
    Set<String> merged = new LinkedHashSet<>();
    List<Source> sources = sources(star);
    boolean open = false;
    for (Source source : sources) {
      open |= !(star instanceof AllTableColumns) && !block.merged().isEmpty();
      open |= source.names() == null;
      Set<String> names = source.names() == null ? source.columns().keySet() : source.names();
      for (String name : names) {
        boolean together = !(star instanceof AllTableColumns) && block.merged().containsKey(name);
        if (!together) {
          KeyColumn column = hasGroupingSets() ? null : source.column(name);
          shown.add(new Output.Shown(name, column, column == null || filters(column)));
        } else if (merged.add(name)) {
          KeyColumn column = block.merged().getOrDefault(name, Optional.empty()).orElse(null);
          shown.add(new Output.Shown(name, column, column == null || filters(column)));
        }
      }
      open |= names.size() > 1; // their order is not known
    }
    return open || sources.isEmpty();
  }

  /** The items of FROM in this block that a star is of; none if it is of a block around. */
  private List<Source> sources(AllColumns star) {
    return star instanceof AllTableColumns of
        ? block.sources().stream().filter(source -> isCalled(source, of)).toList()
        : block.sources();
  }

  private static boolean isCalled(Source source, AllTableColumns of) {
    String schema = of.getTable().getSchemaName();
    return source.isCalled(
        schema == null ? null : Names.fold(schema), Names.fold(of.getTable().getName()));
  }

  /**
   * Whether rows can be left out by this column before the block as well as after. What is learned
   * of the rows of this block says nothing of those of a block around it.
   */
  private boolean filters(KeyColumn column) {
    if (QueryReader.isCut(select)
        || hasGroupingSets()
        || !isWithinWindows(column)
        || !column.source().block().equals(block)) {
      return false;
    }
    // In a grouped block a plain column is one of those it groups by, or PostgreSQL refuses it.
    Distinct distinct = select.getDistinct();
    return distinct == null
        || distinct.getOnSelectItems() == null
        || distinct.getOnSelectItems().stream()
            .anyMatch(on -> column.equals(distinctOn(on.getExpression())));
  }

  /** DISTINCT ON means the output column of a name, where there may be one, also behind a star. */
  private @Nullable KeyColumn distinctOn(Expression on) {
    if (Expressions.bare(on) instanceof Column written && OutputNames.isBare(written)) {
      String name = Names.fold(written.getColumnName());
      for (SelectItem<?> item : select.getSelectItems()) {
        boolean star = item.getExpression() instanceof AllColumns;
        if (!star && OutputNames.of(item).orElse(name).equals(name)) {
          return ConditionReader.column(item.getExpression(), block);
        }
      }
      List<List<Source>> stars = stars();
      if (!stars.stream().allMatch(sources -> surelyLack(sources, name))) {
        return stars.stream()
            .flatMap(List::stream)
            .flatMap(source -> Stream.ofNullable(source.column(name)))
            .findFirst()
            .orElse(null);
      }
    }
    return ConditionReader.column(on, block);
  }

  /** The items of FROM in this block that the stars of tables are of, for each star. */
  private List<List<Source>> stars() {
    return select.getSelectItems().stream()
        .map(SelectItem::getExpression)
        .filter(AllTableColumns.class::isInstance)
        .map(star -> sources((AllColumns) star))
        .toList();
  }

  private static boolean surelyLack(List<Source> sources, String name) {
    return !sources.isEmpty() && sources.stream().allMatch(source -> source.surelyLacks(name));
  }

  /** Keys by which the block's rows can be told apart, though it may not show them. */
  private List<KeyColumn> anchors() {
    if (QueryReader.isCut(select) || hasGroupingSets() || select.getDistinct() != null) {
      return List.of();
    }
    List<KeyColumn> anchors = new ArrayList<>(block.anchors());
    windowed.ifPresent(columns -> anchors.removeIf(anchor -> !tellApart(columns, anchor)));
    if (select.getGroupBy() != null) {
      Set<KeyColumn> groups = groupColumns();
      anchors.removeIf(anchor -> !tellApart(groups, anchor));
    } else if (mayAggregate()) {
      return List.of();
    }
    return anchors;
  }

  /** Whether rows of different shards differ in these columns, given the key among them. */
  private boolean tellApart(Set<KeyColumn> columns, KeyColumn key) {
    KeyColumn region = key.region();
    return columns.contains(key)
        && (region == null || columns.contains(region) || !region.pins(block).isEmpty());
  }

  private boolean hasGroupingSets() {
    if (select.getGroupBy() == null) {
      return false;
    }
    if (select.getGroupBy().isMysqlWithRollup()
        || !select.getGroupBy().getGroupingSets().isEmpty()) {
      return true;
    }
    ExpressionList<?> groups = select.getGroupBy().getGroupByExpressionList();
    return groups != null
        && groups.stream()
            .anyMatch(
                each ->
                    each instanceof Function function
                        && Set.of("rollup", "cube", "sets")
                            .contains(Ascii.toLowerCase(function.getName())));
  }

  private Set<KeyColumn> groupColumns() {
    Set<KeyColumn> columns = new LinkedHashSet<>();
    ExpressionList<?> groups = select.getGroupBy().getGroupByExpressionList();
    for (Expression group : groups == null ? List.<Expression>of() : groups) {
      KeyColumn column = ConditionReader.column(place(group), block);
      if (column != null) {
        columns.add(column);
      }
    }
    return columns;
  }

  /** What an ordinal stands for. */
  private Expression place(Expression group) {
    if (group instanceof LongValue ordinal && select.getSelectItems().size() < 10_000) {
      String digits = ordinal.getStringValue();
      int place = digits.length() > 4 ? 0 : Integer.parseInt(digits);
      if (1 <= place && place <= select.getSelectItems().size()) {
        return select.getSelectItem(place - 1).getExpression();
      }
    }
    return group;
  }

  /** Whether the block, which has no GROUP BY, may make one row of all. */
  private boolean mayAggregate() {
    if (select.getHaving() != null) {
      return true;
    }
    for (SelectItem<?> item : select.getSelectItems()) {
      Expression expression = item.getExpression();
      boolean plain =
          (expression instanceof AllColumns star && !sources(star).isEmpty())
              || (expression instanceof Column column
                  && (block.outer() == null || block.sourceOf(column) != null)
                  && !Names.isValue(column.getColumnName()));
      if (plain) {
        return false;
      }
    }
    return parts.stream()
        .anyMatch(
            part ->
                part instanceof Function
                    || part instanceof Select // in it may be an aggregate of this block
                    || part instanceof AnalyticExpression
                    || part instanceof JsonAggregateFunction);
  }

  private boolean isWithinWindows(KeyColumn column) {
    return windowed.isEmpty() || windowed.get().contains(column);
  }

  private Optional<Set<KeyColumn>> windowed() {
    Set<KeyColumn> common = null;
    for (Expression part : parts) {
      if (isWindow(part)) {
        Set<KeyColumn> columns = partition(part);
        if (common == null) {
          common = columns;
        } else {
          common.retainAll(columns);
        }
      }
    }
    return Optional.ofNullable(common);
  }

  private static boolean isWindow(Expression part) {
    if (part instanceof AnalyticExpression analytic) {
      return analytic.getType() == AnalyticType.OVER
          || analytic.getType() == AnalyticType.WITHIN_GROUP_OVER;
    }
    return part instanceof JsonAggregateFunction json
        && json.getAnalyticType() == AnalyticType.OVER;
  }

  private Set<KeyColumn> partition(Expression window) {
    Set<KeyColumn> columns = new LinkedHashSet<>();
    if (window instanceof AnalyticExpression analytic) {
      add(analytic.getPartitionExpressionList(), columns);
      String name = analytic.getWindowName();
      if (name == null && analytic.getWindowDefinition() != null) {
        name = analytic.getWindowDefinition().getWindowName();
      }
      if (name != null && select.getWindowDefinitions() != null) {
        for (WindowDefinition definition : select.getWindowDefinitions()) {
          if (Names.fold(name).equals(Names.fold(definition.getWindowName()))) {
            add(definition.getPartitionExpressionList(), columns);
          }
        }
      }
    }
    return columns;
  }

  private void add(@Nullable ExpressionList<?> expressions, Set<KeyColumn> columns) {
    if (expressions != null) {
      for (Expression expression : expressions) {
        KeyColumn column = ConditionReader.column(expression, block);
        if (column != null) {
          columns.add(column);
        }
      }
    }
  }

  /** Whether PostgreSQL is free to give this or that answer over the same rows. */
  private boolean isChoosy() {
    return QueryReader.isCut(select)
        || windowed.isPresent()
        || (select.getDistinct() != null && select.getDistinct().getOnSelectItems() != null)
        || parts.stream().anyMatch(BlockOutput::dependsOnOrder);
  }

  private static boolean dependsOnOrder(Expression part) {
    return part instanceof JsonAggregateFunction
        || name(part).map(Functions::dependsOnOrder).orElse(false);
  }

  /**
   * Whether floats may be added up, of which the order of the rows decides the last digits. What
   * takes two arguments is of floats.
   */
  private static boolean mayRound(Expression part) {
    boolean exact =
        part instanceof Function call
            && !call.isDistinct() // which of several equal numerics is added, decides the scale
            && call.getParameters() != null
            && call.getParameters().size() == 1
            && isExact(call.getParameters().get(0));
    return !exact && name(part).map(Functions::mayRound).orElse(false);
  }

  private static boolean isExact(Expression argument) {
    return argument instanceof LongValue
        || (argument instanceof CastExpression cast
            && cast.getColDataType() != null
            && EXACT.contains(Ascii.toLowerCase(cast.getColDataType().getDataType())));
  }

  /** The name of what is called, if something is. */
  private static Optional<String> name(Expression part) {
    if (part instanceof Function function) {
      return Optional.of(Functions.name(function));
    }
    return part instanceof AnalyticExpression analytic
        ? Optional.of(Functions.name(analytic))
        : Optional.empty();
  }
}
