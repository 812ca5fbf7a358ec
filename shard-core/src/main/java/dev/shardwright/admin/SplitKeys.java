package dev.shardwright.admin;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds keys that split the rows of a table into ranges of about the same size. */
final class SplitKeys {
  /** The most ranges: with it the sample stays under a gigabyte. */
  static final int MOST_RANGES = 256;

  /**
   * How many pages to read for each range. Pages are the unit, and not rows, because rows of one
   * page often have neighbouring keys, and then count as one: with 400 of them a range is off its
   * size by 5 % (standard deviation) in that worst case.
   */
  static final int PAGES_PER_RANGE = 400;

  private static final String FACTS =
      """
      with relation as (select * from pg_class where oid = ?::regclass)
      select relkind::text,
        (select format_type(atttypid, null) from pg_attribute
          where attrelid = relation.oid and attname = ? and attnum > 0 and not attisdropped),
        (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
          where attrelid = relation.oid and attnum > 0 and not attisdropped),
        (select sum(pg_relation_size(part)) / current_setting('block_size')::int8 from (
          select relation.oid union select relid from pg_partition_tree(relation.oid)) p (part))
      from relation
      """;

  /** Of equal shares of the rows in order of token: the first token, and how many are new in it. */
  private static final String SHARES =
      """
      select min(token), count(*) filter (where is_new) from (
        select token, ntile(%d) over by_token as share,
          lag(token) over by_token is distinct from token as is_new
        from (select %s as token from %s tablesample system (%s) repeatable (0)
          where %s is not null) as sample
        window by_token as (order by token)
      ) as ranked
      group by share order by share
      """;

  private final Connection connection;
  private final Shard shard;
  private final TableName table;
  private final String column;
  private final int ranges;

  private SplitKeys(
      Connection connection, Shard shard, TableName table, String column, int ranges) {
    this.connection = connection;
    this.shard = shard;
    this.table = table;
    this.column = column;
    this.ranges = ranges;
  }

  /** See {@link ClusterAdmin#sampleSplitKeys}. */
  static List<String> sample(
      ShardDatabases databases, Shard shard, TableName table, String column, int ranges) {
    checkArgument(
        2 <= ranges && ranges <= MOST_RANGES,
        "%s ranges are not within 2 to %s",
        ranges,
        MOST_RANGES);
    return databases.on(
        shard,
        "sampling split keys from table " + table,
        connection -> new SplitKeys(connection, shard, table, column, ranges).sample());
  }

  private List<String> sample() throws SQLException {
    if (!TablePresence.isThere(connection, table)) {
      throw refused("there is no such table");
    }
    try (PreparedStatement statement = connection.prepareStatement(FACTS)) {
      statement.setString(1, SqlText.table(table));
      statement.setString(2, column);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String kind = row.getString(1);
        if (!kind.equals("r") && !kind.equals("p")) {
          throw refused("it is no table (relkind %s)", kind);
        }
        KeyType type = keyType(row.getString(2), row.getString(3));
        return keys(type, row.getLong(4));
      }
    }
  }

  private KeyType keyType(@Nullable String type, String columns) {
    if (type == null) {
      throw refused("it has no such column; its columns are %s", columns);
    }
    return switch (type) {
      case "smallint" -> KeyType.SMALLINT;
      case "integer" -> KeyType.INTEGER;
      case "bigint" -> KeyType.BIGINT;
      case "timestamp with time zone" -> KeyType.TIMESTAMPTZ;
      default ->
          throw refused(
              "the column has type %s; keys of strategy RANGE are smallint, integer, bigint or"
                  + " timestamptz",
              type);
    };
  }

  private List<String> keys(KeyType type, long pages) throws SQLException {
    long wanted = (long) PAGES_PER_RANGE * ranges;
    double percent = pages <= wanted ? 100 : 100.0 * wanted / pages;
    String key = SqlText.identifier(column);
    String token = TokenFunctions.of(Strategy.RANGE, Optional.of(type)).sqlToken(key);
    SortedSet<Long> firsts = new TreeSet<>();
    long distinct = 0;
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                SHARES.formatted(ranges, token, SqlText.table(table), percent, key))) {
      while (rows.next()) {
        firsts.add(rows.getLong(1));
        distinct += rows.getLong(2);
      }
    }
    if (distinct == 0) {
      throw refused(
          TableContent.hasRows(connection, table)
              ? "the column is null in all rows that were read"
              : "it has no rows");
    }
    if (distinct < ranges) {
      throw refused(
          "the rows that were read have %s different keys, too few for %s ranges",
          distinct, ranges);
    }
    firsts.remove(firsts.first()); // nothing was seen below it
    return firsts.stream().map(first -> text(type, first)).toList();
  }

  /** In the form that {@link NewKeyspace#range} takes, whatever the server's DateStyle. */
  private static String text(KeyType type, long token) {
    if (type != KeyType.TIMESTAMPTZ) {
      return Long.toString(token);
    }
    return token == Long.MAX_VALUE
        ? "infinity"
        : Instant.EPOCH.plus(token, ChronoUnit.MICROS).toString();
  }

  @FormatMethod
  private ChangeRefused refused(@FormatString String format, @Nullable Object... facts) {
    return new ChangeRefused(
        "split keys cannot be sampled from column %s of table %s on shard %s: %s"
            .formatted(column, table, shard.id(), format.formatted(facts)));
  }
}
