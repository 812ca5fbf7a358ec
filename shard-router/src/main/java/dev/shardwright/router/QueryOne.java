package dev.shardwright.router;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.run.OnConnection;
import dev.shardwright.router.internal.run.Parameters;
import dev.shardwright.router.internal.run.ReadText;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.sql.OwnCommits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A statement that gives one row or none. */
final class QueryOne<T> extends OnConnection<Optional<T>> {
  /** PostgreSQL's own for a SELECT INTO STRICT that finds more than one row. */
  private static final String TOO_MANY_ROWS = "P0003";

  private final String sql;
  private final RowMapper<T> mapper;
  private final @Nullable Object[] parameters;
  private final boolean idempotent;

  QueryOne(String sql, RowMapper<T> mapper, @Nullable Object[] parameters, boolean idempotent) {
    super(StatementKind.QUERY);
    this.sql = sql;
    this.mapper = mapper;
    this.parameters = parameters;
    this.idempotent = idempotent;
  }

  @Override
  public Optional<T> on(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Parameters.bind(statement, parameters);
      try (ResultSet rows = rowsOf(statement)) {
        if (!rows.next()) {
          return Optional.empty();
        }
        T value = Query.mapped(mapper, rows);
        if (rows.next()) {
          throw new SQLException(
              "queryOne found more than one row: use query, or make the condition narrower: " + sql,
              TOO_MANY_ROWS);
        }
        return Optional.of(value);
      }
    }
  }

  @Override
  public boolean mayCommitWithin() {
    return !ReadText.onlyReads(sql) && OwnCommits.areIn(sql);
  }

  @Override
  public Repeat repeat() {
    return Query.repeat(sql, idempotent || ReadText.onlyReads(sql));
  }

  @Override
  public Optional<Repeat> undeclared() {
    return idempotent ? Optional.of(Query.repeat(sql, ReadText.onlyReads(sql))) : Optional.empty();
  }
}
