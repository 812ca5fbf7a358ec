package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.scatter.rows.PartialRows;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A text for shards and what is bound in it. Safe for use by several threads at once.
 *
 * @param text the same on every shard, but for those that have another
 * @param instead the texts for those
 * @param parameters the caller's
 * @param shares which of them those shards are given that are not given all
 * @param instants what time it is on every shard
 * @param partials the partial rows that the text is about; null if it has none
 */
public record PartStatement(
    SqlText text,
    Map<ShardId, SqlText> instead,
    ParameterSource parameters,
    Map<ShardId, IntUnaryOperator> shares,
    Instants instants,
    @Nullable PartialRows partials) {

  /** The same for one shard. */
  public PartStatement on(ShardId shard) {
    SqlText itsText = instead.getOrDefault(shard, text);
    IntUnaryOperator share = shares.get(shard);
    ParameterSource itsParameters = share == null ? parameters : parameters.shared(share);
    return new PartStatement(itsText, Map.of(), itsParameters, Map.of(), instants, partials);
  }

  /**
   * The statement, ready to run. The caller closes it.
   *
   * @param resultSetType as in {@link java.sql.ResultSet}
   * @param concurrency as in {@link java.sql.ResultSet}
   */
  public PreparedStatement prepare(Connection connection, int resultSetType, int concurrency)
      throws SQLException {
    PreparedStatement statement =
        connection.prepareStatement(text.text(), resultSetType, concurrency);
    try {
      List<Binding> bindings = text.bindings();
      for (int at = 1; at <= bindings.size(); at++) {
        bind(statement, at, bindings.get(at - 1));
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private void bind(PreparedStatement statement, int at, Binding binding) throws SQLException {
    if (binding instanceof Binding.Parameter parameter) {
      parameters.bind(statement, at, parameter.place());
    } else if (binding instanceof Binding.Now) {
      statement.setObject(at, instants.transaction());
    } else if (binding instanceof Binding.StatementStart) {
      statement.setObject(at, instants.statement());
    } else if (binding instanceof Binding.Partials column) {
      Object[] values = Objects.requireNonNull(partials).column(column.column());
      statement.setArray(at, statement.getConnection().createArrayOf("text", values));
    }
  }
}
