package dev.shardwright.examples.quickstart;

import dev.shardwright.router.Keyspace;

/**
 * A transaction on one key: inserts a row, and adds one to a counter of the key.
 *
 * @param insert a statement whose parameters are the key and the row's number
 * @param count a statement whose parameter is the key
 */
record CountedInsert(String insert, String count) {

  /** Runs it and gives the primary key of the new row, as {@code key:id}. */
  String run(Keyspace keyspace, long key, long id) {
    keyspace
        .on(key)
        .useTransaction(
            connection -> {
              try (var inserting = connection.prepareStatement(insert);
                  var counting = connection.prepareStatement(count)) {
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
