package dev.shardwright.admin;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The order in which tables can be filled: each after those that its foreign keys refer to. A
 * deferrable key does not matter, since its check can wait until all tables are filled; neither
 * does one to its own table, since it is checked when the statement that fills it has ended.
 */
final class LoadOrder {
  /**
   * A foreign key that is checked at once.
   *
   * @param name of the constraint
   * @param from the table that has it
   * @param to the table that it refers to
   */
  record ForeignKey(String name, TableName from, TableName to) {}

  private static final String FOREIGN_KEYS =
      """
      select k.conname, n.nspname, c.relname
      from pg_constraint k join pg_class c on c.oid = k.confrelid
      join pg_namespace n on n.oid = c.relnamespace
      where k.conrelid = ?::regclass and k.contype = 'f' and not k.condeferrable
      order by k.conname
      """;

  private final Map<TableName, List<ForeignKey>> keys = new TreeMap<>();
  private final Set<TableName> ordered = new LinkedHashSet<>();

  private LoadOrder(Collection<TableName> tables, Collection<ForeignKey> foreignKeys) {
    tables.forEach(table -> keys.put(table, new ArrayList<>()));
    for (ForeignKey key : foreignKeys) {
      List<ForeignKey> ofTable = keys.get(key.from());
      if (ofTable != null && keys.containsKey(key.to()) && !key.from().equals(key.to())) {
        ofTable.add(key);
      }
    }
  }

  /**
   * Puts tables in order.
   *
   * @param foreignKeys of these tables; those to others do not count
   * @throws ChangeRefused if foreign keys form a circle
   */
  static List<TableName> of(Collection<TableName> tables, Collection<ForeignKey> foreignKeys) {
    LoadOrder order = new LoadOrder(tables, foreignKeys);
    order.keys.keySet().forEach(table -> order.visit(table, List.of()));
    return List.copyOf(order.ordered);
  }

  /** The foreign keys of these tables that are checked at once. */
  static List<ForeignKey> foreignKeys(Connection connection, Collection<TableName> tables)
      throws SQLException {
    List<ForeignKey> found = new ArrayList<>();
    for (TableName table : tables) {
      try (PreparedStatement statement = connection.prepareStatement(FOREIGN_KEYS)) {
        statement.setString(1, SqlText.table(table));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            TableName to = new TableName(rows.getString(2), rows.getString(3));
            found.add(new ForeignKey(rows.getString(1), table, to));
          }
        }
      }
    }
    return found;
  }

  /**
   * Appends the table after those that it refers to.
   *
   * @param path the keys that led here
   */
  private void visit(TableName table, List<ForeignKey> path) {
    if (ordered.contains(table)) {
      return;
    }
    for (ForeignKey key : keys.getOrDefault(table, List.of())) {
      List<ForeignKey> further = new ArrayList<>(path);
      further.add(key);
      refuseCircle(further, key.to());
      visit(key.to(), further);
    }
    ordered.add(table);
  }

  private static void refuseCircle(List<ForeignKey> path, TableName reached) {
    for (int i = 0; i < path.size(); i++) {
      if (path.get(i).from().equals(reached)) {
        ForeignKey first = path.get(i);
        throw new ChangeRefused(
            ("tables cannot be filled one after the other, their foreign keys form a circle: %s;"
                    + " make one of them deferrable on every shard: alter table %s alter constraint"
                    + " %s deferrable")
                .formatted(
                    path.subList(i, path.size()).stream()
                        .map(key -> "%s of %s".formatted(key.name(), key.from()))
                        .collect(Collectors.joining(", ")),
                    SqlText.table(first.from()),
                    SqlText.identifier(first.name())));
      }
    }
  }
}
