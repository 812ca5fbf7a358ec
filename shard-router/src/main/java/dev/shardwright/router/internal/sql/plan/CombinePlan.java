package dev.shardwright.router.internal.sql.plan;

import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.functions.AggregateCall;
import dev.shardwright.router.internal.sql.functions.Functions;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.AnyComparisonExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.operators.relational.ExistsExpression;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.Distinct;
import net.sf.jsqlparser.statement.select.Fetch;
import net.sf.jsqlparser.statement.select.GroupByElement;
import net.sf.jsqlparser.statement.select.Limit;
import net.sf.jsqlparser.statement.select.Offset;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;

/**
 * Plans local blocks of which PostgreSQL does the rest over what the shards give: partial
 * aggregates for each group, or the values of the columns that the block's upper clauses name. The
 * last query is the block itself, in which columns of the partial rows stand for those.
 */
final class CombinePlan {
  private static final String ITEMS = "shardwright_items";

  private final Block block;
  private final boolean aggregated;
  private final TreeCopy part;
  private final TreeCopy last;
  private final List<String> columns = new ArrayList<>();
  private final Map<String, String> partials = new HashMap<>();
  private final Map<String, String> groups = new HashMap<>();
  private final Set<String> keys = new LinkedHashSet<>();

  /** Whether an aggregate of distinct keys is worked out on the shards: once for each group. */
  private boolean countsKeys;

  /** Whether the values of another DISTINCT divide the groups, so that a key may be in several. */
  private boolean dividesGroups;

  /** What follows from the groups' keys; columns of their own, which stay texts until the end. */
  private final Map<String, String> others = new LinkedHashMap<>();

  private boolean possible = true;

  private CombinePlan(Block block, boolean aggregated) {
    this.block = block;
    this.aggregated = aggregated;
    this.part = block.part();
    this.last = Moments.bound(block.statement());
  }

  /** The answers to a local block, the cheapest first. */
  static List<Answer> answers(Block block) {
    List<Answer> answers = new ArrayList<>();
    if (!block.mayOwnAggregateOfSubquery()) {
      if (block.isGrouped() && !block.hasStar()) {
        new CombinePlan(block, true).plan().ifPresent(answers::add);
      }
      if (stars(block) <= 1 && !(block.isGrouped() && block.hasStar())) {
        new CombinePlan(block, false).plan().ifPresent(answers::add);
      }
    }
    return answers;
  }

  private static long stars(Block block) {
    return block.items().stream().filter(CombinePlan::isStar).count();
  }

  private static boolean isStar(SelectItem<?> item) {
    return item.getExpression() instanceof AllColumns;
  }

  private Optional<Combine> plan() {
    Optional<List<Block.Reference>> references = block.groups();
    if (references.isEmpty()) {
      return Optional.empty();
    }
    if (aggregated) {
      references.get().forEach(this::addGroup);
    }
    rewriteGroups(references.get());
    block.items().stream()
        .filter(item -> !isStar(item))
        .forEach(item -> rewrite(item.getExpression()));
    rewriteUpper();
    if (aggregated) {
      // Columns that are not grouped follow from a primary key that is, or the part fails.
      possible &= others.isEmpty() || (block.isPlainlyGrouped() && !groups.isEmpty());
    } else {
      possible &= !block.isGrouped() || isCoveredByGroups(references.get());
    }
    possible &= !(countsKeys && dividesGroups) && isDistinctInOrder();
    return possible ? Optional.of(combine()) : Optional.empty();
  }

