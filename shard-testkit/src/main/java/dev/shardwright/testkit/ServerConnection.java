package dev.shardwright.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody's connection to a server, as the server sees it.
 *
 * @param port of the server
 * @param session the backend's process id and start; no two connections share them
 */
record ServerConnection(int port, String session, String user, String database, String about) {
  private static final String OTHERS =
      """
      select pid || ' since ' || backend_start as session,
             coalesce(usename, '') as user_name,
             coalesce(datname, '') as database_name,
             format('application "%s", %s, last statement: %s',
                    application_name, coalesce(state, 'starting'), query) as about
        from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()
       order by backend_start
      """;

  /** All connections to a server but the one that asks; none if it does not run. */
  static List<ServerConnection> of(PostgresServer server) {
    if (!server.running()) {
      return List.of();
    }
    List<ServerConnection> connections = new ArrayList<>();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(OTHERS)) {
      while (rows.next()) {
        connections.add(
            new ServerConnection(
                server.port(),
                rows.getString("session"),
                rows.getString("user_name"),
                rows.getString("database_name"),
                rows.getString("about")));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot ask " + server.url() + " for its connections", e);
    }
    return connections;
  }

  /** The same session, whatever it does now. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ServerConnection connection
        && port == connection.port
        && session.equals(connection.session);
  }

  @Override
  public int hashCode() {
    return session.hashCode();
  }

  @Override
  public String toString() {
    return "connection to PostgreSQL on port %d: user %s, database %s, backend %s, %s"
        .formatted(port, user, database, session, about);
  }
}
