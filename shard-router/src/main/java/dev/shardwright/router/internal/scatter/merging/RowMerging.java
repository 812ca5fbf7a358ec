package dev.shardwright.router.internal.scatter.merging;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.router.internal.merge.RowMerge;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.scatter.part.PartStatement;
import dev.shardwright.router.internal.scatter.query.QueryContext;
import dev.shardwright.router.internal.scatter.result.MergedParts;
import dev.shardwright.router.internal.scatter.result.MergedRows;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Answers a query by interleaving the rows of the shards. */
public final class RowMerging {
  private final QueryContext context;
  private final MergeRows answer;

  public RowMerging(QueryContext context, MergeRows answer) {
    this.context = context;
    this.answer = answer;
  }

  /** The answer; empty if Java cannot order the values as PostgreSQL does. */
  public Optional<MergedRows> rows() throws SQLException {
    if (context.experience().isWithoutText() && answer.withoutCollations().isPresent()) {
      MergeRows plain = answer.withoutCollations().get();
      Optional<MergedRows> rows = rows(plain, context.partWithoutCollations(plain.part()));
      if (rows.isPresent()) {
        return rows;
      }
      // A column has become text since.
    }
    return rows(answer, context.part(answer.part()));
  }

  private Optional<MergedRows> rows(MergeRows merging, PartStatement statement)
      throws SQLException {
    RowWindow window = Windows.of(merging.cut(), context.query().parameters());
    boolean ofText = merging.order().stream().anyMatch(key -> key.collation().isPresent());
    List<PartRows> parts =
        ofText
            ? context.openInOrderOfText(statement, window.reach(), /* text= */ false)
            : context.open(statement, window.reach(), /* text= */ false);
    boolean merged = false;
    try {
      Optional<OrderedParts> ordered =
          OrderedParts.of(parts, merging.order(), context.resources().byteOrder());
      merged = ordered.isPresent();
      if (answer.withoutCollations().isPresent()) {
        context.experience().withoutText(ordered.map(OrderedParts::isWithoutText).orElse(false));
      }
      return ordered.map(found -> merged(merging, found, statement, window));
    } finally {
      if (!merged) {
        parts.forEach(PartRows::close);
      }
    }
  }

  private MergedRows merged(
      MergeRows merging, OrderedParts ordered, PartStatement statement, RowWindow window) {
    RowMerge<PartRows, SQLException> merge =
        new RowMerge<>(
            ordered.parts(), KeyOrder.ofRows(ordered.order()), merging.distinct(), window);
    int columns = ordered.parts().get(0).shape().size() - merging.hidden();
    return new MergedParts(ordered.parts(), merge, columns, context.describer(statement));
  }
}
