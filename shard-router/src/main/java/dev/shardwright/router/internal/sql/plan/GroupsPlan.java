package dev.shardwright.router.internal.sql.plan;

import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.MergeGroups.Average;
import dev.shardwright.router.internal.sql.answer.MergeGroups.Fold;
import dev.shardwright.router.internal.sql.answer.SortKey;
import dev.shardwright.router.internal.sql.functions.AggregateCall;
import dev.shardwright.router.internal.sql.functions.Functions;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;

/** Plans grouped queries whose groups are merged in the JVM, column by column. */
final class GroupsPlan {
  private final Block block;
  private final Cut cut;
  private final List<Block.Reference> groups;
  private final TreeCopy copy;
  private final List<Fold> columns = new ArrayList<>();
  private final List<Average> averages = new ArrayList<>();
  private final List<String> hidden = new ArrayList<>();

  private GroupsPlan(Block block, Cut cut, List<Block.Reference> groups) {
    this.block = block;
    this.cut = cut;
    this.groups = groups;
    this.copy = block.part();
  }

  /** The answer to a local block, if it is that simple. */
  static Optional<MergeGroups> answer(Block block) {
    Optional<Cut> cut = CutClause.of(block.select());
    Optional<List<Block.Reference>> groups = block.groups();
    return cut.isPresent()
            && groups.isPresent()
            && groups.get().stream().noneMatch(GroupsPlan::isOfNoColumn)
            && isSimple(block)
            && !(cut.get().withTies() && block.order().isEmpty()) // as PostgreSQL is to say
        ? new GroupsPlan(block, cut.get(), groups.get()).plan()
        : Optional.empty();
  }

  private static boolean isSimple(Block block) {
    PlainSelect select = block.select();
    return block.isGrouped()
        && block.isPlainlyGrouped()
        && !block.hasStar()
        && !block.hasWindows()
        && select.getHaving() == null
        && select.getDistinct() == null
        && block.items().stream().noneMatch(item -> Functions.givesRows(item.getExpression()))
        && Nodes.all(select.getGroupBy(), JdbcParameter.class).isEmpty()
        && (select.getGroupBy() == null || !Moments.isIn(select.getGroupBy()));
  }

  private Optional<MergeGroups> plan() {
    for (SelectItem<?> item : block.items()) {
      Optional<Fold> fold = fold(Block.bare(item.getExpression()));
      if (fold.isEmpty()) {
        return Optional.empty();
      }
      columns.add(fold.get());
    }
    List<Key> order = new ArrayList<>();
    for (Block.Order key : block.order()) {
      Optional<Key> column = key(key);
      if (column.isEmpty()) {
        return Optional.empty();
      }
      order.add(column.get());
    }
    List<Key> sorted = groupKeys(order);
    boolean sortedByGroups = sorted.size() == groups.size() && sorted.containsAll(order);
    return Optional.of(merge(sorted, order, sortedByGroups));
  }

  private MergeGroups merge(List<Key> sorted, List<Key> order, boolean sortedByGroups) {
    PlainSelect part = copy.of(block.select());
    List<SortKey> groupKeys = sorted.stream().map(this::sortKey).toList();
    List<SortKey> orderKeys = order.stream().map(this::sortKey).toList();
    for (int i = 0; i < hidden.size(); i++) {
      part.addSelectItem(
          new TreeCopy.Verbatim(hidden.get(i)), new Alias("shardwright_" + (i + 1), true));
    }
    part.setOrderByElements(
        groupKeys.isEmpty() ? null : groupKeys.stream().map(GroupsPlan::element).toList());
    boolean pushed = sortedByGroups && !groups.isEmpty() && !cut.withTies();
    CutClause.push(pushed ? cut : Cut.NONE, part);
    return new MergeGroups(
        block.statement().print(copy.root().toString()),
        groupKeys,
        columns,
        averages,
        pushed || groups.isEmpty() ? List.of() : orderKeys,
        cut);
  }

  /** What becomes of a column; empty if that is not one of the simple things. */
  private Optional<Fold> fold(Expression expression) {
    if (Functions.isAggregate(expression)) {
      return fold(AggregateCall.of(expression));
    }
    return isOfGroup(expression) ? Optional.of(Fold.SAME) : Optional.empty();
  }

