package dev.shardwright.cli.data;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.internal.run.GuardDetail;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Writes rows to a shard, each chunk in a transaction: COPY into a table of the session, from there
 * into the table, where a row that is there already is left alone. So a load that broke is begun
 * again from its first row, and doubles none. Thread-safe.
 */
final class ChunkWriter {
  private static final int MOST_ATTEMPTS = 60;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final ShardRouter router;
  private final LoadTarget target;
  private final Rejects rejects;
  private final String columns;
  private final String primaryKey;
  private final AtomicLong loaded = new AtomicLong();
  private final AtomicLong present = new AtomicLong();

  ChunkWriter(ShardRouter router, LoadTarget target, Rejects rejects) {
    this.router = router;
    this.target = target;
    this.rejects = rejects;
    this.columns = identifiers(target.columns());
    this.primaryKey = identifiers(target.primaryKey());
  }

  private static String identifiers(List<String> names) {
    return names.stream().map(SqlText::identifier).collect(Collectors.joining(", "));
  }

  /** How many rows went in. */
  long loaded() {
    return loaded.get();
  }

  /** How many were there already. */
  long present() {
    return present.get();
  }

  /**
   * Writes the rows; those that the database refuses are rejected, those that belong elsewhere by
   * now go there.
   *
   * @throws SQLException if the shard fails, not the rows
   */
  void write(ShardId shard, List<CsvRow> rows) throws SQLException, InterruptedException {
    write(shard, rows, 0);
  }

  private void write(ShardId shard, List<CsvRow> rows, int attempt)
      throws SQLException, InterruptedException {
    try {
      int inserted = transfer(shard, rows);
      loaded.addAndGet(inserted);
      present.addAndGet(rows.size() - inserted);
    } catch (SQLException e) {
      boolean keyChanged = isKeyChanged(e, rows);
      if (isMoved(e) && !keyChanged && attempt < MOST_ATTEMPTS) {
        Thread.sleep(PAUSE.toMillis());
        for (Map.Entry<ShardId, List<CsvRow>> part : byOwner(rows).entrySet()) {
          write(part.getKey(), part.getValue(), attempt + 1);
        }
      } else if (!isOfRows(e) && !keyChanged) {
        throw e;
      } else if (rows.size() == 1) {
        rejects.add(rows.get(0), reason(e));
      } else {
        int half = rows.size() / 2;
        write(shard, rows.subList(0, half), attempt);
        write(shard, rows.subList(half, rows.size()), attempt);
      }
    }
  }

  private Map<ShardId, List<CsvRow>> byOwner(List<CsvRow> rows) {
    Map<ShardId, List<CsvRow>> parts = new HashMap<>();
    for (CsvRow row : rows) {
      parts.computeIfAbsent(target.ownerOf(row), owner -> new ArrayList<>()).add(row);
    }
    return parts;
  }

  /** Every row that conflicts has the primary key of one that is there. */
  private int transfer(ShardId shard, List<CsvRow> rows) throws SQLException {
    String table = SqlText.table(target.name());
    try (Connection connection = router.shard(shard.value()).connection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "create temporary table shardwright_load on commit drop as select %s from %s with no data"
              .formatted(columns, table));
      copy(connection, rows);
      int inserted =
          statement.executeUpdate(
              "insert into %s (%s) select %s from shardwright_load on conflict (%s) do nothing"
                  .formatted(table, columns, columns, primaryKey));
      connection.commit();
      return inserted;
    }
  }

  private void copy(Connection connection, List<CsvRow> rows) throws SQLException {
    StringBuilder csv = new StringBuilder();
    for (CsvRow row : rows) {
      String separator = "";
      for (String field : row.fields()) {
        csv.append(separator).append(quoted(field));
        separator = ",";
      }
      csv.append('\n');
    }
    try {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(
              "copy pg_temp.shardwright_load (%s) from stdin with (format csv)".formatted(columns),
              new StringReader(csv.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no IO but to the database
    }
  }

  private static String quoted(@Nullable String field) {
    return field == null ? "" : '"' + field.replace("\"", "\"\"") + '"';
  }

  private static boolean isMoved(SQLException e) {
    return SqlStates.ROW_NOT_HERE.equals(e.getSQLState())
        || SqlStates.RANGE_MOVED.equals(e.getSQLState());
  }

  /** The token that the guard refused is no row's by its fields: a trigger changes the key. */
  private boolean isKeyChanged(SQLException e, List<CsvRow> rows) {
    OptionalLong refused = GuardDetail.of(e).token();
    return SqlStates.ROW_NOT_HERE.equals(e.getSQLState())
        && refused.isPresent()
        && rows.stream().noneMatch(row -> target.tokenOf(row) == refused.getAsLong());
  }

  /** Data exceptions, violated constraints, and what triggers raise. */
  private static boolean isOfRows(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    return state.startsWith("22")
        || state.startsWith("23")
        || state.startsWith("P0")
        || state.startsWith("428");
  }

  private static String reason(SQLException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse("") + " [" + e.getSQLState() + "]";
  }
}
