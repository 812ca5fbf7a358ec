package dev.shardwright.router.internal.sql.tree;

import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.update.Update;

/** What stands in the FROMs of a tree. */
public final class FromItems {
  private FromItems() {}

  /** In no order; tables and subqueries alike. */
  public static List<FromItem> below(Object root) {
    List<FromItem> items = new ArrayList<>();
    Nodes.all(root, Object.class).forEach(place -> add(place, items));
    return items;
  }

  /** Those of one query block, without those of the queries within it. */
  public static List<FromItem> of(PlainSelect block) {
    List<FromItem> items = new ArrayList<>();
    Nodes.all(block, Object.class, node -> node == block || !(node instanceof Select)).stream()
        .filter(node -> node == block || !(node instanceof Select))
        .forEach(place -> add(place, items));
    return items;
  }

  /** Adds what stands in the FROM, or in the USING of a DELETE, of a node. */
  private static void add(Object node, List<FromItem> items) {
    if (node instanceof PlainSelect select && select.getFromItem() != null) {
      items.add(select.getFromItem());
    } else if (node instanceof Join join) {
      items.add(join.getFromItem());
    } else if (node instanceof ParenthesedFromItem item) {
      items.add(item.getFromItem());
    } else if (node instanceof Update update && update.getFromItem() != null) {
      items.add(update.getFromItem());
    } else if (node instanceof Delete delete && delete.getUsingFromItemList() != null) {
      items.addAll(delete.getUsingFromItemList());
    }
  }
}