  /**
   * Whether PostgreSQL will find that DISTINCT has what it is ordered by, as it finds it in the
   * block itself: in the last query what is written in two ways are two columns, and those behind a
   * star have no names yet.
   */
  private boolean isDistinctInOrder() {
    if (block.isPlainlyDistinct()) {
      return block.order().stream().allMatch(key -> key.to().item().isPresent());
    }
    Distinct distinct = block.select().getDistinct();
    if (distinct == null) {
      return true;
    }
    Set<String> on =
        distinct.getOnSelectItems().stream()
            .map(item -> canonical(block.output(item.getExpression())))
            .collect(Collectors.toSet());
    List<String> order = block.order().stream().map(key -> canonical(key.to())).toList();
    Set<String> first = new HashSet<>(order.stream().takeWhile(on::contains).toList());
    return first.size() == on.size() || first.size() == new HashSet<>(order).size();
  }

  /** A text that is equal where the last query will have the same column. */
  private String canonical(Block.Reference to) {
    return to.item().isPresent()
        ? Integer.toString(to.item().getAsInt() + 1)
        : block.canonical(to.expression());
  }

  private void addGroup(Block.Reference group) {
    possible &= !(group.expression() instanceof LongValue);
    String column = add(part.print(group.expression()));
    groups.put(block.canonical(group.expression()), column);
    keys.add(column);
  }

  /** A column of the part; the same for the same text. */
  private String add(String text) {
    return partials.computeIfAbsent(text, this::append);
  }

  private String append(String text) {
    columns.add(text);
    return PartialRows.reference(columns.size());
  }

  private void rewriteGroups(List<Block.Reference> references) {
    List<Expression> elements = block.groupElements();
    for (int i = 0; i < elements.size(); i++) {
      Block.Reference group = references.get(i);
      if (aggregated) {
        String column = groups.get(block.canonical(group.expression()));
        last.replace(elements.get(i), Objects.requireNonNull(column));
      } else if (group.item().isPresent()) {
        last.replace(elements.get(i), Integer.toString(group.item().getAsInt() + 1));
      } else {
        rewrite(elements.get(i));
      }
    }
  }

  private void rewriteUpper() {
    PlainSelect select = block.select();
    if (select.getHaving() != null) {
      rewrite(select.getHaving());
    }
    if (select.getWindowDefinitions() != null) {
      select.getWindowDefinitions().forEach(this::rewrite);
    }
    Distinct distinct = select.getDistinct();
    if (distinct != null && distinct.getOnSelectItems() != null) {
      distinct.getOnSelectItems().forEach(item -> rewriteOutput(item.getExpression()));
    }
    if (select.getOrderByElements() != null) {
      select.getOrderByElements().forEach(element -> rewriteOutput(element.getExpression()));
    }
  }

  private void rewriteOutput(Expression expression) {
    Block.Reference to = block.output(expression);
    if (to.item().isPresent()) {
      last.replace(expression, Integer.toString(to.item().getAsInt() + 1));
    } else if (to.ofStar()) {
      last.replace(expression, add(block.print(to, part)));
    } else if (to.expression() == Block.bare(expression)) {
      rewrite(expression);
    } else { // an output column behind a star, whose position is not known
      last.replace(expression, last.print(to.expression()));
    }
  }

  /** Lets columns of the partial rows stand for what the shards have worked out. */
  private void rewrite(Object node) {
    // The rows of a subquery are not a value that a column could stand for.
    boolean compared =
        node instanceof AnyComparisonExpression
            || (node instanceof InExpression in && in.getRightExpression() instanceof Select);
    possible &= !compared && !(node instanceof AllTableColumns); // a row is not one value either
    boolean whole =
        node instanceof Expression expression
            && !(node instanceof ExpressionList)
            && (Moments.isOne(expression) || stands(expression));
    if (!whole) {
      Nodes.children(node).forEach(this::rewrite);
    }
  }

  /** Whether something stands for the expression as a whole. */
  private boolean stands(Expression expression) {
    if (aggregated) {
      String group = groups.get(block.canonical(expression));
      if (group != null) {
        last.replace(expression, group);
        return true;
      }
      if (Functions.isAggregate(expression)) {
        rewriteAggregate(AggregateCall.of(expression));
        return true;
      }
    }
    if (expression instanceof Column || isValueOfSubquery(expression)) {
      String text = part.print(expression);
      last.replace(expression, aggregated ? ofFirstRow(text) : add(text));
      return true;
    }
    return false;
  }

