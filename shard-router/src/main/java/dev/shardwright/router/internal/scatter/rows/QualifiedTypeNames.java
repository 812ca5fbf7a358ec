package dev.shardwright.router.internal.scatter.rows;

import com.google.common.collect.MapMaker;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.PSQLState;

/**
 * The names of types that mean the same on every shard, and for every session. The driver's name of
 * a type says its schema or not, by the search path of whoever was lent the connection when it
 * learnt the type. Asks a connection once about a type. Thread-safe.
 */
final class QualifiedTypeNames {
  /** PostgreSQL's own types have lower numbers. */
  private static final long FIRST_OF_USERS = 16_384;

  private static final String NAME =
      """
      select n.nspname, t.typname
        from pg_catalog.pg_type t
        join pg_catalog.pg_namespace n on n.oid = t.typnamespace
       where t.oid = ?
      """;

  /** By connection, as long as there is one: a type has another number in each database. */
  private static final ConcurrentMap<BaseConnection, Map<Integer, String>> KNOWN =
      new MapMaker().weakKeys().makeMap();

  private QualifiedTypeNames() {}

  /** The name of the type with that number; with its schema, both in quotes, if it is a user's. */
  static String of(int type, BaseConnection connection) throws SQLException {
    String drivers = connection.getTypeInfo().getPGType(type); // so that the driver knows it too
    if (Integer.toUnsignedLong(type) < FIRST_OF_USERS) {
      return drivers;
    }
    Map<Integer, String> known =
        KNOWN.computeIfAbsent(connection, any -> new ConcurrentHashMap<>());
    String name = known.get(type);
    if (name == null) {
      name = read(type, connection);
      known.put(type, name);
    }
    return name;
  }

  private static String read(int type, BaseConnection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NAME)) {
      statement.setLong(1, Integer.toUnsignedLong(type));
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          throw new SQLException(
              "the type with the OID %s is no longer there".formatted(type),
              PSQLState.UNDEFINED_OBJECT.getState());
        }
        return connection.escapeIdentifier(rows.getString(1))
            + "."
            + connection.escapeIdentifier(rows.getString(2));
      }
    }
  }
}
