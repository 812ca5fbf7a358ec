package dev.shardwright.rebalance.internal.capture;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.Relations;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;

/**
 * Tells whether rows may have come or gone otherwise than by writes, which the key log has: with a
 * table or partition that was made anew, exchanged, truncated or rewritten. Its definition may be
 * the same after that.
 */
public final class StoredRows {
  /**
   * A partition that is detached loses the gate that it has from its table. A standby has the same
   * ids and files as its primary.
   */
  private static final String FIND =
      """
      select p.relid::bigint, pg_relation_filenode(p.relid)::bigint, t.oid::bigint
        from %s left join pg_trigger t on t.tgrelid = p.relid and t.tgname = ?
        order by 1
      """
          .formatted(Relations.SQL);

  private StoredRows() {}

  /** A short text that differs once they may have: of the tables, their files and their gates. */
  public static String stamp(Connection connection, int migration, Collection<MovingTable> tables)
      throws SQLException {
    Hasher hasher = Hashing.sha256().newHasher();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(2, ObjectNames.gateTrigger(migration));
      for (MovingTable table : tables) {
        statement.setString(1, SqlText.table(table.name()));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            hasher.putLong(rows.getLong(1)).putLong(rows.getLong(2)).putLong(rows.getLong(3));
          }
        }
      }
    }
    return hasher.hash().toString();
  }
}
