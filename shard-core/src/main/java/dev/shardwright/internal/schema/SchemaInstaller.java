package dev.shardwright.internal.schema;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Optional;

/**
 * Installs the schema {@code shardwright} in a database. Works on connections of the admin role;
 * everything may be repeated.
 */
public final class SchemaInstaller {
  private static final String ROLE = "select exists (select from pg_roles where rolname = ?)";
  private static final String HOLDER =
      "select cluster, shard, version from shardwright.identity order by cluster, shard";
  private static final String CLAIM =
      "insert into shardwright.identity (cluster, shard, version) values (?, ?, ?)"
          + " on conflict (only_row) do update set version = excluded.version";

  private static final String RAISE = "select shardwright.raise_minimum_epoch(?)";

  private SchemaInstaller() {}

  /**
   * Makes the database that shard, unless it is another one already.
   *
   * <p>In a database that was released, whatever the former shard left behind is dropped first: its
   * guards speak of another topology.
   *
   * @return the identity in force: {@code wanted}, or the one that stood in the way
   * @throws SQLException also if the schema is there, but not as this version of Shardwright or an
   *     older one made it
   */
  public static DatabaseIdentity claim(Connection connection, DatabaseIdentity wanted)
      throws SQLException {
    return Transaction.in(
        connection,
        () -> {
          lock(connection);
          Optional<DatabaseIdentity> holder = holder(connection);
          if (holder.isPresent() && !holder.get().equals(wanted)) {
            return holder.get();
          }
          try (Statement statement = connection.createStatement()) {
            if (holder.isEmpty() && isInstalled(connection)) {
              // Takes the guards' triggers with it, and so a lock on each table that has one.
              statement.execute("drop schema shardwright cascade");
            }
            statement.execute(SchemaSql.INSTALL);
          }
          record(connection, wanted);
          return wanted;
        });
  }

  /**
   * Which shard the database is; empty if none.
   *
   * @throws SQLException also if the schema is there, but not as this version of Shardwright or an
   *     older one made it
   */
  public static Optional<DatabaseIdentity> holder(Connection connection) throws SQLException {
    if (!isInstalled(connection)) {
      return Optional.empty();
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(HOLDER)) {
      if (!row.next()) {
        return Optional.empty();
      }
      int version = row.getInt(3);
      if (version > SchemaSql.VERSION) {
        throw new SQLException(
            "schema shardwright has version %d, this Shardwright knows up to %d: use a newer one"
                .formatted(version, SchemaSql.VERSION),
            SqlStates.WRONG_DATABASE);
      }
      return Optional.of(new DatabaseIdentity(row.getString(1), ShardId.of(row.getString(2))));
    }
  }

  /** Refuses routers that know no topology of that epoch, from now on. */
  public static void refuseBefore(Connection connection, Epoch epoch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RAISE)) {
      statement.setLong(1, epoch.value());
      statement.executeQuery().close();
    }
  }

  /** Lets a role call what routers call, {@code enter} and {@code advance}, and nothing else. */
  public static void admit(Connection connection, Collection<String> roles) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String role : roles) {
        String quoted = SqlText.identifier(role);
        statement.execute("grant usage on schema shardwright to " + quoted);
        statement.execute("grant execute on function shardwright.enter(int4, int8) to " + quoted);
        statement.execute("grant execute on function shardwright.advance(int4, int8) to " + quoted);
      }
    }
  }

  /** Whether a role is there that {@link #admit} could let in. */
  public static boolean isRole(Connection connection, String role) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ROLE)) {
      statement.setString(1, role);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /**
   * Makes the database no shard any more, if it is that one. Guards stay, so that a router that
   * still believes in the shard cannot write there; {@code shardwright.enter} refuses from now on.
   */
  public static void release(Connection connection, DatabaseIdentity identity) throws SQLException {
    Transaction.run(
        connection,
        () -> {
          lock(connection);
          if (holder(connection).equals(Optional.of(identity))) {
            try (Statement statement = connection.createStatement()) {
              statement.executeUpdate("delete from shardwright.identity");
            }
          }
        });
  }

  /** Keeps other installers out until the transaction ends. */
  static void lock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select pg_advisory_xact_lock(" + AdvisoryLocks.INSTALL + ", 0)");
    }
  }

  private static boolean isInstalled(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select to_regnamespace('shardwright') is not null,"
                    + " to_regclass('shardwright.identity') is not null")) {
      row.next();
      if (row.getBoolean(1) && !row.getBoolean(2)) {
        throw new SQLException(
            "there is a schema shardwright that Shardwright did not make: rename it",
            SqlStates.WRONG_DATABASE);
      }
      return row.getBoolean(2);
    }
  }

  private static void record(Connection connection, DatabaseIdentity identity) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
      statement.setString(1, identity.cluster());
      statement.setString(2, identity.shard().value());
      statement.setInt(3, SchemaSql.VERSION);
      statement.executeUpdate();
    }
  }
}
