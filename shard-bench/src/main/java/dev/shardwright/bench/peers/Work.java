package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.AccountsByShard;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;

/**
 * The kinds of work that are compared, in the order of the table: over all shards the short ones
 * first, by which the code that all of them run is compiled before the long ones.
 */
enum Work {
  POINT_SELECT("point select"),
  MULTI_GET("multi-get of 100 keys"),
  FIRST_PAGE("ORDER BY LIMIT 20"),
  KEYSET_PAGE("the page after 5000 rows, by keyset"),
  DEEP_PAGE("the same page, OFFSET 5000"),
  COUNT("count"),
  SUMS("GROUP BY, count and sum"),
  AVERAGES("GROUP BY, count and avg"),
  /** The last, for it leaves dead rows behind. Changes nothing that others would read. */
  UPDATE("update in a transaction");

  private final String title;

  Work(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Does it once, on a bank with so many accounts. */
  Object ask(Bank bank, int accounts, Random random) throws Exception {
    return switch (this) {
      case POINT_SELECT -> bank.owner(random.nextInt(accounts));
      case MULTI_GET -> bank.accounts(keys(accounts, random));
      case COUNT -> bank.count();
      case SUMS -> bank.sums();
      case AVERAGES -> bank.averages();
      case FIRST_PAGE -> bank.firstPage();
      case DEEP_PAGE -> bank.deepPage();
      case KEYSET_PAGE -> bank.pageAfter();
      case UPDATE -> rename(bank, random.nextInt(accounts));
    };
  }

  /** Whether two answers are the same; the accounts of many keys come in any order. */
  boolean same(Object answer, Object other) {
    if (this == MULTI_GET) {
      Collection<?> some = (Collection<?>) answer;
      Collection<?> others = (Collection<?>) other;
      return some.size() == others.size() && new HashSet<>(some).equals(new HashSet<>(others));
    }
    return answer.equals(other);
  }

  private static int rename(Bank bank, int key) throws Exception {
    return bank.rename(key, AccountsByShard.ownerName(key));
  }

  private static List<Long> keys(int accounts, Random random) {
    return random.longs(0, accounts).distinct().limit(Bank.KEYS).boxed().toList();
  }
}
