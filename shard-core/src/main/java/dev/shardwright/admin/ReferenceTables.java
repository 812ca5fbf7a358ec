package dev.shardwright.admin;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Keeps the reference tables whole on every shard when one of either comes or goes. Thread-safe.
 *
 * <p>What is compared and copied is locked against writes until the topology has changed. A router
 * that writes a reference table by an older topology after that misses the new shard, so writers of
 * reference tables pause while a shard is added.
 */
final class ReferenceTables {
  private final TopologyEditor topologies;
  private final ShardDatabases databases;

  ReferenceTables(TopologyEditor topologies, ShardDatabases databases) {
    this.topologies = topologies;
    this.databases = databases;
  }

  /** Where it is empty it is filled from the first shard that has rows; then all must be alike. */
  AdminOutcome register(TableName table) {
    Topology done =
        topologies.attempt(
            current -> {
              if (current.referenceTables().contains(table)) {
                return Optional.of(current);
              }
              List<Shard> shards = List.copyOf(current.shards().values());
              check(current, table, shards);
              fill(table, shards);
              SortedSet<TableName> tables = new TreeSet<>(current.referenceTables());
              tables.add(table);
              return whileAlike(
                  table,
                  shards,
                  () -> topologies.swap(current, current.withReferenceTables(tables)));
            });
    return AdminOutcome.at(done.epoch());
  }

  /**
   * Fills the reference tables of a new shard from another, then lets it enter.
   *
   * @param enter runs while the source cannot change
   */
  Optional<Topology> copyTo(Shard target, Topology topology, Supplier<Optional<Topology>> enter) {
    SortedSet<TableName> tables = topology.referenceTables();
    Optional<Shard> source = Lookup.another(topology, target);
    if (tables.isEmpty() || source.isEmpty()) {
      return enter.get();
    }
    return databases.on(
        source.get(),
        "copying reference tables to shard " + target.id(),
        connection ->
            Transaction.in(
                connection,
                () -> {
                  for (TableName table : tables) {
                    lockAgainstWriters(connection, table);
                  }
                  copy(connection, target, tables);
                  return enter.get();
                }));
  }

  private void check(Topology topology, TableName table, List<Shard> shards) {
    Optional<KeyspaceTopology> keyspace = Lookup.keyspaceOf(topology, table);
    if (keyspace.isPresent()) {
      throw new ChangeRefused(
          "table %s is registered in keyspace %s: unregister it first"
              .formatted(table, keyspace.get().name()));
    }
    if (shards.isEmpty()) {
      throw new ChangeRefused("the cluster has no shard: add one first");
    }
    DefinitionComparison comparison = new DefinitionComparison(databases, shards.get(0));
    shards.forEach(shard -> comparison.require(shard, List.of(table)));
    Optional<String> problem =
        databases.on(
            shards.get(0),
            "checking reference table " + table,
            connection -> RelationKind.problem(connection, table));
    if (problem.isPresent()) {
      throw new ChangeRefused(
          "table %s cannot be registered as a reference table: %s".formatted(table, problem.get()));
    }
  }

  private void fill(TableName table, List<Shard> shards) {
    List<Shard> empty = new ArrayList<>();
    Optional<Shard> source = Optional.empty();
    for (Shard shard : shards) {
      boolean hasRows =
          databases.on(
              shard,
              "looking for rows of " + table,
              connection -> TableContent.hasRows(connection, table));
      if (!hasRows) {
        empty.add(shard);
      } else if (source.isEmpty()) {
        source = Optional.of(shard);
      }
    }
    source.ifPresent(
        from ->
            databases.run(
                from,
                "copying reference table " + table,
                connection ->
                    Transaction.run(
                        connection,
                        () -> {
                          lockAgainstWriters(connection, table);
                          for (Shard target : empty) {
                            copy(connection, target, List.of(table));
                          }
                        })));
  }

  /** All of them or none, so that foreign keys can be checked in the end. */
  private void copy(Connection source, Shard target, Collection<TableName> tables)
      throws SQLException {
    List<TableName> inOrder = LoadOrder.of(tables, LoadOrder.foreignKeys(source, tables));
    databases.run(
        target,
        "copying reference tables",
        connection ->
            Transaction.run(
                connection,
                () -> {
                  deferForeignKeys(connection);
                  for (TableName table : inOrder) {
                    copy(source, connection, target, table);
                  }
                }));
  }

  private static void copy(Connection source, Connection connection, Shard target, TableName table)
      throws SQLException {
    if (!TableContent.copyIfEmpty(source, connection, table)) {
      throw new ChangeRefused(
          ("rows of reference table %s on shard %s differ from those elsewhere: empty it there, it"
                  + " is filled from another shard")
              .formatted(table, target.id()));
    }
    TableSequences.advance(source, connection, table);
  }

  /** Runs the work while the table is locked against writes on all shards and alike there. */
  private Optional<Topology> whileAlike(
      TableName table, List<Shard> shards, Supplier<Optional<Topology>> work) {
    return whileAlike(table, shards, List.of(), work);
  }

  private Optional<Topology> whileAlike(
      TableName table,
      List<Shard> shards,
      List<TableContent> seen,
      Supplier<Optional<Topology>> work) {
    if (seen.size() == shards.size()) {
      return work.get();
    }
    Shard shard = shards.get(seen.size());
    return databases.on(
        shard,
        "comparing reference table " + table,
        connection ->
            Transaction.in(
                connection,
                () -> {
                  lockAgainstWriters(connection, table);
                  TableContent content = TableContent.of(connection, table);
                  if (!seen.isEmpty() && !seen.get(0).equals(content)) {
                    throw new ChangeRefused(
                        "reference table %s differs: %s rows on shard %s, %s rows on shard %s: make them alike, or empty it on all shards but one"
                            .formatted(
                                table,
                                seen.get(0).rows(),
                                shards.get(0).id(),
                                content.rows(),
                                shard.id()));
                  }
                  List<TableContent> more = new ArrayList<>(seen);
                  more.add(content);
                  return whileAlike(table, shards, more, work);
                }));
  }

  private static void deferForeignKeys(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set constraints all deferred");
    }
  }

  private static void lockAgainstWriters(Connection connection, TableName table)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("lock table " + SqlText.table(table) + " in share mode");
    }
  }
}
