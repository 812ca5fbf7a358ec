package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Operand;
import dev.shardwright.router.internal.sql.keys.KeyColumn.Domain;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tables.Registrations;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.Expressions;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.Unsupported;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.RowConstructor;
import net.sf.jsqlparser.expression.WindowDefinition;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.statement.select.LateralSubSelect;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.Values;
import org.jspecify.annotations.Nullable;

/**
 * Reads the queries of a statement: which tables they name where, and how what is known of one key
 * column is known of others. Strict: what is not on the lists of what is understood is refused.
 */
final class QueryReader {
  /** The most blocks of a statement; one that is named in several places counts as often. */
  private static final int MAX_BLOCKS = 2_000;

  private final ConditionReader conditions;
  private final FromReader from;
  private final ParsedStatement statement;
  private final List<QueryBlock> blocks = new ArrayList<>();
  private final List<Use> uses = new ArrayList<>();
  private final Set<Use> inserted = new HashSet<>();
  private boolean locks;

  QueryReader(ParsedStatement statement, SearchPath path, Registrations registrations) {
    this.statement = statement;
    this.conditions = new ConditionReader(statement);
    this.from = new FromReader(this, statement, path, registrations);
  }

  /** All blocks read. */
  List<QueryBlock> blocks() {
    return blocks;
  }

  /** All places where a registered table is named. */
  List<Use> uses() {
    return uses;
  }

  /** Those that rows are inserted into. */
  Set<Use> inserted() {
    return inserted;
  }

  /** Whether one of the queries locks rows. */
  boolean locks() {
    return locks;
  }

  FromReader from() {
    return from;
  }

  ParsedStatement statement() {
    return statement;
  }

  /**
   * Reads a query.
   *
   * @param ctes the CTEs that it sees
   * @param outer where names are looked up that it does not have
   * @param parent the block within which it is worked out
   */
  Output query(Select select, Ctes ctes, @Nullable QueryBlock outer, @Nullable QueryBlock parent) {
    Unsupported.check(select);
    int first = blocks.size();
    WithReader with = new WithReader(this, outer, parent);
    Ctes all = with.read(select.getWithItemsList(), ctes);
    Output output = body(select, all, outer, parent);
    with.readTheRest();
    locks |= select.getForMode() != null || select.getForUpdate() != null;
    if (select instanceof PlainSelect || !isCut(select)) {
      return output;
    }
    blocks.subList(first, blocks.size()).forEach(QueryBlock::setChoosy);
    return output.whole();
  }

  private Output body(
      Select select, Ctes ctes, @Nullable QueryBlock outer, @Nullable QueryBlock parent) {
    if (select instanceof PlainSelect plain) {
      return block(plain, ctes, outer, parent);
    }
    readOrderAndCut(select, newBlock(null, null, parent, ctes));
    if (select.getClass() == ParenthesedSelect.class
        || select.getClass() == LateralSubSelect.class) {
      return query(((ParenthesedSelect) select).getSelect(), ctes, outer, parent);
    }
    if (select.getClass() == SetOperationList.class) {
      return new SetOperations(this).read((SetOperationList) select, ctes, outer, parent);
    }
    if (select.getClass() == Values.class) {
      return values((Values) select, ctes, outer, parent);
    }
    throw Expressions.notUnderstood(select);
  }

  QueryBlock newBlock(
      @Nullable PlainSelect select,
      @Nullable QueryBlock outer,
      @Nullable QueryBlock parent,
      Ctes ctes) {
    if (blocks.size() == MAX_BLOCKS) {
      throw new SqlRefused(
          Reason.NOT_UNDERSTOOD,
          "the statement has more than %s query blocks, counting a CTE as often as it is named"
              .formatted(MAX_BLOCKS));
    }
    QueryBlock block = new QueryBlock(select, outer, parent, ctes);
    blocks.add(block);
    return block;
  }

  private Output block(
      PlainSelect select, Ctes ctes, @Nullable QueryBlock outer, @Nullable QueryBlock parent) {
    QueryBlock block = newBlock(select, outer, parent, ctes);
    Optional<JoinTree> tree =
        select.getFromItem() == null
            ? Optional.empty()
            : Optional.of(from.read(select.getFromItem(), select.getJoins(), block));
    for (SelectItem<?> item : select.getSelectItems()) {
      expression(item.getExpression(), block);
    }
    if (select.getDistinct() != null && select.getDistinct().getOnSelectItems() != null) {
      select.getDistinct().getOnSelectItems().forEach(on -> expression(on.getExpression(), block));
    }
    readGrouping(select, block);
    expression(select.getHaving(), block);
    if (select.getWindowDefinitions() != null) {
      for (WindowDefinition window : select.getWindowDefinitions()) {
        Expressions.window(window).forEach(part -> expression(part, block));
      }
    }
    readOrderAndCut(select, block);
    tree.ifPresent(joined -> conditions(joined, select.getWhere(), block));
    if (tree.isEmpty()) {
      expression(select.getWhere(), block);
    }
    return new BlockOutput(block, select, statement).read(parent != null);
  }

  /** Reads a WHERE over a FROM whose items have been read. */
  void conditions(JoinTree tree, @Nullable Expression where, QueryBlock block) {
    expression(where, block);
    new JoinConditions(block, conditions).learn(tree, Expressions.conjuncts(where));
    block
        .memberships()
        .forEach(each -> block.seeing(each.visible(), () -> membership(each.in(), block)));
  }

