package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the two shards of a migration.
 *
 * @param shard which one
 * @param session a session of the mover there, in autocommit mode
 */
public record Side(Shard shard, Connection session) {
  /** Reads one row of an answer. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** What a query answers. */
  <T> List<T> rows(String query, RowReader<T> reader, String... parameters) throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      List<T> answers = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          answers.add(reader.read(rows));
        }
      }
      return answers;
    }
  }

  /** As findings name it. */
  @Override
  public String toString() {
    return "shard " + shard.id();
  }
}
