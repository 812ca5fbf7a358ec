package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.router.internal.merge.RowMerge;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers a query by a last query on one shard over the partial results of all. */
final class Combining {
  private final QueryContext context;
  private final Combine answer;

  Combining(QueryContext context, Combine answer) {
    this.context = context;
    this.answer = answer;
  }

  /** The answer; empty if partial results of their types do not give it exactly. */
  Optional<MergedRows> rows() throws SQLException {
    List<String> names = names(); // before the parts, which may hold all connections that there are
    List<PartRows> parts =
        context.open(context.part(answer.part()), RowWindow.ALL, /* text= */ true);
    Optional<SqlText> last;
    PartialRows partials;
    try {
      RowShape shape = parts.get(0).shape();
      last = answer.last().over(shape.types(), names);
      if (last.isEmpty()) {
        return Optional.empty();
      }
      partials = read(parts, shape.size());
    } finally {
      parts.forEach(PartRows::close);
    }
    PartStatement statement = context.statement(last.get(), partials);
    return Optional.of(only(context.openOnOne(statement), context.describer(statement)));
  }

  /** The rows of one shard as the answer. */
  static MergedRows only(PartRows rows, Describer describer) {
    List<PartRows> parts = List.of(rows);
    RowMerge<PartRows, SQLException> merge =
        new RowMerge<>(parts, KeyOrder.ofRows(List.of()), /* distinct= */ false, RowWindow.WHOLE);
    return new MergedParts(parts, merge, rows.shape().size(), describer);
  }

  private PartialRows read(List<PartRows> parts, int columns) throws SQLException {
    Limits limits = context.limits();
    PartialRows partials = new PartialRows(columns);
    for (PartRows part : parts) {
      while (part.next()) {
        String[] row = PartialRows.read(part.rows(), columns);
        limits.add(row);
        partials.add(row);
      }
    }
    return partials;
  }

  /** The names of the answer's columns, which a shard tells for the query as it was written. */
  private List<String> names() throws SQLException {
    List<String> known = context.experience().names();
    if (!known.isEmpty()) {
      return known;
    }
    PartStatement whole = context.statement(context.query().analysis().text());
    List<String> names = context.describer(whole).describe(Combining::labels);
    context.experience().named(names);
    return names;
  }

  private static List<String> labels(ResultSetMetaData data) throws SQLException {
    List<String> labels = new ArrayList<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      labels.add(data.getColumnLabel(i));
    }
    return labels;
  }
}