  /** Whether its value follows from the keys of the group. */
  private boolean isOfGroup(Expression expression) {
    List<String> keys = groups.stream().map(group -> block.canonical(group.expression())).toList();
    return keys.contains(block.canonical(expression))
        || (Nodes.all(expression, Select.class).isEmpty()
            && Nodes.all(expression, Expression.class).stream().noneMatch(Functions::isAggregate)
            && Nodes.all(expression, Column.class).stream()
                .allMatch(column -> keys.contains(block.canonical(column))));
  }

  private Optional<Fold> fold(AggregateCall call) {
    boolean distinct = call.distinct() && call.arguments().stream().noneMatch(block::isKey);
    return switch (call.name()) {
      case "count" -> distinct ? Optional.empty() : Optional.of(Fold.COUNT);
      case "sum" -> distinct ? Optional.empty() : Optional.of(Fold.SUM);
      case "avg" -> distinct ? Optional.empty() : Optional.of(average(call));
      case "min" -> Optional.of(Fold.MIN);
      case "max" -> Optional.of(Fold.MAX);
      case "bool_and", "every" -> Optional.of(Fold.BOOL_AND);
      case "bool_or" -> Optional.of(Fold.BOOL_OR);
      case "bit_and" -> Optional.of(Fold.BIT_AND);
      case "bit_or" -> Optional.of(Fold.BIT_OR);
      case "bit_xor" -> distinct ? Optional.empty() : Optional.of(Fold.BIT_XOR);
      default -> Optional.empty();
    };
  }

  /** The average of the next column. */
  private Fold average(AggregateCall call) {
    int visible = block.items().size();
    int sums = visible + hide(call.over("sum", copy::print));
    int counts = visible + hide(call.over("count", copy::print));
    averages.add(new Average(columns.size() + 1, sums, counts));
    return Fold.AVERAGE;
  }

  /** A key of an order: an output column, or a key of the groups. */
  private record Key(
      OptionalInt item, Expression expression, boolean descending, boolean nullsFirst) {
    boolean isOf(Key other, Block block) {
      return block.canonical(expression).equals(block.canonical(other.expression));
    }
  }

  private Optional<Key> key(Block.Order order) {
    Key key =
        new Key(order.to().item(), order.to().expression(), order.descending(), order.nullsFirst());
    boolean known = key.item().isPresent() || isGroup(key.expression());
    return known && !isOfNoColumn(order.to()) ? Optional.of(key) : Optional.empty();
  }

  /** Whether it is a place behind the last column, where the part may have a hidden one. */
  private static boolean isOfNoColumn(Block.Reference to) {
    return to.expression() instanceof LongValue;
  }

  private boolean isGroup(Expression expression) {
    return groups.stream()
        .anyMatch(group -> block.canonical(group.expression()).equals(block.canonical(expression)));
  }

  /** The groups' keys: first those that the answer is ordered by, in its order. */
  private List<Key> groupKeys(List<Key> order) {
    List<Key> keys = new ArrayList<>();
    order.stream()
        .takeWhile(key -> isGroup(key.expression()))
        .filter(key -> keys.stream().noneMatch(other -> other.isOf(key, block)))
        .forEach(keys::add);
    for (Block.Reference group : groups) {
      Key key = new Key(group.item(), group.expression(), false, false);
      if (keys.stream().noneMatch(other -> other.isOf(key, block))) {
        keys.add(key);
      }
    }
    return keys;
  }

  private SortKey sortKey(Key key) {
    String expression = copy.print(key.expression());
    int column =
        key.item().isPresent() ? key.item().getAsInt() + 1 : columns.size() + hide(expression);
    OptionalInt collation =
        RowsPlan.isCollationAskedFor(key.expression(), true)
            ? OptionalInt.of(columns.size() + hide(RowsPlan.collation(expression, true)))
            : OptionalInt.empty();
    return new SortKey(column, key.descending(), key.nullsFirst(), collation);
  }

  /** The number of a hidden column, from 1; the same expression has one only. */
  private int hide(String text) {
    if (!hidden.contains(text)) {
      hidden.add(text);
    }
    return hidden.indexOf(text) + 1;
  }

  private static OrderByElement element(SortKey key) {
    OrderByElement element =
        new OrderByElement()
            .withExpression(new TreeCopy.Verbatim(Integer.toString(key.column())))
            .withAsc(!key.descending());
    element.setNullOrdering(
        key.nullsFirst()
            ? OrderByElement.NullOrdering.NULLS_FIRST
            : OrderByElement.NullOrdering.NULLS_LAST);
    return element;
  }
}
