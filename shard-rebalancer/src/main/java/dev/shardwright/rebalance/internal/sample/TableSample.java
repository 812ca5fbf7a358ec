package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.plan.HeavyKey;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Samples one table on one shard. How much it has comes from the statistics; how that is spread,
 * from whole pages read at random, the same ones each time as long as the table does not change.
 */
final class TableSample {
  /** With fewer rows in the sample, a key may have seemed heavy by chance. */
  private static final int FEWEST_ROWS_OF_HEAVY_KEY = 20;

  /** What a row takes on its page beside its values: its header, padded, and the pointer to it. */
  private static final int ROW_OVERHEAD = 28;

  /** The most keys that are named of one table on one shard. */
  private static final int MOST_HEAVY_KEYS = 100;

  /**
   * Of the table with all its partitions: rows, as the planner estimates them from the last
   * analysis and the pages there are now, null if a part was never analysed; bytes with indexes and
   * TOAST; pages; bytes of the indexes; and what the values of a row take, as they are stored,
   * without fetching what is outside of it.
   */
  private static final String FACTS =
      """
      with part as (
        select oid, relkind, reltuples, relpages,
          pg_relation_size(oid) / current_setting('block_size')::int8 as pages
        from pg_class
        where oid = ?::regclass or oid in (select relid from pg_partition_tree(?::regclass)))
      select
        case when bool_and(pages = 0 or relpages > 0 and reltuples >= 0)
          then sum(reltuples / nullif(relpages, 0) * pages) filter (where pages > 0) end,
        sum(pg_total_relation_size(oid)),
        sum(pages),
        sum(pg_indexes_size(oid)),
        (select string_agg(format('coalesce(pg_column_size(t.%I), 0)', attname), ' + ')
          from pg_attribute where attrelid = ?::regclass and attnum > 0 and not attisdropped)
      from part
      """;

  /** Node -1 is another region; a pinned token is a group of its own. */
  private static final String SPREAD =
      """
      select node, pinned, count(*), sum(size) from (
        select
          case when here then width_bucket(token, ?::int8[]) else -1 end as node,
          case when here and token = any (?::int8[]) then token end as pinned,
          size
        from (
          select %s as token, %s as size, %s as here
          from %s as t tablesample system (%s) repeatable (0)
        ) as sample
      ) as placed
      group by node, pinned
      """;

  private static final String HEAVY_KEYS =
      """
      select key, token, count(*), sum(size) from (
        select %s::text as key, %s as token, %s as size, %s as here
        from %s as t tablesample system (%s) repeatable (0)
      ) as sample
      where here
      group by key, token
      having count(*) >= ?
      order by count(*) desc, token
      limit ?
      """;

  private final Connection connection;
  private final KeyspaceTopology keyspace;
  private final RingId ring;
  private final ShardedTable table;
  private final SampleOptions options;

  TableSample(
      Connection connection,
      KeyspaceTopology keyspace,
      RingId ring,
      ShardedTable table,
      SampleOptions options) {
    this.connection = connection;
    this.keyspace = keyspace;
    this.ring = ring;
    this.table = table;
    this.options = options;
  }

  /**
   * What the whole table has on the shard.
   *
   * @param rows as estimated; not above 0 if nothing is known
   */
  private record Facts(double rows, long bytes, long pages, long indexBytes, String valueSize) {

    /** In SQL, what a row takes: each has as many entries in indexes, however long it is. */
    String rowSize() {
      long entries = rows > 0 ? Math.round(indexBytes / rows) : 0;
      return valueSize + " + " + (ROW_OVERHEAD + entries);
    }
  }

  /** Sampled rows of one virtual node (-1 is another region), or of one pinned token. */
  private record Group(int virtualNode, Optional<Long> pinned, long rows, long bytes) {}

  /** What one row, and one byte, of the sample stand for. */
  private record Scale(double rows, double bytes) {
    Volume of(long sampledRows, long sampledBytes) {
      return new Volume(Math.round(rows * sampledRows), Math.round(bytes * sampledBytes), 0);
    }
  }

