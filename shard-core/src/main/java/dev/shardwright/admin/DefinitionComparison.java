package dev.shardwright.admin;

import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compares table definitions on the shards with those on one shard that serves as the model. */
final class DefinitionComparison {
  private final ShardDatabases databases;
  private final Shard model;
  private final Map<TableName, Optional<TableDefinition>> known = new TreeMap<>();

  DefinitionComparison(ShardDatabases databases, Shard model) {
    this.databases = databases;
    this.model = model;
  }

  /**
   * Demands that the tables are on a shard as they are on the model.
   *
   * @throws ChangeRefused with each difference on a line of its own
   */
  void require(Shard shard, Collection<TableName> tables) {
    List<String> differences = new ArrayList<>();
    Map<TableName, Optional<TableDefinition>> theirs = read(shard, tables);
    for (TableName table : tables) {
      TableDefinition wanted = wanted(table);
      theirs
          .getOrDefault(table, Optional.empty())
          .ifPresentOrElse(
              found -> differences.addAll(wanted.differences(found, name(model), name(shard))),
              () -> differences.add("%s is missing on %s".formatted(table, name(shard))));
    }
    if (!differences.isEmpty()) {
      throw new ChangeRefused(
          "tables on %s are not defined as on %s; make them the same:\n  %s"
              .formatted(name(shard), name(model), String.join("\n  ", differences)));
    }
  }

  private TableDefinition wanted(TableName table) {
    return known
        .computeIfAbsent(table, name -> read(model, List.of(name)).get(name))
        .orElseThrow(
            () ->
                new ChangeRefused(
                    "table %s does not exist on %s: create it on every shard first"
                        .formatted(table, name(model))));
  }

  private Map<TableName, Optional<TableDefinition>> read(
      Shard shard, Collection<TableName> tables) {
    return databases.on(shard, "reading table definitions", connection -> read(connection, tables));
  }

  private static Map<TableName, Optional<TableDefinition>> read(
      Connection connection, Collection<TableName> tables) throws SQLException {
    Map<TableName, Optional<TableDefinition>> definitions = new TreeMap<>();
    for (TableName table : tables) {
      definitions.put(table, TableCatalog.definition(connection, table));
    }
    return definitions;
  }

  private static String name(Shard shard) {
    return "shard " + shard.id();
  }
}
