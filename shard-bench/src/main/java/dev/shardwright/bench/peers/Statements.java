package dev.shardwright.bench.peers;

import java.util.Collections;

/**
 * The statements on one table of accounts, as one would write them for a single database.
 *
 * @param owner one parameter: an id
 * @param rename two parameters: an owner and an id
 * @param accounts {@value Bank#KEYS} parameters: ids
 * @param accountsOfArray one parameter: an array of ids
 * @param all the rows of all pages, in no order
 * @param pageAfter three parameters: the balance of the last row before, once more, and its id;
 *     said so that PostgreSQL begins in the index where the page begins
 */
record Statements(
    String owner,
    String rename,
    String accounts,
    String accountsOfArray,
    String count,
    String sums,
    String averages,
    String all,
    String firstPage,
    String deepPage,
    String pageAfter) {

  static Statements on(String table) {
    String from = " from " + table;
    String all = "select account_id, owner, balance" + from;
    String page = " order by balance desc, account_id limit " + Bank.PAGE;
    String byBranch = from + " group by branch order by branch";
    String keys = String.join(", ", Collections.nCopies(Bank.KEYS, "?"));
    return new Statements(
        "select owner" + from + " where account_id = ?",
        "update " + table + " set owner = ? where account_id = ?",
        all + " where account_id in (" + keys + ")",
        all + " where account_id = any(?)",
        "select count(*)" + from + " where balance >= 100",
        "select branch, count(*), sum(balance)" + byBranch,
        "select branch, count(*), avg(balance)" + byBranch,
        all,
        all + page,
        all + page + " offset " + Bank.DEEP,
        all + " where balance <= ? and (balance < ? or account_id > ?)" + page);
  }

  /** What a shard has to send if the page is found by counting. */
  String untilDeepPage() {
    return all + " order by balance desc, account_id limit " + (Bank.DEEP + Bank.PAGE);
  }
}
