package dev.shardwright.router.internal.sql.plan;

import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.answer.SortKey;
import dev.shardwright.router.internal.sql.functions.Functions;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.ExtractExpression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.arithmetic.Concat;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.Distinct;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.SelectItem;

/**
 * Plans queries whose rows are those of the shards: a merge in the JVM, or by PostgreSQL where the
 * order is one that only PostgreSQL knows.
 */
final class RowsPlan {
  private static final ImmutableSet<String> NUMBERS =
      ImmutableSet.of("count", "sum", "avg", "length", "row_number", "rank", "dense_rank", "round");

  private static final ImmutableSet<String> PLAIN_TYPES =
      ImmutableSet.of(
          "int",
          "integer",
          "int2",
          "int4",
          "int8",
          "bigint",
          "smallint",
          "numeric",
          "date",
          "uuid");

  private final Block block;
  private final Optional<Cut> cut;
  private final TreeCopy copy;
  private final PlainSelect part;
  private final List<String> hidden = new ArrayList<>();
  private final List<OrderByElement> elements = new ArrayList<>();
  private final List<Key> keys = new ArrayList<>();
  private final boolean distinct;
  private final boolean withCollations;
  private boolean mergeable;

  /** A key of the order: columns of the shard's row, of which the hidden ones are below zero. */
  private record Key(int column, OptionalInt collation, boolean descending, boolean nullsFirst) {}

  private RowsPlan(Block block, boolean withCollations) {
    this.block = block;
    this.withCollations = withCollations;
    this.cut = CutClause.of(block.select());
    this.copy = block.part();
    this.part = copy.of(block.select());
    this.distinct = block.select().getDistinct() != null && !isDistinctByItself(block);
    this.mergeable = cut.isPresent() && !(distinct && block.hasStar());
  }

  /** The answers to a local block, the cheapest first; none if its rows are not the shards'. */
  static List<Answer> answers(Block block) {
    return isOfRows(block) ? new RowsPlan(block, true).plan() : List.of();
  }

  /**
   * Whether the rows of a local block are those of the shards. DISTINCT is found by an order of all
   * columns, in which there would be no ties.
   */
  static boolean isOfRows(Block block) {
    Distinct distinct = block.select().getDistinct();
    boolean distinctOn = distinct != null && distinct.getOnSelectItems() != null;
    return (!block.isGrouped() || isGroupedByKey(block))
        && block.hasLocalWindows()
        && !block.mayOwnAggregateOfSubquery()
        && (distinct == null
            || isDistinctByItself(block)
            || (!distinctOn && !CutClause.withTies(block.select())))
        && block.order().stream().noneMatch(key -> isUnjudged(block, key));
  }

  /** Whether they are, as they come: no rows of different shards are taken for one. */
  static boolean isOfAllRows(Block block) {
    return isOfRows(block) && (block.select().getDistinct() == null || isDistinctByItself(block));
  }

  private static boolean isGroupedByKey(Block block) {
    return block.isPlainlyGrouped()
        && block.hasKeyAmongGroups()
        && Nodes.all(block.select().getGroupBy(), JdbcParameter.class).isEmpty()
        && !Moments.isIn(block.select());
  }

  /** Whether rows that DISTINCT takes for equal are on one shard. */
  private static boolean isDistinctByItself(Block block) {
    List<SelectItem<?>> on = block.select().getDistinct().getOnSelectItems();
    return on == null
        ? block.hasKeyAmongItems()
        : on.stream().anyMatch(item -> block.isKey(block.output(item.getExpression())));
  }

  /**
   * Whether it is for the shards to say that DISTINCT, which has to, shows what it is ordered by:
   * behind a star, or written otherwise.
   */
  private static boolean isJudged(Block block, Block.Order key) {
    return block.isPlainlyDistinct() && !block.isAmongItems(key.to());
  }

  /** Whether the shards would not say so, as {@link #judged} cannot hide a set. */
  private static boolean isUnjudged(Block block, Block.Order key) {
    return isJudged(block, key) && Functions.givesRows(key.to().expression());
  }

