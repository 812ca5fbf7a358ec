package dev.shardwright.router.internal.sql.tables;

import dev.shardwright.ring.Strategy;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tables.TableUse.Kind;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import net.sf.jsqlparser.schema.Table;
import org.jspecify.annotations.Nullable;

/**
 * All tables that a topology knows, without where their rows are: the part of a topology that the
 * analysis of a text depends on. Equal for topologies that differ in nothing else. Immutable.
 */
public final class Registrations {
  private static final Set<String> SYSTEM_SCHEMAS =
      Set.of("pg_catalog", "information_schema", "pg_toast");

  private final Map<TableName, Registered> tables;
  private final int hash;

  private Registrations(Map<TableName, Registered> tables) {
    this.tables = tables;
    this.hash = tables.hashCode();
  }

  public static Registrations of(Topology topology) {
    Map<TableName, Registered> tables = new HashMap<>();
    for (TableName table : topology.referenceTables()) {
      tables.put(table, new Registered(table, Kind.REFERENCE, null, null, null, null));
    }
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (ShardedTable table : keyspace.tables().values()) {
        tables.put(table.name(), registered(keyspace, table));
      }
    }
    return new Registrations(tables);
  }

  private static Registered registered(KeyspaceTopology keyspace, ShardedTable table) {
    return new Registered(
        table.name(),
        keyspace.strategy() == Strategy.SINGLE ? Kind.SINGLE : Kind.SHARDED,
        keyspace.name(),
        keyspace.keyType().orElse(null),
        table.keyColumn().orElse(null),
        table.regionColumn().orElse(null));
  }

  /**
   * The table that a statement names.
   *
   * @throws SqlRefused if it is not registered
   */
  public Registered find(Table written, SearchPath path) {
    String name = Names.fold(written.getName());
    String schema = written.getSchemaName();
    if (schema != null) {
      Registered found = tables.get(new TableName(Names.fold(schema), name));
      if (found == null) {
        throw unknown(Names.fold(schema), name);
      }
      return found;
    }
    for (String candidate : path.schemas()) {
      Registered found = tables.get(new TableName(candidate, name));
      if (found != null) {
        return found;
      }
    }
    throw unknown(null, name);
  }

  private static SqlRefused unknown(@Nullable String schema, String name) {
    boolean system = schema == null ? name.startsWith("pg_") : SYSTEM_SCHEMAS.contains(schema);
    String full = schema == null ? name : schema + "." + name;
    return new SqlRefused(
        Reason.UNKNOWN_TABLE,
        system
            ? ("%s is a system catalog, which differs from shard to shard: ask one shard, through"
                    + " a connection that is bound to a key")
                .formatted(full)
            : ("table %s is not registered in the cluster: register it (a view: write out its"
                    + " query), or use a connection that is bound to a key")
                .formatted(full));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Registrations that && tables.equals(that.tables);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
