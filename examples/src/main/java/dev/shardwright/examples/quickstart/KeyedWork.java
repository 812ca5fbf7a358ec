package dev.shardwright.examples.quickstart;

import dev.shardwright.router.Keyspace;

/** A service that names the key of its work to the router. */
record KeyedWork(Keyspace keyspace, WorkSql sql) implements Traffic.Work {
  @Override
  public void read(long key) {
    keyspace.on(key).query(sql.select(), row -> row.getString(1), key);
  }

  @Override
  public String write(long key, long id) {
    keyspace
        .on(key)
        .useTransaction(
            connection -> {
              try (var inserting = connection.prepareStatement(sql.insert());
                  var counting = connection.prepareStatement(sql.count())) {
                inserting.setLong(1, key);
                inserting.setLong(2, id);
                inserting.executeUpdate();
                counting.setLong(1, key);
                counting.executeUpdate();
              }
            });
    return key + ":" + id;
  }
}
