package dev.shardwright.router.internal.scatter.finishing;

import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.scatter.fanout.Limits;
import dev.shardwright.router.internal.scatter.part.PartStatement;
import dev.shardwright.router.internal.scatter.query.QueryContext;
import dev.shardwright.router.internal.scatter.result.MergedParts;
import dev.shardwright.router.internal.scatter.result.MergedRows;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.PartialRows;
import dev.shardwright.router.internal.scatter.rows.RowShape;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers a query by a last query on one shard over the partial results of all. */
public final class Combining {
  private final QueryContext context;
  private final Combine answer;

  public Combining(QueryContext context, Combine answer) {
    this.context = context;
    this.answer = answer;
  }

  /** The answer; empty if partial results of their types do not give it exactly. */
  public Optional<MergedRows> rows() throws SQLException {
    List<String> names = names(); // before the parts, which may hold all connections that there are
    List<PartRows> parts =
        context.open(context.part(answer.part()), RowWindow.ALL, /* text= */ true);
    Optional<SqlText> last;
    PartialRows partials;
    try {
      RowShape shape = parts.get(0).shape();
      last = answer.last().over(shape.types(), shape.labels(), names);
      if (last.isEmpty()) {
        return Optional.empty();
      }
      partials = read(parts, shape.size());
    } finally {
      parts.forEach(PartRows::close);
    }
    PartStatement statement = context.statement(last.get(), partials);
    return Optional.of(
        MergedParts.ofOne(context.openOnOne(statement), context.describer(statement)));
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
  private List<String> names() {
    List<String> known = context.experience().names();
    if (!known.isEmpty()) {
      return known;
    }
    PartStatement whole = context.statement(context.query().analysis().text());
    List<String> names =
        context.onAny(shard -> context.ask(shard, driver -> labels(whole, driver)), found -> {});
    context.experience().named(names);
    return names;
  }

  private static List<String> labels(PartStatement whole, Connection connection)
      throws SQLException {
    try (PreparedStatement statement =
        whole.prepare(connection, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
      ResultSetMetaData data = statement.getMetaData();
      List<String> labels = new ArrayList<>();
      for (int i = 1; i <= data.getColumnCount(); i++) {
        labels.add(data.getColumnLabel(i));
      }
      return labels;
    }
  }
}