  TableName name() {
    return table.name();
  }

  /** Within a transaction whose {@code search_path} is {@code pg_catalog}. */
  void addTo(Tally tally, ShardId shard) throws SQLException {
    Facts facts = facts();
    if (table.keyColumn().isEmpty()) {
      tally.addToVirtualNode(
          shard, 0, new Volume(Math.round(Math.max(0, facts.rows)), facts.bytes, 0));
      return;
    }
    List<Group> groups = groups(tally.placement(), facts);
    long rows = groups.stream().mapToLong(Group::rows).sum();
    long bytes = groups.stream().mapToLong(Group::bytes).sum();
    if (rows == 0) {
      return;
    }
    boolean estimated = facts.rows > 0 && percent(facts) < 100;
    double factor = estimated ? facts.rows / rows : 100 / percent(facts);
    Scale scale = new Scale(factor, (double) facts.bytes / Math.max(1, bytes));
    for (Group group : groups) {
      Volume volume = scale.of(group.rows, group.bytes);
      if (group.pinned.isPresent()) {
        tally.addToPin(shard, group.pinned.get(), volume);
      } else if (group.virtualNode >= 0) {
        tally.addToVirtualNode(shard, group.virtualNode, volume);
      }
    }
    for (HeavyKey key : heavyKeys(facts, rows, scale)) {
      tally.addHeavy(shard, key);
    }
  }

  private Facts facts() throws SQLException {
    String name = SqlText.table(table.name());
    try (PreparedStatement statement = connection.prepareStatement(FACTS)) {
      for (int i = 1; i <= 3; i++) {
        statement.setString(i, name);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Facts(
            row.getDouble(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getString(5));
      }
    }
  }

  private List<Group> groups(Placement placement, Facts facts) throws SQLException {
    String sql =
        SPREAD.formatted(
            token(), facts.rowSize(), here(), SqlText.table(table.name()), sampled(facts));
    List<Group> groups = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("int8", boundaries(placement.ring())));
      statement.setArray(2, connection.createArrayOf("int8", pinned(placement)));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Optional<Long> pinned = Optional.ofNullable(rows.getObject(2, Long.class));
          groups.add(new Group(rows.getInt(1), pinned, rows.getLong(3), rows.getLong(4)));
        }
      }
    }
    return groups;
  }

  private List<HeavyKey> heavyKeys(Facts facts, long sampledRows, Scale scale) throws SQLException {
    String sql =
        HEAVY_KEYS.formatted(
            key(), token(), facts.rowSize(), here(), SqlText.table(table.name()), sampled(facts));
    long least = (long) Math.ceil(options.heavyShare() * sampledRows);
    List<HeavyKey> keys = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, Math.max(FEWEST_ROWS_OF_HEAVY_KEY, least));
      statement.setInt(2, MOST_HEAVY_KEYS);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Volume volume = scale.of(rows.getLong(3), rows.getLong(4));
          keys.add(new HeavyKey(rows.getString(1), rows.getLong(2), volume));
        }
      }
    }
    return keys;
  }

  private String key() {
    return "t." + SqlText.identifier(table.keyColumn().orElseThrow());
  }

  private String token() {
    return keyspace.tokenFunction().sqlToken(key());
  }

  private String here() {
    return table
        .regionColumn()
        .map(
            column ->
                "t." + SqlText.identifier(column) + " = " + SqlText.literal(ring.region().name()))
        .orElse("true");
  }

  private double percent(Facts facts) {
    return facts.pages <= options.mostPages() ? 100 : 100.0 * options.mostPages() / facts.pages;
  }

  private String sampled(Facts facts) {
    return String.format(Locale.ROOT, "%.9f", percent(facts));
  }

  private static Long[] boundaries(Ring ring) {
    Long[] firsts = new Long[ring.size() - 1];
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = ring.virtualNode(i + 1).range().first();
    }
    return firsts;
  }

  private static Long[] pinned(Placement placement) {
    return placement.pins().all().stream().map(Pin::token).toArray(Long[]::new);
  }
}
