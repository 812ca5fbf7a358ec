package dev.shardwright.router.internal.rows;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.sql.Types;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TypeInfo;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PgResultSet;
import org.postgresql.util.PSQLState;

/**
 * Rows that are read after their connection went back to the pool. The driver holds all rows of a
 * statement that has no cursor in memory, but closing the statement, or the pool's wrapper of the
 * connection, would close them too. So the statement is made on the driver's own connection, past
 * the pool's wrapper, and is closed with its last result set, which sends nothing. Not before: the
 * driver then lends the parsed query to the next statement with the same text, and the fields of a
 * query, which say whether values are text or binary, are those of all its rows.
 *
 * <p>What the driver would look up in the database while the rows are read, on a connection that is
 * somebody else's by then, is looked up before: the kinds and names of types. A blob, a cursor
 * among the values, and the table names in the metadata are not to be had.
 */
public final class OutlivingRows {
  private OutlivingRows() {}

  /** A statement on the pooled connection that the pool does not close. */
  public static PreparedStatement prepare(Connection pooled, String sql) throws SQLException {
    return pooled.unwrap(PgConnection.class).prepareStatement(sql);
  }

  /**
   * To be called once the statement, which was not made by the pool, has been carried out, before
   * its connection goes back. From then on only the result sets are closed, and the statement with
   * them.
   *
   * @param rows what it gave; null if it gave none
   * @throws SQLException also if there is a cursor among the values
   */
  public static void detach(Statement statement, @Nullable ResultSet rows) throws SQLException {
    if (rows != null) {
      learnTypes(statement, rows);
      checkNoCursor(rows.getMetaData());
    }
    if (rows == null) {
      statement.close();
    } else {
      statement.closeOnCompletion();
    }
  }

  /**
   * Has the driver look up what it will need to read the rows. To be called as soon as they are
   * here where they may be detached later: in a transaction that has failed by then, nothing can be
   * looked up.
   *
   * @param rows of the driver's own
   */
  public static void learnTypes(Statement statement, ResultSet rows) throws SQLException {
    TypeInfo types = statement.getConnection().unwrap(PgConnection.class).getTypeInfo();
    PgResultSet ofDriver = rows.unwrap(PgResultSet.class);
    int columns = rows.getMetaData().getColumnCount();
    for (int column = 1; column <= columns; column++) {
      int type = ofDriver.getColumnOID(column);
      types.getPGType(type); // the name, which is kept apart from the kind
      if (types.getSQLType(type) == Types.ARRAY) {
        types.getArrayDelimiter(type);
        types.getSQLType(types.getPGArrayElement(type));
      }
    }
  }

  private static void checkNoCursor(ResultSetMetaData columns) throws SQLException {
    for (int column = 1; column <= columns.getColumnCount(); column++) {
      if (columns.getColumnType(column) == Types.REF_CURSOR) {
        throw new SQLFeatureNotSupportedException(
            "a cursor lives as long as its transaction: read it within one",
            PSQLState.NOT_IMPLEMENTED.getState());
      }
    }
  }
}