  /** The same value, which PostgreSQL does not take for the same expression. */
  private static String judged(String text) {
    return "case when true then " + text + " end";
  }

  private List<Answer> plan() {
    String text = finishPart();
    SqlText shards = block.statement().print(text);
    List<Answer> answers = new ArrayList<>();
    if (mergeable) {
      answers.add(
          new MergeRows(
              shards, hidden.size(), sortKeys(), distinct, cut.orElseThrow(), withoutCollations()));
    }
    if (!mergeable || !keys.isEmpty()) {
      answers.add(new Combine(shards, last(text)));
    }
    return answers;
  }

  private Optional<MergeRows> withoutCollations() {
    if (keys.stream().allMatch(key -> key.collation().isEmpty())) {
      return Optional.empty();
    }
    RowsPlan plain = new RowsPlan(block, false);
    SqlText shards = block.statement().print(plain.finishPart());
    return Optional.of(
        new MergeRows(shards, plain.hidden.size(), plain.sortKeys(), distinct, cut.orElseThrow()));
  }

  /** What each shard runs, as the tree prints itself. */
  private String finishPart() {
    block.order().forEach(this::sortBy);
    if (distinct) {
      sortByTheOthers();
    }
    for (int i = 0; i < hidden.size(); i++) {
      part.addSelectItem(
          new TreeCopy.Verbatim(hidden.get(i)), new Alias("shardwright_" + (i + 1), true));
    }
    part.setOrderByElements(elements.isEmpty() ? null : elements);
    CutClause.push(cut.orElse(Cut.NONE), part);
    return copy.root().toString();
  }

  private void sortBy(Block.Order order) {
    OrderByElement element = copy.of(order.node());
    boolean judged = isJudged(block, order);
    int column;
    if (order.to().item().isPresent()) {
      column = order.to().item().getAsInt() + 1;
    } else {
      String text = block.print(order.to(), copy);
      column = hide(judged ? judged(text) : text);
    }
    boolean written =
        judged
            || order.node().getExpression() instanceof Column
            || isConstant(order.node().getExpression());
    if (!written) {
      element.setExpression(
          new TreeCopy.Verbatim(
              column > 0 ? Integer.toString(column) : "shardwright_" + hidden.size()));
    }
    elements.add(element);
    add(column, order.to(), order.descending(), order.nullsFirst());
  }

  /** A place, or what PostgreSQL takes for a mistake, and is to say so. */
  private static boolean isConstant(Expression expression) {
    return expression instanceof LongValue
        || expression instanceof StringValue
        || expression instanceof DoubleValue
        || expression instanceof NullValue
        || (expression instanceof SignedExpression signed && isConstant(signed.getExpression()));
  }

  /** DISTINCT finds equal rows as neighbours: all output columns are keys. */
  private void sortByTheOthers() {
    for (int i = 0; i < block.firstStar(); i++) {
      int column = i + 1;
      if (keys.stream().noneMatch(key -> key.column() == column)) {
        elements.add(
            new OrderByElement().withExpression(new TreeCopy.Verbatim(Integer.toString(column))));
        Expression expression = block.items().get(i).getExpression();
        add(column, new Block.Reference(OptionalInt.of(i), expression), false, false);
      }
    }
  }

  private void add(int column, Block.Reference to, boolean descending, boolean nullsFirst) {
    Expression expression = to.expression();
    OptionalInt collation = OptionalInt.empty();
    if (expression instanceof LongValue || Functions.givesRows(expression)) {
      mergeable = false; // a column behind a star, or one whose collation cannot be asked for
    } else if (withCollations && isCollationAskedFor(expression, block.isGrouped())) {
      collation = OptionalInt.of(hide(collation(block.print(to, copy), block.isGrouped())));
    }
    keys.add(new Key(column, collation, descending, nullsFirst));
  }

  /** A hidden column, by the number that it has among those: -1, -2 and so on. */
  private int hide(String text) {
    hidden.add(text);
    return -hidden.size();
  }

