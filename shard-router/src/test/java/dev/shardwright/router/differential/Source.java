package dev.shardwright.router.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rows that a query may read.
 *
 * @param with a common table expression that it needs before; may be empty
 * @param from what follows FROM
 * @param fields what may be named
 * @param unique expressions that together are different in each row
 */
record Source(String with, String from, List<Field> fields, List<String> unique) {
  /** Something with a value in each row. */
  record Field(String sql, Type type) {
    /** The column's name, without that of its table. */
    String name() {
      return sql.substring(sql.indexOf('.') + 1);
    }
  }

  /** The tables that are generated from; written as the first lines of {@code schema.sql} say. */
  static final List<Table> TABLES =
      List.of(
          table("rare", "id", "id BIGINT, what TEXT, n INT"),
          table(
              "people",
              "id",
              "id BIGINT, age INT, name TEXT, city GERMAN, nick FOLDED, level INT, score NUMERIC,"
                  + " fixed NUMERIC, weight FLOAT, odd FLOAT, born DATE, seen INSTANT, lunch LOCAL,"
                  + " stay SPAN, active BOOL, mood MOOD, tags TEXTS, marks INTS, extra JSON,"
                  + " raw BYTES, token UUID, boss BIGINT, country TEXT"),
          table(
              "orders",
              "person_id, no",
              "person_id BIGINT, no INT, amount NUMERIC, qty INT, placed INSTANT, status TEXT,"
                  + " note GERMAN, product_id INT"),
          table(
              "order_lines",
              "person_id, order_no, line",
              "person_id BIGINT, order_no INT, line INT, product_id INT, price NUMERIC"),
          table("nobody", "id", "id BIGINT, what TEXT, n NUMERIC"),
          table(
              "archive.orders",
              "person_id, no",
              "person_id BIGINT, no INT, amount NUMERIC, closed DATE"),
          table("accounts", "email", "email TEXT, person_id BIGINT, plan TEXT, balance NUMERIC"),
          table("logins", "email, at", "email TEXT, at INSTANT, ok BOOL, host TEXT"),
          table("devices", "id", "id UUID, person_id BIGINT, model GERMAN, spec JSON"),
          table(
              "events",
              "at, seq",
              "at INSTANT, seq INT, kind TEXT, person_id BIGINT, payload JSON, took SPAN"),
          table(
              "blocks",
              "height",
              "height BIGINT, parent BIGINT, size INT, miner TEXT, fees NUMERIC"),
          table(
              "visits",
              "region, person_id, n",
              "region TEXT, person_id BIGINT, n INT, page TEXT, ms INT"),
          table("countries", "code", "code TEXT, name GERMAN, continent TEXT, area NUMERIC"),
          table("products", "id", "id INT, title GERMAN, price NUMERIC, kind MOOD"));

  /** A table; its first column is the sharding key, but for reference tables. */
  record Table(String name, List<String> primaryKey, List<Field> columns) {
    boolean isReference() {
      return name.equals("countries") || name.equals("products");
    }

    String key() {
      return primaryKey.get(0);
    }

    /** Tables with the same sharding key are co-located. */
    boolean isWith(Table other) {
      return (shop() && other.shop()) || (accounts() && other.accounts());
    }

    private boolean shop() {
      return List.of("people", "orders", "order_lines", "archive.orders", "rare").contains(name);
    }

    private boolean accounts() {
      return key().equals("email");
    }

    /** The table under another name. */
    Source as(String alias) {
      return new Source(
          "",
          name + " " + alias,
          columns.stream().map(c -> new Field(alias + "." + c.sql(), c.type())).toList(),
          primaryKey.stream().map(c -> alias + "." + c).toList());
    }
  }

  private static Table table(String name, String primaryKey, String columns) {
    return new Table(
        name,
        List.of(primaryKey.split(", ")),
        Stream.of(columns.split(", *"))
            .map(column -> column.split(" "))
            .map(column -> new Field(column[0], Type.valueOf(column[1])))
            .toList());
  }

  List<Field> fields(Type type) {
    return fields.stream().filter(field -> field.type() == type).collect(Collectors.toList());
  }

  /** The rows of both, put together by a join. */
  Source join(String join, Source other, String condition) {
    List<Field> all = new ArrayList<>(fields);
    all.addAll(other.fields);
    List<String> both = new ArrayList<>(unique);
    both.addAll(other.unique);
    return new Source(
        with + other.with, from + " " + join + " " + other.from + " " + condition, all, both);
  }
}
