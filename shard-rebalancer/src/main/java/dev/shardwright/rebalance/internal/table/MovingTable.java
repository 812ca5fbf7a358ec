package dev.shardwright.rebalance.internal.table;

import com.google.common.collect.Lists;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Array;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One table of a range move, and the SQL about its rows. All of it relies on the mover's sessions:
 * {@code search_path} is {@code pg_catalog}, and values have the same text forms on both sides.
 * Values stand in the text as literals, since COPY takes no parameters.
 *
 * @param number its number within the migration
 * @param definition which table, and which column holds the sharding key
 * @param tokens turns sharding keys into tokens
 * @param columns the columns that are copied: all but the generated ones
 * @param key the columns of the primary key, in its order
 */
public record MovingTable(
    int number,
    ShardedTable definition,
    TokenFunction tokens,
    List<MovingColumn> columns,
    List<MovingColumn> key) {
  /** More ranges than that are not compared one by one. */
  private static final int MOST_COMPARED = 8;

  public MovingTable {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /** Schema and name. */
  public TableName name() {
    return definition.name();
  }

  /** Schema and name, quoted. */
  public String sql() {
    return SqlText.table(name());
  }

  /** The column of the sharding key; empty if there is none, or not in the primary key. */
  public Optional<MovingColumn> shardingKey() {
    return definition
        .keyColumn()
        .flatMap(name -> key.stream().filter(column -> column.name().equals(name)).findFirst());
  }

  /** The copied columns, quoted, with commas between them. */
  public String columnList() {
    return list(columns, MovingColumn::sql);
  }

  /** The columns of the primary key, quoted, with commas between them. */
  public String keyList() {
    return list(key, MovingColumn::sql);
  }

  /** The primary key as an array of texts, from which {@link #keyOf} makes a key. */
  public String keyAsTexts() {
    return "array[" + list(key, MovingColumn::asText) + "]";
  }

  /** The primary key that was selected as {@link #keyAsTexts}. */
  public static RowKey keyOf(Array texts) throws SQLException {
    return RowKey.of((String[]) texts.getArray());
  }

  /** How the table's rows are copied. */
  public CopyFormat format() {
    return columns.stream().allMatch(MovingColumn::portable) ? CopyFormat.BINARY : CopyFormat.TEXT;
  }

  /** A hash of a row that is the same on all servers for the same row. */
  public String rowHash() {
    return "hash_record_extended(row(" + list(columns, MovingColumn::hashed) + "), 0)";
  }

  /** About how many bytes a row's values take, none of them fetched for it. */
  public String rowBytes() {
    StringJoiner sum = new StringJoiner(" + ");
    sum.add(
        Integer.toString(
            columns.stream().mapToInt(MovingColumn::size).filter(size -> size > 0).sum()));
    columns.stream()
        .filter(column -> column.size() < 0)
        .forEach(column -> sum.add("coalesce(pg_column_size(" + column.sql() + "), 0)"));
    return sum.toString();
  }

  /** The ranges in parts so small that an index on the token can serve {@link #inRanges}. */
  public static List<KeyRangeSet> inParts(KeyRangeSet ranges) {
    return Lists.partition(ranges.ranges(), MOST_COMPARED).stream().map(KeyRangeSet::of).toList();
  }

  /** Holds for the rows of these tokens; an index on the token can serve it if they are few. */
  public String inRanges(KeyRangeSet ranges) {
    return definition
        .keyColumn()
        .map(column -> tokens.sqlCondition(SqlText.identifier(column), ranges))
        .orElse(Boolean.toString(!ranges.isEmpty()));
  }

  /** Holds for the rows that have one of these keys; the index of the primary key serves it. */
  public String hasKey(Collection<RowKey> keys) {
    return among(
        key.stream().map(MovingColumn::sql).toList(),
        key.stream().map(MovingColumn::type).toList(),
        keys);
  }

  /**
   * Holds for the rows whose expressions have, together, the values of one of these; an index on
   * the expressions serves it.
   *
   * @param expressions in SQL
   * @param types theirs, in SQL
   * @param values the values of each, in their text forms
   */
  public static String among(
      List<String> expressions, List<String> types, Collection<RowKey> values) {
    return "("
        + String.join(", ", expressions)
        + ") in (select "
        + IntStream.range(0, types.size())
            .mapToObj(i -> loggedName(i) + "::" + types.get(i))
            .collect(Collectors.joining(", "))
        + " from "
        + asRows(values, types.size())
        + ")";
  }

  /**
   * The key in a row of the key log, as {@link #keyAsTexts} has it; such keys can be compared, as
   * different if their texts are, whatever the collations of the columns.
   */
  public String loggedKeyAsTexts() {
    return IntStream.range(0, key.size())
        .mapToObj(i -> loggedName(i) + "::text collate \"C\"")
        .collect(Collectors.joining(", ", "array[", "]"));
  }

  /** Holds for the rows of the key log that have one of these keys. */
  public String logHasKey(Collection<RowKey> keys) {
    return "("
        + IntStream.range(0, key.size())
            .mapToObj(i -> loggedName(i) + "::text")
            .collect(Collectors.joining(", "))
        + ") in (select * from "
        + asRows(keys, key.size())
        + ")";
  }

  private static String asRows(Collection<RowKey> values, int columns) {
    return IntStream.range(0, columns)
            .mapToObj(i -> textArray(values, i))
            .collect(Collectors.joining(", ", "unnest(", ") as wanted ("))
        + IntStream.range(0, columns)
            .mapToObj(MovingTable::loggedName)
            .collect(Collectors.joining(", "))
        + ")";
  }

  private static String textArray(Collection<RowKey> keys, int place) {
    return SqlText.literal(
            keys.stream()
                .map(key -> element(key.values().get(place)))
                .collect(Collectors.joining(",", "{", "}")))
        + "::text[]";
  }

  private static String element(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** The column of the key log that has the values of a column of the primary key. */
  String logged(MovingColumn column) {
    return loggedName(key.indexOf(column));
  }

  private static String loggedName(int place) {
    return "k" + (place + 1);
  }

  private static String list(List<MovingColumn> columns, Function<MovingColumn, String> form) {
    return columns.stream().map(form).collect(Collectors.joining(", "));
  }
}
