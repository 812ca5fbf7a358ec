package dev.shardwright.bench.peers;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Merges the rows of the shards, each the richest first, no further than a page needs. */
final class PageMerge {
  private PageMerge() {}

  /** The page at the beginning. */
  static List<Account> firstPage(List<ResultSet> parts) throws SQLException {
    return page(parts, 0);
  }

  /** The page after {@value Bank#DEEP} rows. */
  static List<Account> deepPage(List<ResultSet> parts) throws SQLException {
    return page(parts, Bank.DEEP);
  }

  private static List<Account> page(List<ResultSet> parts, int offset) throws SQLException {
    List<Head> heads = new ArrayList<>();
    for (ResultSet rows : parts) {
      Head head = new Head(rows);
      if (head.next()) {
        heads.add(head);
      }
    }
    List<Account> page = new ArrayList<>(Bank.PAGE);
    for (int place = 0; place < offset + Bank.PAGE && !heads.isEmpty(); place++) {
      Head first = first(heads);
      if (place >= offset) {
        page.add(Account.of(first.rows));
      }
      if (!first.next()) {
        heads.remove(first);
      }
    }
    return page;
  }

  private static Head first(List<Head> heads) {
    Head first = heads.get(0);
    for (int i = 1; i < heads.size(); i++) {
      if (heads.get(i).isBefore(first)) {
        first = heads.get(i);
      }
    }
    return first;
  }

  /** The next row of a shard; of rows that are skipped only the order is read. */
  private static final class Head {
    private final ResultSet rows;
    private BigDecimal balance = BigDecimal.ZERO;
    private long id;

    Head(ResultSet rows) {
      this.rows = rows;
    }

    boolean next() throws SQLException {
      if (!rows.next()) {
        return false;
      }
      id = rows.getLong(1);
      balance = rows.getBigDecimal(3);
      return true;
    }

    boolean isBefore(Head other) {
      int order = other.balance.compareTo(balance);
      return order < 0 || (order == 0 && id < other.id);
    }
  }
}
