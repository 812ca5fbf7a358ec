package dev.shardwright.router.internal.sql.plan;

import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.answer.SortKey;
import dev.shardwright.router.internal.sql.answer.TokenFilter;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.UnionOp;

/**
 * Plans UNION ALL of blocks whose rows are those of the shards: then its rows are too. Equal rows
 * of the other set operations could be on different shards.
 */
final class UnionPlan {
  private UnionPlan() {}

  /**
   * A merge of the shards' rows. It fits unless the order turns out to be one of text, whose
   * collation cannot be asked for here.
   */
  static Optional<MergeRows> answer(
      ParsedStatement statement, SetOperationList union, Locality locality, TokenFilter filter) {
    Optional<Cut> cut = CutClause.of(union);
    List<Block> blocks = new ArrayList<>();
    for (Select each : union.getSelects()) {
      block(each)
          .filter(locality::isLocal)
          .map(select -> new Block(statement, locality, select, filter))
          .filter(RowsPlan::isOfAllRows)
          .ifPresent(blocks::add);
    }
    boolean ofRows = isAll(union) && blocks.size() == union.getSelects().size();
    Optional<List<SortKey>> order = ofRows ? order(union, blocks.get(0)) : Optional.empty();
    if (cut.isEmpty() || order.isEmpty()) {
      return Optional.empty();
    }
    TreeCopy copy = blocks.get(0).part();
    CutClause.push(cut.get(), copy.of(union));
    return Optional.of(
        new MergeRows(statement.print(copy.root().toString()), 0, order.get(), false, cut.get()));
  }

  private static boolean isAll(SetOperationList union) {
    return union.getOperations().stream()
        .allMatch(operation -> operation instanceof UnionOp with && with.isAll());
  }

  /** A block that takes part with all of its rows. */
  private static Optional<PlainSelect> block(Select written) {
    boolean whole =
        written.getOrderByElements() == null
            && written.getLimit() == null
            && written.getOffset() == null
            && written.getFetch() == null
            && written.getWithItemsList() == null;
    if (whole && written instanceof ParenthesedSelect brackets) {
      return block(brackets.getSelect());
    }
    return whole && written instanceof PlainSelect select ? Optional.of(select) : Optional.empty();
  }

  /** ORDER BY names columns of the first block, or their places; empty if it cannot be told. */
  private static Optional<List<SortKey>> order(SetOperationList union, Block first) {
    List<SortKey> keys = new ArrayList<>();
    List<OrderByElement> elements = union.getOrderByElements();
    for (OrderByElement element : elements == null ? List.<OrderByElement>of() : elements) {
      Block.Order key = first.order(element);
      OptionalInt item = key.to().item();
      if (item.isEmpty() || key.to().expression() instanceof LongValue) {
        return Optional.empty();
      }
      keys.add(
          new SortKey(
              item.getAsInt() + 1, key.descending(), key.nullsFirst(), OptionalInt.empty()));
    }
    return Optional.of(keys);
  }
}