  /**
   * Something of the row of a group that came first. It is that row whose key PostgreSQL shows, so
   * that both are of the same of several equal keys. It is not for it to divide the group: it may
   * look otherwise on another shard, and its type may have no equality.
   */
  private String ofFirstRow(String text) {
    String column = others.computeIfAbsent(text, this::append);
    return "((array_agg(%s))[1]::shardwright_whole_%d)"
        .formatted(column, PartialRows.numberOf(column));
  }

  private static boolean isValueOfSubquery(Expression expression) {
    return expression instanceof ExistsExpression
        || expression instanceof ParenthesedSelect
        || (expression instanceof Function call && isArrayOfSubquery(call));
  }

  /** What else has a subquery among its arguments may have an aggregate beside it. */
  private static boolean isArrayOfSubquery(Function call) {
    return Functions.name(call).equals("array")
        && call.getParameters() != null
        && call.getParameters().size() == 1
        && call.getParameters().get(0) instanceof Select;
  }

  private void rewriteAggregate(AggregateCall call) {
    boolean ofKeys = call.arguments().stream().anyMatch(block::isKey);
    // Grouping sets put groups of the part together, and the same key may be in several of them.
    boolean apart = ofKeys && block.isPlainlyGrouped();
    // What is concatenated is in the order by which DISTINCT finds equal values.
    if (call.distinct() && (!apart || call.name().equals("string_agg"))) {
      rewriteDistinct(call);
      return;
    }
    countsKeys |= call.distinct();
    Optional<String> text = new Decomposition(part::print, this::add).of(call);
    text.ifPresent(whole -> last.replace(call.node(), whole));
    possible &= text.isPresent();
  }

  /** The values become keys of the part's groups, and the aggregate sees them in the last query. */
  private void rewriteDistinct(AggregateCall call) {
    List<Expression> values = new ArrayList<>(call.arguments());
    call.filter().ifPresent(values::add);
    Nodes.all(call.node(), OrderByElement.class, Block::isOfThisBlock)
        .forEach(key -> values.add(key.getExpression()));
    boolean constant = true;
    for (Expression value : values) {
      possible &= Nodes.all(value, AllTableColumns.class).isEmpty();
      boolean ofRows =
          !Nodes.all(value, Column.class).isEmpty() || !Nodes.all(value, Select.class).isEmpty();
      if (ofRows) {
        String column = add(part.print(value));
        dividesGroups |= keys.add(column);
        last.replace(value, column);
        constant = false;
      }
    }
    // A part without keys may have a row though there is none to aggregate.
    possible &= !constant || (block.select().getGroupBy() != null && block.isPlainlyGrouped());
  }

  /**
   * Whether everything outside of aggregates follows from the groups' keys by the text alone. Where
   * it follows from a primary key among them, only the shards can tell.
   */
  private boolean isCoveredByGroups(List<Block.Reference> references) {
    Set<String> texts =
        references.stream()
            .map(group -> block.canonical(group.expression()))
            .collect(Collectors.toSet());
    List<Object> outside = new ArrayList<>();
    block.items().forEach(item -> outside.add(item.getExpression()));
    Optional.ofNullable(block.select().getHaving()).ifPresent(outside::add);
    Optional.ofNullable(block.select().getWindowDefinitions()).ifPresent(outside::addAll);
    Stream.concat(block.order().stream().map(Block.Order::to), distinctOn())
        .filter(key -> key.item().isEmpty())
        .forEach(key -> outside.add(key.expression()));
    return outside.stream().allMatch(expression -> isCovered(expression, texts));
  }

  private Stream<Block.Reference> distinctOn() {
    Distinct distinct = block.select().getDistinct();
    return distinct == null || distinct.getOnSelectItems() == null
        ? Stream.of()
        : distinct.getOnSelectItems().stream().map(on -> block.output(on.getExpression()));
  }

