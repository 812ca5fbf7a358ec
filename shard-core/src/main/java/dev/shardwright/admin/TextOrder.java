package dev.shardwright.admin;

import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a database compares text where nothing else is said. It must be the same on all shards: what
 * they have sorted and grouped is merged as if one server had done it.
 */
final class TextOrder {
  /** Through JSON where a column has another name, or is missing, in some versions. */
  private static final String SETTINGS =
      """
      select name, coalesce(setting, 'none') from pg_database d, lateral (values
        ('locale provider', case d.datlocprovider
          when 'c' then 'libc' when 'i' then 'icu' when 'b' then 'builtin' end),
        ('lc_collate', d.datcollate),
        ('lc_ctype', d.datctype),
        ('locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')),
        ('icu rules', to_jsonb(d) ->> 'daticurules'),
        ('collation version', pg_database_collation_actual_version(d.oid))) s (name, setting)
      where d.datname = current_database()
      """;

  private TextOrder() {}

  /**
   * Demands that a shard compares text as the model does.
   *
   * @throws ChangeRefused with each difference on a line of its own
   */
  static void requireSame(ShardDatabases databases, Shard model, Shard shard) {
    requireSame(model, read(databases, model), shard, read(databases, shard));
  }

  /**
   * As {@link #requireSame}, unless the model cannot be read: that is no fault of the shard, and
   * found where the model is looked at.
   */
  static void requireSameWhereKnown(ShardDatabases databases, Shard model, Shard shard) {
    SortedMap<String, String> wanted;
    try {
      wanted = read(databases, model);
    } catch (ChangeFailed e) {
      return;
    }
    requireSame(model, wanted, shard, read(databases, shard));
  }

  private static SortedMap<String, String> read(ShardDatabases databases, Shard shard) {
    return databases.on(shard, "reading the default collation", TextOrder::settings);
  }

  private static void requireSame(
      Shard model, SortedMap<String, String> wanted, Shard shard, SortedMap<String, String> found) {
    List<String> differences = new ArrayList<>();
    wanted.forEach(
        (name, setting) -> {
          String other = found.getOrDefault(name, "none");
          if (!setting.equals(other)) {
            differences.add(
                "%s: on shard %s: %s; on shard %s: %s"
                    .formatted(name, model.id(), setting, shard.id(), other));
          }
        });
    if (!differences.isEmpty()) {
      throw new ChangeRefused(
          ("the database cannot be a shard: it compares text otherwise than shard %s, so answers"
                  + " merged from both would be wrong; create it from template0 with the same locale"
                  + " settings (a collation version comes with the operating system, or with the ICU"
                  + " library):\n  %s")
              .formatted(model.id(), String.join("\n  ", differences)));
    }
  }

  private static SortedMap<String, String> settings(Connection connection) throws SQLException {
    SortedMap<String, String> settings = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SETTINGS)) {
      while (rows.next()) {
        settings.put(rows.getString(1), rows.getString(2));
      }
    }
    return settings;
  }
}