  private void readGrouping(PlainSelect select, QueryBlock block) {
    if (select.getGroupBy() != null) {
      expression(select.getGroupBy().getGroupByExpressionList(), block);
      for (ExpressionList<?> set : select.getGroupBy().getGroupingSets()) {
        expression(set, block);
      }
    }
  }

  private void readOrderAndCut(Select select, QueryBlock block) {
    if (select instanceof PlainSelect) {
      Expressions.order(select.getOrderByElements()).forEach(part -> expression(part, block));
    } else {
      block.setObscure(); // what it names are columns of the result
      Expressions.order(select.getOrderByElements()).forEach(part -> expression(part, block));
    }
    if (select.getLimit() != null) {
      expression(select.getLimit().getRowCount(), block);
      expression(select.getLimit().getOffset(), block);
    }
    if (select.getOffset() != null) {
      expression(select.getOffset().getOffset(), block);
    }
    if (select.getFetch() != null) {
      expression(select.getFetch().getExpression(), block);
    }
  }

  /** Reads the queries within an expression. */
  void expression(@Nullable Expression expression, QueryBlock block) {
    Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Expression part : Expressions.all(expression)) {
      if (part instanceof Select select) {
        int first = blocks.size();
        block.subqueries().put(select, query(select, block.ctes(), block, block));
        if (arrays.contains(select) && !isInOrder(select)) {
          blocks.subList(first, blocks.size()).forEach(QueryBlock::setChoosy);
        }
      } else if (part instanceof Function call && isArray(call)) {
        arrays.addAll(call.getParameters());
      } else if (part instanceof InExpression in && in.getRightExpression() instanceof Select) {
        block.addMembership(in);
      }
    }
  }

  /** {@code array(select …)}, whose elements come in the order of the rows. */
  private static boolean isArray(Function call) {
    return call.getParameters() != null && "array".equalsIgnoreCase(call.getName());
  }

  /** Whether a query of one column is ordered by that: then its rows differ in nothing else. */
  private static boolean isInOrder(Select query) {
    if (query.getClass() == ParenthesedSelect.class && query.getOrderByElements() == null) {
      return isInOrder(((ParenthesedSelect) query).getSelect());
    }
    if (!(query instanceof PlainSelect select)
        || select.getOrderByElements() == null
        || select.getSelectItems().size() != 1) {
      return false;
    }
    String column = Expressions.bare(select.getSelectItem(0).getExpression()).toString();
    String order = Expressions.bare(select.getOrderByElements().get(0).getExpression()).toString();
    return order.equals(column) || order.equals("1");
  }

  /**
   * Wherever {@code key in (select …)} stands, its value depends on rows of that key only, if there
   * is no NULL among either.
   */
  private void membership(InExpression in, QueryBlock block) {
    Select select = (Select) in.getRightExpression();
    List<Expression> members = ConditionReader.members(in.getLeftExpression());
    for (int i = 0; i < members.size(); i++) {
      KeyColumn mine = ConditionReader.column(members.get(i), block);
      KeyColumn theirs = mine == null ? null : block.compared(select, i, mine, true);
      // Whether an outer join may put NULLs into a block around is not known yet.
      if (mine != null
          && theirs != null
          && mine.source().block().equals(block)
          && isNeverNull(mine)
          && isNeverNull(theirs)) {
        mine.flowTo(theirs);
      }
    }
  }

  static boolean isNeverNull(KeyColumn column) {
    return column.ofRows() && !column.nullable();
  }

  private Output values(
      Values values, Ctes ctes, @Nullable QueryBlock outer, @Nullable QueryBlock parent) {
    QueryBlock block = newBlock(null, outer, parent, ctes);
    List<List<Expression>> rows = rows(values);
    rows.forEach(row -> row.forEach(part -> expression(part, block)));
    int width = rows.get(0).size();
    List<Output.Shown> shown = new ArrayList<>();
    Source source = new Source(block, null, null, null);
    for (int i = 0; i < width; i++) {
      List<Operand> operands = new ArrayList<>();
      for (List<Expression> row : rows) {
        if (i < row.size()) {
          Operand.of(row.get(i), statement).filter(Operand::isSingle).ifPresent(operands::add);
        }
      }
      KeyColumn column =
          parent != null && operands.size() == rows.size()
              ? constant(source, operands, new KeyTest.In(operands))
              : null;
      shown.add(new Output.Shown("column" + (i + 1), column, true));
    }
    return new Output(shown, width, false, List.of());
  }

  /** The rows of VALUES, of which a single one is not a list of lists in the tree. */
  static List<List<Expression>> rows(Values values) {
    ExpressionList<?> expressions = values.getExpressions();
    boolean single =
        expressions.getClass() == ParenthesedExpressionList.class
            || expressions.getClass() == RowConstructor.class;
    if (single) {
      return List.of(new ArrayList<>(expressions));
    }
    List<List<Expression>> rows = new ArrayList<>();
    for (Expression row : expressions) {
      if (row.getClass() != ParenthesedExpressionList.class) {
        throw Expressions.notUnderstood(values);
      }
      rows.add(new ArrayList<>((ExpressionList<?>) row));
    }
    return rows;
  }

  static KeyColumn constant(Source source, List<Operand> values, KeyTest test) {
    boolean given = values.stream().anyMatch(Operand::isOfAnyType);
    KeyColumn column =
        new KeyColumn(given ? Domain.GIVEN : Domain.CONSTANT, source, List.of(), false);
    column.define(new Condition.Of(column, test));
    return column;
  }

  static boolean isCut(Select select) {
    return select.getLimit() != null || select.getOffset() != null || select.getFetch() != null;
  }
}
