package dev.shardwright.bench.peers;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What a query says of the accounts of one branch.
 *
 * @param figure the sum or the average of their balances
 */
record Branch(int number, long accounts, BigDecimal figure) {
  static Branch of(ResultSet row) throws SQLException {
    return new Branch(row.getInt(1), row.getLong(2), row.getBigDecimal(3));
  }

  Branch plus(Branch other) {
    return new Branch(number, accounts + other.accounts, figure.add(other.figure));
  }
}
