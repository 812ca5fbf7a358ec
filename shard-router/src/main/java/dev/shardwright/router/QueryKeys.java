package dev.shardwright.router;

import com.google.common.collect.Maps;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.run.OnConnection;
import dev.shardwright.router.internal.run.Parameters;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.ReadText;
import dev.shardwright.router.internal.run.Repeat;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A query for the rows of several keys, whose rows come back by canonical key. */
final class QueryKeys<T> extends OnConnection<Map<Object, List<T>>> {
  private final KeyedQuery<T> query;
  private final List<?> keys;
  private volatile @Nullable PreparedStatement running;
  private volatile boolean cancelled;

  /**
   * What is asked on every shard.
   *
   * @param keyColumn the column of the result that holds the key
   * @param more the parameters after the array of keys
   */
  record KeyedQuery<T>(
      String sql,
      String keyColumn,
      KeyValues values,
      RowMapper<T> mapper,
      List<@Nullable Object> more) {}

  QueryKeys(KeyedQuery<T> query, List<?> keys) {
    super(StatementKind.QUERY);
    this.query = query;
    this.keys = keys;
  }

  @Override
  public Map<Object, List<T>> on(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query.sql())) {
      statement.setArray(1, query.values().array(connection, keys));
      int place = 2;
      for (Object value : query.more()) {
        Parameters.bind(statement, place++, value);
      }
      running = statement;
      if (cancelled) {
        throw new SQLException("cancelled before it was sent", "57014");
      }
      sending(statement);
      try (ResultSet rows = statement.executeQuery()) {
        phase = Phase.ANSWERED;
        return byKey(rows);
      }
    } finally {
      running = null;
    }
  }

  /** Ends the query soon, from another thread. */
  void cancel() throws SQLException {
    cancelled = true;
    PreparedStatement statement = running;
    if (statement != null) {
      statement.cancel();
    }
  }

  @Override
  public Repeat repeat() {
    return !cancelled && ReadText.onlyReads(query.sql()) ? Repeat.ALWAYS : Repeat.NEVER;
  }

  private Map<Object, List<T>> byKey(ResultSet rows) throws SQLException {
    Map<Object, List<T>> found = Maps.newHashMapWithExpectedSize(keys.size());
    int keyColumn = rows.findColumn(query.keyColumn());
    while (rows.next()) {
      Object key = query.values().read(rows, keyColumn);
      if (key == null) {
        throw new RouteRefused(
            "column %s of the result is null: it must hold the sharding key"
                .formatted(query.keyColumn()));
      }
      found.computeIfAbsent(key, any -> new ArrayList<>(1)).add(Query.mapped(query.mapper(), rows));
    }
    return found;
  }
}
