package dev.shardwright.router.internal.scatter.merging;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.router.internal.merge.RowMerge;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.scatter.part.PartStatement;
import dev.shardwright.router.internal.scatter.query.QueryContext;
import dev.shardwright.router.internal.scatter.result.MergedParts;
import dev.shardwright.router.internal.scatter.result.MergedRows;
import dev.shardwright.router.internal.scatter.rows.ByteOrder;
import dev.shardwright.router.internal.scatter.rows.DriverCursor;
import dev.shardwright.router.internal.scatter.rows.KeyColumn;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.RowShape;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.SortKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseStatement;

/** Answers a query by folding the groups of the shards. */
public final class GroupMerging {
  private final QueryContext context;
  private final MergeGroups answer;

  public GroupMerging(QueryContext context, MergeGroups answer) {
    this.context = context;
    this.answer = answer;
  }

  /** The answer; empty if Java cannot order or fold the values as PostgreSQL does. */
  public Optional<MergedRows> rows() throws SQLException {
    RowWindow window = Windows.of(answer.cut(), context.query().parameters());
    PartStatement statement = context.part(answer.part());
    boolean ofText =
        Stream.concat(answer.groups().stream(), answer.order().stream())
            .anyMatch(key -> key.collation().isPresent());
    List<PartRows> parts =
        ofText
            ? context.openInOrderOfText(statement, RowWindow.ALL, /* text= */ true)
            : context.open(statement, RowWindow.ALL, /* text= */ true);
    boolean merged = false;
    try {
      Optional<MergedRows> rows = merged(parts, statement, window);
      merged = rows.isPresent();
      return rows;
    } finally {
      if (!merged) {
        parts.forEach(PartRows::close);
      }
    }
  }

  private Optional<MergedRows> merged(
      List<PartRows> parts, PartStatement statement, RowWindow window) throws SQLException {
    RowShape shape = parts.get(0).shape();
    Optional<List<GroupColumn>> columns = columns(shape);
    Optional<OrderedParts> ordered = OrderedParts.of(parts, answer.groups(), byteOrder());
    if (columns.isEmpty() || ordered.isEmpty()) {
      return Optional.empty();
    }
    Comparator<@Nullable Object[]> byGroup = KeyOrder.ofRows(ordered.get().order());
    RowMerge<PartRows, SQLException> merge =
        new RowMerge<>(parts, byGroup, /* distinct= */ false, RowWindow.WHOLE);
    BaseStatement driver = parts.get(0).statement().unwrap(BaseStatement.class);
    GroupCursor groups =
        new GroupCursor(merge, byGroup, columns.get(), answer.averages(), shape, driver);
    return inOrder(groups, parts, window)
        .map(
            rows ->
                new MergedParts(
                    parts, rows, answer.columns().size(), context.describer(statement)));
  }

  private Optional<List<GroupColumn>> columns(RowShape shape) {
    List<GroupColumn> columns = new ArrayList<>();
    for (int column = 1; column <= shape.size(); column++) {
      Optional<GroupColumn> folding =
          GroupColumn.of(column, shape.type(column), answer.fold(column));
      if (folding.isEmpty()) {
        return Optional.empty();
      }
      columns.add(folding.get());
    }
    return Optional.of(columns);
  }

  private Optional<RowMerge<? extends DriverCursor, SQLException>> inOrder(
      GroupCursor groups, List<PartRows> parts, RowWindow window) throws SQLException {
    if (answer.order().isEmpty()) {
      return Optional.of(
          new RowMerge<>(
              List.of(groups), KeyOrder.ofRows(List.of()), /* distinct= */ false, window));
    }
    List<KeyColumn> columns = new ArrayList<>();
    List<KeyOrder> orders = new ArrayList<>();
    for (SortKey key : answer.order()) {
      Optional<KeyColumn> column = KeyColumn.of(key, parts.get(0).shape());
      if (column.isEmpty() || !OrderedParts.hasKnownOrder(column.get(), key, parts, byteOrder())) {
        return Optional.empty();
      }
      columns.add(column.get());
      orders.add(column.get().directed(key));
    }
    Comparator<@Nullable Object[]> order = KeyOrder.ofRows(orders);
    SortedRows sorted = SortedRows.of(groups, columns, order, context.limits());
    return Optional.of(new RowMerge<>(List.of(sorted), order, /* distinct= */ false, window));
  }

  private ByteOrder byteOrder() {
    return context.resources().byteOrder();
  }
}
