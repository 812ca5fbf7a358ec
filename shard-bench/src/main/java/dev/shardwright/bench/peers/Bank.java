package dev.shardwright.bench.peers;

import java.util.Collection;
import java.util.List;

/** What a service asks of the accounts, as one contender does it. Thread-safe. */
interface Bank {
  /** How many accounts are asked for at once. */
  int KEYS = 100;

  /** How many rows a page has. */
  int PAGE = 20;

  /** How many rows are before the page that is far down. */
  int DEEP = 5_000;

  /** The owner of one account. */
  String owner(long id) throws Exception;

  /** Sets the owner of one account, in a transaction that says so; the number of rows changed. */
  int rename(long id, String owner) throws Exception;

  /** These {@value #KEYS} accounts, in any order. */
  Collection<Account> accounts(List<Long> ids) throws Exception;

  /** How many accounts have at least 100. */
  long count() throws Exception;

  /** The sum of each branch, in their order. */
  List<Branch> sums() throws Exception;

  /** The average of each branch, in their order. */
  List<Branch> averages() throws Exception;

  /** The first page, the richest first. */
  List<Account> firstPage() throws Exception;

  /** The page after the first {@value #DEEP} rows, found by counting them. */
  List<Account> deepPage() throws Exception;

  /** The same page, found by the last row before it. */
  List<Account> pageAfter() throws Exception;
}
