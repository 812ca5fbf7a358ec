package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.FanOutByHand;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The floor: what a careful hand would write for exactly these statements, over HikariCP and
 * pgjdbc. Key modulo shards says which shard has a row.
 */
final class ByHand implements Bank {
  /** As many digits as PostgreSQL gives an average of this size. */
  private static final int AVERAGE_DIGITS = 16;

  private static final FanOutByHand.Binder NOTHING = (shard, connection, statement) -> {};

  private final FanOutByHand pools;
  private final int shards;
  private final Account lastBefore;
  private final Statements statements;
  private final String untilDeepPage;

  /**
   * @param lastBefore the last of the first {@value Bank#DEEP} rows
   */
  ByHand(FanOutByHand pools, int shards, String table, Account lastBefore) {
    this.pools = pools;
    this.shards = shards;
    this.lastBefore = lastBefore;
    this.statements = Statements.on(table);
    this.untilDeepPage = statements.untilDeepPage();
  }

  @Override
  public String owner(long id) throws SQLException {
    try (Connection connection = pools.connection(shard(id));
        PreparedStatement statement = connection.prepareStatement(statements.owner())) {
      statement.setLong(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  @Override
  public int rename(long id, String name) throws SQLException {
    try (Connection connection = pools.connection(shard(id))) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(statements.rename())) {
        statement.setString(1, name);
        statement.setLong(2, id);
        int changed = statement.executeUpdate();
        connection.commit();
        return changed;
      }
    }
  }

  @Override
  public List<Account> accounts(List<Long> ids) throws Exception {
    List<List<Long>> byShard = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      byShard.add(new ArrayList<>());
    }
    ids.forEach(id -> byShard.get(shard(id)).add(id));
    return concatenated(
        pools.query(
            statements.accountsOfArray(),
            (shard, connection, statement) ->
                statement.setArray(
                    1, connection.createArrayOf("bigint", byShard.get(shard).toArray())),
            Account::of));
  }

  @Override
  public long count() throws Exception {
    long all = 0;
    for (List<Long> part : pools.query(statements.count(), NOTHING, row -> row.getLong(1))) {
      all += part.get(0);
    }
    return all;
  }

  @Override
  public List<Branch> sums() throws Exception {
    Map<Integer, Branch> merged = new TreeMap<>();
    for (List<Branch> part : pools.query(statements.sums(), NOTHING, Branch::of)) {
      part.forEach(branch -> merged.merge(branch.number(), branch, Branch::plus));
    }
    return List.copyOf(merged.values());
  }

  @Override
  public List<Branch> averages() throws Exception {
    return sums().stream().map(ByHand::averaged).toList();
  }

  private static Branch averaged(Branch sum) {
    return new Branch(
        sum.number(),
        sum.accounts(),
        sum.figure()
            .divide(BigDecimal.valueOf(sum.accounts()), AVERAGE_DIGITS, RoundingMode.HALF_UP));
  }

  @Override
  public List<Account> firstPage() throws Exception {
    return pools.merge(statements.firstPage(), NOTHING, PageMerge::firstPage);
  }

  @Override
  public List<Account> deepPage() throws Exception {
    return pools.merge(untilDeepPage, NOTHING, PageMerge::deepPage);
  }

  @Override
  public List<Account> pageAfter() throws Exception {
    return pools.merge(
        statements.pageAfter(),
        (shard, connection, statement) -> {
          statement.setBigDecimal(1, lastBefore.balance());
          statement.setBigDecimal(2, lastBefore.balance());
          statement.setLong(3, lastBefore.id());
        },
        PageMerge::firstPage);
  }

  private static List<Account> concatenated(List<List<Account>> parts) {
    List<Account> all = new ArrayList<>();
    parts.forEach(all::addAll);
    return all;
  }

  private int shard(long id) {
    return (int) (id % shards);
  }
}
