package dev.shardwright.router.internal.scatter.rows;

import dev.shardwright.ring.ShardId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells which collations order text by its bytes in UTF-8, so that Java can do the same.
 * Thread-safe.
 */
public final class ByteOrder {
  /** As {@code pg_collation_for} spells them. */
  private static final Set<String> BY_BYTES =
      Set.of(
          "\"C\"",
          "\"POSIX\"",
          "ucs_basic",
          "\"C.UTF-8\"",
          "\"C.utf8\"",
          "pg_c_utf8",
          "pg_unicode_fast");

  private static final String DEFAULT = "\"default\"";

  /**
   * Whether the database's default collation orders text by bytes: C and its like in UTF-8. The
   * columns of {@code pg_database} that say so differ between versions of PostgreSQL.
   */
  private static final String DEFAULT_IS_BY_BYTES =
      """
      select pg_encoding_to_char(d.encoding) = 'UTF8'
         and case d.datlocprovider
               when 'b' then true
               when 'c' then d.datcollate in ('C', 'POSIX', 'C.UTF-8', 'C.utf8')
               else false
             end
        from pg_database d
       where d.datname = current_database()
      """;

  /** Whether the database of a shard, as its default, orders text by bytes. */
  private final Map<ShardId, Boolean> defaults = new ConcurrentHashMap<>();

  /** Whether it is known what the default of the shard's database is. */
  public boolean knows(ShardId shard) {
    return defaults.containsKey(shard);
  }

  /**
   * What is known from here on, since a database cannot change it.
   *
   * @param byBytes as {@link #isDefault} says of the shard
   */
  public void learn(ShardId shard, boolean byBytes) {
    defaults.put(shard, byBytes);
  }

  /**
   * Whether a collation is known to order by bytes.
   *
   * @param collation what {@code pg_collation_for} said on that shard; null if it said nothing
   */
  public boolean isBy(@Nullable String collation, ShardId shard) {
    if (collation == null) {
      return false;
    }
    return collation.equals(DEFAULT)
        ? defaults.getOrDefault(shard, false)
        : BY_BYTES.contains(collation);
  }

  /** Asks a database whether its default orders by bytes. */
  public static boolean isDefault(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(DEFAULT_IS_BY_BYTES)) {
      return rows.next() && rows.getBoolean(1);
    }
  }
}