  /**
   * The collation of an expression, whatever its type: it is not evaluated, and as a subquery it is
   * looked up once for all rows. The clock makes it volatile, and what is volatile PostgreSQL puts
   * into the rows after it has sorted them, and so only into those that LIMIT leaves. In a grouped
   * block a subquery could not name what is grouped.
   */
  static String collation(String expression, boolean grouped) {
    String collation = "pg_collation_for(case when false then (" + expression + ")::text end)";
    return grouped
        ? collation
        : "case when clock_timestamp() is not null then (select " + collation + ") end";
  }

  /**
   * Whether a hidden column is to tell the collation of a key. It need not where the key is no
   * text, and cannot where it is grouped and has a parameter: one that is written twice is two to
   * PostgreSQL, and so would not be what is grouped. Such a key is merged unless it is text.
   */
  static boolean isCollationAskedFor(Expression key, boolean grouped) {
    return mayBeText(key) && !(grouped && !Nodes.all(key, JdbcParameter.class).isEmpty());
  }

  private static boolean mayBeText(Expression written) {
    Expression expression = Block.bare(written);
    if (expression instanceof CastExpression cast && cast.getColDataType() != null) {
      return !PLAIN_TYPES.contains(cast.getColDataType().getDataType().split(" ", 2)[0]);
    }
    if (expression instanceof Function call) {
      return !NUMBERS.contains(Functions.name(call));
    }
    boolean number =
        expression instanceof SignedExpression
            || expression instanceof ExtractExpression
            || (expression.getClass().getPackage().equals(Concat.class.getPackage())
                && !(expression instanceof Concat));
    return !number;
  }

  private List<SortKey> sortKeys() {
    return keys.stream()
        .map(
            key ->
                new SortKey(
                    fromEnd(key.column()),
                    key.descending(),
                    key.nullsFirst(),
                    key.collation().isPresent()
                        ? OptionalInt.of(fromEnd(key.collation().getAsInt()))
                        : OptionalInt.empty()))
        .toList();
  }

  /** The first hidden column is the farthest from the end. */
  private int fromEnd(int column) {
    return column > 0 ? column : -hidden.size() - 1 - column;
  }

  private Combine.Last last(String part) {
    TreeCopy bound = Moments.bound(block.statement());
    PlainSelect whole = bound.of(block.select());
    StringBuilder end = new StringBuilder();
    for (Object clause : new Object[] {whole.getLimit(), whole.getOffset(), whole.getFetch()}) {
      if (clause != null) {
        end.append(' ').append(clause);
      }
    }
    List<Key> order = List.copyOf(keys);
    return (types, labels, names) -> {
      if (!PartialRows.areReadable(types)) {
        return Optional.empty();
      }
      int visible = types.size() - hidden.size();
      List<String> named = block.names(labels.subList(0, visible), names);
      String columns =
          IntStream.range(0, visible)
              .mapToObj(i -> PartialRows.column(i + 1) + " as " + OutputNames.quoted(named.get(i)))
              .collect(Collectors.joining(", "));
      String text =
          PartialRows.with(part, types)
              + "select "
              + columns
              + " from "
              + PartialRows.TABLE
              + grouping(visible, order)
              + ordering(visible, order)
              + end;
      return Optional.of(block.statement().print(text));
    };
  }

  private String grouping(int visible, List<Key> order) {
    if (!distinct) {
      return "";
    }
    return IntStream.concat(
            IntStream.rangeClosed(1, visible),
            order.stream().mapToInt(Key::column).filter(column -> column < 0).map(c -> visible - c))
        .mapToObj(PartialRows::column)
        .collect(Collectors.joining(", ", " group by ", ""));
  }

  private static String ordering(int visible, List<Key> order) {
    return order.isEmpty()
        ? ""
        : order.stream()
            .map(
                key ->
                    PartialRows.reference(key.column() > 0 ? key.column() : visible - key.column())
                        + (key.descending() ? " desc" : "")
                        + (key.nullsFirst() ? " nulls first" : " nulls last"))
            .collect(Collectors.joining(", ", " order by ", ""));
  }
}
