package dev.shardwright.router.internal.sql.write;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.functions.SpreadCheck;
import dev.shardwright.router.internal.sql.scan.Literal;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.arithmetic.Concat;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.Values;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;

/** Reads what a write to a reference table leaves to each shard. */
final class ReferenceWriteReader {
  private final ParsedStatement statement;
  private final IdentityHashMap<StringValue, String> columns = new IdentityHashMap<>();

  private ReferenceWriteReader(ParsedStatement statement) {
    this.statement = statement;
  }

  static ReferenceWrite read(ParsedStatement statement, TableName table) {
    Object tree = statement.tree();
    boolean saysDefault =
        Nodes.all(tree, Column.class).stream().anyMatch(ReferenceWriteReader::isDefault);
    Set<String> given =
        !saysDefault && tree instanceof Insert insert && insert.getColumns() != null
            ? insert.getColumns().stream().map(ReferenceWriteReader::name).collect(toImmutableSet())
            : Set.of();
    return new ReferenceWrite(
        table,
        tree instanceof Insert,
        tree instanceof Update || !Nodes.all(tree, UpdateSet.class).isEmpty(),
        saysDefault || tree instanceof Insert,
        given,
        new ReferenceWriteReader(statement).movingTexts());
  }

  private static boolean isDefault(Column column) {
    return column.getTable() == null && Ascii.equalsIgnoreCase(column.getColumnName(), "default");
  }

  private List<ReferenceWrite.MovingText> movingTexts() {
    Object tree = statement.tree();
    if (tree instanceof Insert insert
        && insert.getColumns() != null
        && insert.getSelect() instanceof Values values) {
      rows(insert.getColumns(), values.getExpressions());
    } else if (tree instanceof Insert insert
        && insert.getColumns() != null
        && insert.getSelect() instanceof PlainSelect select) {
      row(
          insert.getColumns(),
          select.getSelectItems().stream().map(SelectItem::getExpression).toList());
    }
    Nodes.all(tree, UpdateSet.class).forEach(set -> row(set.getColumns(), set.getValues()));
    if (tables() == 1) { // or a column might be another table's
      for (InExpression in : Nodes.all(tree, InExpression.class)) {
        if (in.getRightExpression() instanceof ExpressionList<?> values) {
          values.forEach(value -> pair(in.getLeftExpression(), value));
        }
      }
      for (ComparisonOperator comparison : Nodes.all(tree, ComparisonOperator.class)) {
        pair(comparison.getLeftExpression(), comparison.getRightExpression());
        pair(comparison.getRightExpression(), comparison.getLeftExpression());
      }
    }
    List<ReferenceWrite.MovingText> moving = new ArrayList<>();
    for (StringValue text : Nodes.all(tree, StringValue.class, this::mayGiveTime)) {
      String value = statement.literal(text).map(Literal::value).orElse("");
      if (SpreadCheck.isMoving(value)) {
        moving.add(new ReferenceWrite.MovingText(value, Optional.ofNullable(columns.get(text))));
      }
    }
    return moving;
  }

  /** Casts to times are refused anyway, and what others give is no time; nor are patterns. */
  private boolean mayGiveTime(Object node) {
    return !(node instanceof CastExpression
        || node instanceof LikeExpression
        || (node instanceof Concat joined && !mayBeArray(joined)));
  }

  /** What a text is appended to may be an array of times, where it looks like one. */
  private boolean mayBeArray(Concat joined) {
    return Nodes.all(joined, StringValue.class).stream()
        .anyMatch(text -> statement.literal(text).map(Literal::value).orElse("{").contains("{"));
  }

  /** Those that are named, apart from those that columns are said to be of. */
  private int tables() {
    Set<Object> ofColumns = Collections.newSetFromMap(new IdentityHashMap<>());
    Nodes.all(statement.tree(), Column.class).forEach(column -> ofColumns.add(column.getTable()));
    return (int)
        Nodes.all(statement.tree(), Table.class).stream()
            .filter(table -> !ofColumns.contains(table))
            .count();
  }

  /** The values of one row, or of several in brackets. */
  private void rows(List<Column> those, List<?> values) {
    row(those, values);
    for (Object value : values) {
      if (value instanceof ExpressionList<?> inBrackets) {
        row(those, inBrackets);
      }
    }
  }

  private void row(List<Column> those, List<?> values) {
    for (int i = 0; those.size() == values.size() && i < values.size(); i++) {
      pair(those.get(i), values.get(i));
    }
  }

  private void pair(Object column, Object value) {
    if (column instanceof Column named && value instanceof StringValue text) {
      columns.put(text, name(named));
    }
  }

  private static String name(Column column) {
    return Names.fold(column.getColumnName());
  }
}
