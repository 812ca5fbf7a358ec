package dev.shardwright.bench.peers;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;

/** A row of the table of accounts, without its branch. */
record Account(long id, String owner, BigDecimal balance) {
  /** The order of the pages: the richest first. */
  static final Comparator<Account> RICHEST_FIRST =
      Comparator.comparing(Account::balance).reversed().thenComparing(Account::id);

  static Account of(ResultSet row) throws SQLException {
    return new Account(row.getLong(1), row.getString(2), row.getBigDecimal(3));
  }
}
