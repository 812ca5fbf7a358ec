package dev.shardwright.admin;

import dev.shardwright.internal.schema.BrokenCopy;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * The rows of a table, in brief: equal for equal rows in any order.
 *
 * @param rows how many
 * @param digest the sum of a hash of each, as text
 */
record TableContent(long rows, String digest) {
  /** Row by row as text, which is the same on all shards: their sessions have the same settings. */
  private static final String CONTENT =
      "select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text from %s t";

  private static final String COLUMNS =
      "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
          + " where attrelid = %s::regclass and attnum > 0 and not attisdropped"
          + " and attgenerated = ''";

  static TableContent of(Connection connection, TableName table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(CONTENT.formatted(SqlText.table(table)))) {
      row.next();
      return new TableContent(row.getLong(1), row.getString(2));
    }
  }

  static boolean hasRows(Connection connection, TableName table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select exists (select from " + SqlText.table(table) + ")")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /**
   * Copies the rows of a table that nobody writes at the source, if it has none at the target.
   *
   * @param target in a transaction, which keeps others from writing the table until it ends
   * @return whether the rows are the same on both now; if not, the target had others
   */
  static boolean copyIfEmpty(Connection source, Connection target, TableName table)
      throws SQLException {
    try (Statement statement = target.createStatement()) {
      statement.execute("lock table " + SqlText.table(table) + " in share row exclusive mode");
    }
    if (!hasRows(target, table)) {
      copy(source, target, table);
    }
    return of(source, table).equals(of(target, table));
  }

  /**
   * Binary, so that values stay bit for bit what they are; a few rows at a time in memory. From a
   * query, since a partitioned table cannot be copied by its name.
   */
  private static void copy(Connection source, Connection target, TableName table)
      throws SQLException {
    String columns = columns(source, table);
    CopyOut out =
        source
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut(
                "copy (select %s from %s) to stdout with (format binary)"
                    .formatted(columns, SqlText.table(table)));
    CopyIn in = null;
    try {
      in =
          target
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn(
                  "copy %s (%s) from stdin with (format binary)"
                      .formatted(SqlText.table(table), columns));
      for (byte[] part = out.readFromCopy(); part != null; part = out.readFromCopy()) {
        in.writeToCopy(part, 0, part.length);
      }
      in.endCopy();
    } catch (SQLException e) {
      BrokenCopy.cancel(in, e);
      BrokenCopy.cancel(out, e);
      throw e;
    } catch (RuntimeException | Error e) {
      BrokenCopy.abort(e, source, target);
      throw e;
    }
  }

  private static String columns(Connection connection, TableName table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(COLUMNS.formatted(SqlText.literal(SqlText.table(table))))) {
      row.next();
      return row.getString(1);
    }
  }
}
