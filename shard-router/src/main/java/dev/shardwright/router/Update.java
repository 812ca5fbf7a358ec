package dev.shardwright.router;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.run.OnConnection;
import dev.shardwright.router.internal.run.Parameters;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.sql.OwnCommits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A statement that gives the number of rows that it changed. */
final class Update extends OnConnection<Integer> {
  private final String sql;
  private final @Nullable Object[] parameters;
  private final boolean idempotent;

  Update(String sql, @Nullable Object[] parameters, boolean idempotent) {
    super(StatementKind.UPDATE);
    this.sql = sql;
    this.parameters = parameters;
    this.idempotent = idempotent;
  }

  @Override
  public Integer on(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Parameters.bind(statement, parameters);
      return countOf(statement);
    }
  }

  @Override
  public boolean mayCommitWithin() {
    return OwnCommits.areIn(sql);
  }

  @Override
  public Repeat repeat() {
    return Query.repeat(sql, idempotent);
  }

  @Override
  public Optional<Repeat> undeclared() {
    return idempotent ? Optional.of(Query.repeat(sql, false)) : Optional.empty();
  }
}
