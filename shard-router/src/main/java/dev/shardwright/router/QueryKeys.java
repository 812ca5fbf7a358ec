package dev.shardwright.router;

import dev.shardwright.ring.ShardId;
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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A query for the rows of several keys of one shard, whose rows are put where they are wanted;
 * gives their number.
 */
final class QueryKeys<K, T> extends OnConnection<Integer> {
  private final KeyedQuery<K, T> query;
  private final List<WantedKey<K, T>> wanted;
  private final List<K> keys;
  private volatile @Nullable PreparedStatement running;
  private volatile boolean cancelled;

  /**
   * What is asked on every shard.
   *
   * @param keyColumn the column of the result that holds the key
   * @param wanted all keys, those of other shards too, by canonical form; does not change
   * @param more the parameters after the array of keys
   */
  record KeyedQuery<K, T>(
      String sql,
      String keyColumn,
      KeyValues values,
      Map<Object, WantedKey<K, T>> wanted,
      RowMapper<T> mapper,
      List<@Nullable Object> more) {}

  QueryKeys(KeyedQuery<K, T> query, List<WantedKey<K, T>> wanted, List<K> keys) {
    super(StatementKind.QUERY);
    this.query = query;
    this.wanted = wanted;
    this.keys = keys;
  }

  @Override
  public Integer on(Connection connection) throws SQLException {
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
        return fill(rows);
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

  private int fill(ResultSet rows) throws SQLException {
    wanted.forEach(WantedKey::forgetRows);
    ShardId shard = wanted.get(0).shard();
    int keyColumn = rows.findColumn(query.keyColumn());
    int count = 0;
    for (; rows.next(); count++) {
      Object key = query.values().read(rows, keyColumn);
      WantedKey<K, T> of = key == null ? null : query.wanted().get(key);
      // The keys of other shards are being filled by other threads.
      if (of == null || !of.shard().equals(shard)) {
        throw new RouteRefused(
            ("column %s of the result holds %s, which is none of the keys asked for: it must"
                    + " hold the sharding key")
                .formatted(query.keyColumn(), key));
      }
      of.add(Query.mapped(query.mapper(), rows));
    }
    return count;
  }
}
