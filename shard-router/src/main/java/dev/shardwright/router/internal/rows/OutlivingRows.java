package dev.shardwright.router.internal.rows;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TypeInfo;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PgStatement;

/**
 * Rows that are read after their connection went back to the pool. The driver holds all rows of a
 * statement that has no cursor in memory, but closing the statement, or the pool's wrapper of the
 * connection, would close them too. So the statement is made on the driver's own connection, past
 * the pool's wrapper, and is never closed: only its parsed query is given back, for the next
 * statement with the same text.
 *
 * <p>What the driver would look up in the database while the rows are read, on a connection that is
 * somebody else's by then, is looked up before: the names of types. A blob, a cursor among the
 * values, and the table names in the metadata are not to be had.
 */
public final class OutlivingRows {
  /** Gives a statement's parsed query back; null if the driver at hand has no such method. */
  private static final @Nullable MethodHandle RELEASE = release();

  private OutlivingRows() {}

  /** A statement on the pooled connection that the pool does not close. */
  public static PreparedStatement prepare(Connection pooled, String sql) throws SQLException {
    return pooled.unwrap(PgConnection.class).prepareStatement(sql);
  }

  /**
   * To be called once the statement, which was not made by the pool, has been carried out, before
   * its connection goes back. From then on only the result sets are closed, never the statement.
   *
   * @param rows what it gave; null if it gave none
   */
  public static void detach(PreparedStatement statement, @Nullable ResultSet rows)
      throws SQLException {
    if (rows != null) {
      learnTypes(statement.getConnection().unwrap(PgConnection.class), rows.getMetaData());
    }
    if (RELEASE != null && statement instanceof PgStatement driver) {
      try {
        RELEASE.invokeExact(driver);
      } catch (SQLException | RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Whether the driver lets go of a query whose rows are still read. */
  static boolean givesQueriesBack() {
    return RELEASE != null;
  }

  private static void learnTypes(PgConnection connection, ResultSetMetaData columns)
      throws SQLException {
    for (int column = 1; column <= columns.getColumnCount(); column++) {
      if (columns.getColumnType(column) == Types.ARRAY) {
        TypeInfo types = connection.getTypeInfo();
        int array = types.getPGType(columns.getColumnTypeName(column));
        types.getArrayDelimiter(array);
        types.getSQLType(types.getPGArrayElement(array));
      }
    }
  }

  private static @Nullable MethodHandle release() {
    try {
      return MethodHandles.privateLookupIn(PgStatement.class, MethodHandles.lookup())
          .findVirtual(PgStatement.class, "closeImpl", MethodType.methodType(void.class));
    } catch (ReflectiveOperationException e) {
      // Another version of the driver: then a text is prepared anew each time, which is slow only.
      return null;
    }
  }
}
