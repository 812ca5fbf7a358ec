package dev.shardwright.bench.peers;

import dev.shardwright.router.Keyset;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.Scatter;
import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.ShardRouter;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Shardwright's own calls. */
final class OwnCalls implements Bank {
  private static final String[] RICHEST_FIRST = {"balance desc", "account_id"};

  private final ShardRouter router;
  private final Scatter scatter;
  private final Keyspace keyspace;
  private final Statements statements;
  private final Keyset afterDeep;

  OwnCalls(ShardRouter router, String keyspace, String table) {
    this.router = router;
    this.scatter = router.scatter(ScatterOptions.DEFAULTS);
    this.keyspace = router.keyspace(keyspace);
    this.statements = Statements.on(table);
    String cursor =
        scatter
            .page(Keyset.first(DEEP, RICHEST_FIRST), statements.all(), Account::of)
            .next()
            .orElseThrow();
    this.afterDeep = Keyset.first(PAGE, RICHEST_FIRST).after(cursor);
  }

  @Override
  public String owner(long id) {
    return keyspace.on(id).queryOne(statements.owner(), row -> row.getString(1), id).orElseThrow();
  }

  @Override
  public int rename(long id, String name) {
    return keyspace
        .on(id)
        .inTransaction(
            connection -> {
              try (PreparedStatement statement = connection.prepareStatement(statements.rename())) {
                statement.setString(1, name);
                statement.setLong(2, id);
                return statement.executeUpdate();
              }
            });
  }

  @Override
  public Collection<Account> accounts(List<Long> ids) {
    List<Account> all = new ArrayList<>(ids.size());
    keyspace
        .onEach(ids)
        .query(statements.accountsOfArray(), "account_id", Account::of)
        .values()
        .forEach(all::addAll);
    return all;
  }

  @Override
  public long count() {
    return router.scatter(statements.count(), row -> row.getLong(1)).get(0);
  }

  @Override
  public List<Branch> sums() {
    return router.scatter(statements.sums(), Branch::of);
  }

  @Override
  public List<Branch> averages() {
    return router.scatter(statements.averages(), Branch::of);
  }

  @Override
  public List<Account> firstPage() {
    return router.scatter(statements.firstPage(), Account::of);
  }

  @Override
  public List<Account> deepPage() {
    return router.scatter(statements.deepPage(), Account::of);
  }

  @Override
  public List<Account> pageAfter() {
    return scatter.page(afterDeep, statements.all(), Account::of).rows();
  }
}
