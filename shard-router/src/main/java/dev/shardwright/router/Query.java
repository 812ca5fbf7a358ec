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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A statement that gives rows. */
final class Query<T> extends OnConnection<List<T>> {
  private final String sql;
  private final RowMapper<T> mapper;
  private final @Nullable Object[] parameters;
  private final boolean reads;
  private final boolean idempotent;

  /**
   * @param reads whether the caller says that the statement only reads
   */
  Query(
      StatementKind kind,
      String sql,
      RowMapper<T> mapper,
      @Nullable Object[] parameters,
      boolean reads,
      boolean idempotent) {
    super(kind);
    this.sql = sql;
    this.mapper = mapper;
    this.parameters = parameters;
    this.reads = reads;
    this.idempotent = idempotent;
  }

  @Override
  public List<T> on(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Parameters.bind(statement, parameters);
      try (ResultSet rows = rowsOf(statement)) {
        List<T> values = new ArrayList<>();
        while (rows.next()) {
          values.add(mapped(mapper, rows));
        }
        return values;
      }
    }
  }

  @Override
  public boolean mayCommitWithin() {
    return !(reads && ReadText.onlyReads(sql)) && OwnCommits.areIn(sql);
  }

  @Override
  public Repeat repeat() {
    return repeat(sql, idempotent || (reads && ReadText.onlyReads(sql)));
  }

  @Override
  public Optional<Repeat> undeclared() {
    return idempotent
        ? Optional.of(repeat(sql, reads && ReadText.onlyReads(sql)))
        : Optional.empty();
  }

  /** Whether a text outside of transactions may be done again. */
  static Repeat repeat(String sql, boolean harmless) {
    if (harmless) {
      return Repeat.ALWAYS;
    }
    return OwnCommits.areIn(sql) || OwnCommits.isInStages(sql) ? Repeat.UNTIL_SENT : Repeat.NEVER;
  }

  static <T> T mapped(RowMapper<T> mapper, ResultSet row) throws SQLException {
    return Objects.requireNonNull(
        mapper.map(row),
        "the row mapper returned null: where a column may be null, let it return an Optional");
  }
}
