package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.tree.Unsupported;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sf.jsqlparser.statement.select.ExceptOp;
import net.sf.jsqlparser.statement.select.IntersectOp;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SetOperation;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.UnionOp;
import org.jspecify.annotations.Nullable;

/** Reads UNION, INTERSECT and EXCEPT, and the recursive CTEs that are made of them. */
final class SetOperations {
  private final QueryReader queries;

  SetOperations(QueryReader queries) {
    this.queries = queries;
  }

  Output read(
      SetOperationList list, Ctes ctes, @Nullable QueryBlock outer, @Nullable QueryBlock parent) {
    check(list);
    List<Output> outputs = new ArrayList<>();
    for (Select each : list.getSelects()) {
      outputs.add(queries.query(each, ctes, outer, parent));
    }
    return together(list, outputs, parent);
  }

  private static void check(SetOperationList list) {
    for (SetOperation operation : list.getOperations()) {
      boolean known =
          operation.getClass() == UnionOp.class
              || operation.getClass() == IntersectOp.class
              || operation.getClass() == ExceptOp.class;
      Unsupported.refuse(list, !known);
    }
    Unsupported.refuse(list, list.getSampleClause() != null);
  }

  private static Output together(
      SetOperationList list, List<Output> outputs, @Nullable QueryBlock parent) {
    int known = outputs.stream().mapToInt(Output::known).min().orElse(0);
    if (parent == null) {
      return Output.UNKNOWN;
    }
    Source source = new Source(parent, null, null, null);
    Map<String, KeyColumn> columns = new HashMap<>();
    List<Output.Shown> shown = new ArrayList<>();
    for (int i = 0; i < known; i++) {
      List<Output.Shown> parts = new ArrayList<>();
      for (Output output : outputs) {
        parts.add(output.columns().get(i));
      }
      KeyColumn column = column(list, parts, source);
      if (column != null) {
        columns.put(String.valueOf(i), column);
      }
      shown.add(new Output.Shown(parts.get(0).name(), column, true));
    }
    FromReader.pairRegions(columns);
    boolean open = outputs.stream().anyMatch(Output::open);
    return new Output(shown, known, open, List.of());
  }

  /**
   * The column whose values are those of a column of each part. All of them have to be keys: one
   * that is not may say how all are compared, as another type or by another collation. So may one
   * constant of several.
   */
  private static @Nullable KeyColumn column(
      SetOperationList list, List<Output.Shown> parts, Source source) {
    List<KeyColumn> inner = new ArrayList<>();
    for (Output.Shown part : parts) {
      KeyColumn column = part.column();
      if (column != null
          && !column.domain().isConstant()
          && column.domain().equals(domain(parts))) {
        inner.add(column);
      } else {
        return null;
      }
    }
    boolean ofRows =
        isUnion(list) ? inner.stream().allMatch(KeyColumn::ofRows) : inner.get(0).ofRows();
    // NULL is equal to NULL there, and rows left out of an outer join make NULLs.
    boolean keysTell = inner.stream().anyMatch(QueryReader::isNeverNull);
    if (!isUnion(list) && keysTell) {
      // What the second part has beyond the first makes no difference.
      if (parts.get(1).filters()) {
        inner.get(0).flowTo(inner.get(1));
      }
      if (list.getOperations().get(0) instanceof IntersectOp && parts.get(0).filters()) {
        inner.get(1).flowTo(inner.get(0));
      }
    }
    KeyColumn column = new KeyColumn(inner.get(0).domain(), source, inner, ofRows);
    column.learn(Condition.or(inner.stream().map(each -> each.known(column)).toList()));
    for (Output.Shown part : parts) {
      if (part.column() != null && inner.contains(part.column()) && part.filters()) {
        column.flowTo(part.column());
      }
    }
    return column;
  }

  private static KeyColumn.@Nullable Domain domain(List<Output.Shown> parts) {
    KeyColumn first = parts.get(0).column();
    return first == null ? null : first.domain();
  }

  /**
   * Whether rows of all parts may be rows of the whole. Of two parts with EXCEPT or INTERSECT all
   * are the first's; longer lists are not told apart.
   */
  private static boolean isUnion(SetOperationList list) {
    return list.getSelects().size() != 2 || list.getOperations().get(0) instanceof UnionOp;
  }

  /**
   * Reads a CTE of a recursive WITH. A column that each round hands on as it is has, in all rows,
   * only values that the first round brought; and rows of one such value come from rows of that
   * value.
   */
  Output recursive(Cte.Query cte, @Nullable QueryBlock parent) {
    Select body = cte.body;
    while (body.getClass() == ParenthesedSelect.class
        && !QueryReader.isCut(body)
        && body.getWithItemsList() == null) {
      Unsupported.check(body);
      body = ((ParenthesedSelect) body).getSelect();
    }
    if (!(body instanceof SetOperationList list)
        || list.getSelects().size() != 2
        || list.getWithItemsList() != null
        || QueryReader.isCut(list)) {
      return queries.query(cte.body, cte.ctes, cte.outer, parent);
    }
    Unsupported.check(list);
    check(list);
    Output base =
        queries.query(list.getSelect(0), cte.ctes, cte.outer, parent).renamed(cte.columns);
    Cte.Itself itself = new Cte.Itself(cte.name(), base);
    int ofBase = queries.blocks().size();
    Output next = queries.query(list.getSelect(1), cte.ctes.with(itself), cte.outer, parent);
    List<QueryBlock> ofRounds = queries.blocks().subList(ofBase, queries.blocks().size());
    // What is chosen there, or added up, is of rows that other blocks have brought.
    if (ofRounds.stream().anyMatch(QueryBlock::isChoosy)) {
      queries.blocks().forEach(QueryBlock::setChoosy);
    }
    if (ofRounds.stream().anyMatch(QueryBlock::isRounding)) {
      queries.blocks().forEach(QueryBlock::setRounding);
    }
    Source round = itself.source;
    if (round == null || parent == null) {
      return together(list, List.of(base, next), parent);
    }
    Source source = new Source(parent, null, null, null);
    Map<String, KeyColumn> columns = new HashMap<>();
    List<Output.Shown> shown = new ArrayList<>();
    // Under names that are given to it in the round, fewer of its columns may be known.
    int known = Math.min(itself.shown.known(), Math.min(base.known(), next.known()));
    for (int i = 0; i < known; i++) {
      Output.Shown first = base.columns().get(i);
      String name = itself.shown.columns().get(i).name();
      KeyColumn before = name == null ? null : round.column(name);
      KeyColumn column = handedOn(first, before, next.columns().get(i), source);
      if (column != null) {
        columns.put(String.valueOf(i), column);
      }
      shown.add(new Output.Shown(first.name(), column, true));
    }
    FromReader.pairRegions(columns);
    return new Output(shown, shown.size(), base.open() || next.open(), List.of());
  }

  private static @Nullable KeyColumn handedOn(
      Output.Shown first, @Nullable KeyColumn before, Output.Shown next, Source source) {
    KeyColumn begin = first.column();
    KeyColumn after = next.column();
    if (begin == null
        || before == null
        || after == null
        || after.nullable()
        || !first.filters()
        || !next.filters()
        || !before.reached().contains(after)
        || !after.reached().contains(before)) { // as where a query between them is cut
      return null;
    }
    KeyColumn column = new KeyColumn(begin.domain(), source, List.of(begin), begin.ofRows());
    column.define(begin.known(column));
    begin.flowTo(before);
    column.flowTo(begin);
    column.flowTo(before);
    return column;
  }
}