  private boolean isCovered(Object node, Set<String> texts) {
    if (node instanceof Expression expression && !(node instanceof ExpressionList)) {
      if (Functions.isAggregate(expression)
          || Moments.isOne(expression)
          || texts.contains(block.canonical(expression))) {
        return true;
      }
      if (expression instanceof Column || expression instanceof Select) {
        return false;
      }
    }
    return Nodes.children(node).stream().allMatch(child -> isCovered(child, texts));
  }

  private Combine combine() {
    if (columns.isEmpty()) {
      columns.add("1");
    }
    int named = columns.size();
    String shards = part();
    String body = body();
    Set<Integer> late =
        others.values().stream().map(PartialRows::numberOf).collect(Collectors.toSet());
    List<Optional<String>> items =
        block.items().stream()
            .map(
                item ->
                    isStar(item)
                        ? Optional.<String>empty()
                        : Optional.of(last.print(item.getExpression())))
            .toList();
    Combine.Last finish =
        (types, labels, names) -> {
          if (!PartialRows.areReadable(types)) {
            return Optional.empty();
          }
          String text =
              PartialRows.with(shards, types, late)
                  + body.replace(
                      ITEMS, items(items, block.names(visible(labels, named), names), named));
          return Decomposition.typed(text, types).map(block.statement()::print);
        };
    return new Combine(block.statement().print(shards), finish);
  }

  /** The labels of the star's columns, with something in the places of the others. */
  private List<String> visible(List<String> labels, int named) {
    List<String> visible = new ArrayList<>();
    for (SelectItem<?> item : block.items()) {
      visible.addAll(isStar(item) ? labels.subList(named, labels.size()) : List.of(""));
    }
    return visible;
  }

  private static String items(List<Optional<String>> items, List<String> names, int named) {
    int starred = names.size() - (items.size() - 1);
    List<String> texts = new ArrayList<>();
    for (Optional<String> item : items) {
      if (item.isPresent()) {
        texts.add(item.get() + " as " + OutputNames.quoted(names.get(texts.size())));
      } else {
        for (int i = 1; i <= starred; i++) {
          texts.add(
              PartialRows.column(named + i) + " as " + OutputNames.quoted(names.get(texts.size())));
        }
      }
    }
    return String.join(", ", texts);
  }

  private String part() {
    PlainSelect select = part.of(block.select());
    List<SelectItem<?>> items = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      items.add(
          new SelectItem<>(
              new TreeCopy.Verbatim(columns.get(i)), new Alias(PartialRows.column(i + 1), true)));
    }
    select.getSelectItems().stream().filter(CombinePlan::isStar).forEach(items::add);
    select.setSelectItems(items);
    clearUpper(select);
    select.setGroupByElement(null);
    if (!keys.isEmpty()) {
      ExpressionList<Expression> ordinals = new ExpressionList<>();
      keys.forEach(column -> ordinals.add(new LongValue(PartialRows.numberOf(column))));
      select.setGroupByElement(new GroupByElement().withGroupByExpressions(ordinals));
    }
    return part.root().toString();
  }

  private static void clearUpper(PlainSelect select) {
    select.setDistinct(null);
    select.setHaving(null);
    select.setWindowDefinitions(null);
    select.setOrderByElements((List<OrderByElement>) null);
    select.setLimit((Limit) null);
    select.setOffset((Offset) null);
    select.setFetch((Fetch) null);
  }

  /** The block over the partial rows, but for the output columns, whose names are not known yet. */
  private String body() {
    PlainSelect select = last.of(block.select());
    select.setSelectItems(List.of(new SelectItem<>(new TreeCopy.Verbatim(ITEMS))));
    select.setFromItem(new TreeCopy.VerbatimTable(PartialRows.TABLE));
    select.setJoins(null);
    select.setWhere(null);
    select.setWithItemsList(null);
    return select.toString();
  }
}
