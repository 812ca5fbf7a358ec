package dev.shardwright.cli.setup;

import dev.shardwright.admin.AdminOutcome;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code adopt}. */
@Command(
    name = "adopt",
    description = "Makes an existing database, with all its rows, the first shard.",
    footer = {
      "",
      "The same as shard add, keyspace create and table add one after the other; may be run again.",
      "The cluster must be set up (shard-admin init) and have no other shard.",
      "",
      "Example:",
      "  shard-admin adopt s1 --url jdbc:postgresql://db1/shop --user app --keyspace shop"
          + " --key-type bigint --table users=id --table orders=user_id"
    })
public final class AdoptCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "ID", description = "The shard's name.")
  private @Nullable ShardId id;

  @Option(names = "--url", required = true, paramLabel = "JDBC-URL", description = "The database.")
  private String url = "";

  @Option(names = "--user", paramLabel = "USER", description = "The app role.")
  private @Nullable String user;

  @Option(
      names = "--keyspace",
      required = true,
      paramLabel = "NAME",
      description = "The keyspace of the tables, of strategy hash.")
  private String keyspace = "";

  @Option(
      names = "--key-type",
      required = true,
      paramLabel = "TYPE",
      description = "The sharding key's type.")
  private @Nullable KeyType keyType;

  @Option(
      names = "--table",
      required = true,
      paramLabel = "TABLE=COLUMN",
      description = "A table and its sharding key; may be given several times.")
  private Map<TableName, String> tables = new TreeMap<>();

  /** For one run of the program. */
  public AdoptCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ShardId shard = Objects.requireNonNull(id, "picocli requires it");
    KeyType type = Objects.requireNonNull(keyType, "picocli requires it");
    String appRole = user == null ? session.defaultUser() : user;
    Endpoint primary = WrongUsage.ifRefused(() -> new Endpoint(url, appRole));
    try (ClusterAdmin admin = session.admin()) {
      refuseOthers(admin.topology(), shard);
      AdminOutcome outcome = admin.addShard(Shard.of(shard, primary));
      session.tell("Shard %s is in the cluster".formatted(shard));
      if (!isThere(admin.topology(), type)) {
        outcome = admin.createKeyspace(NewKeyspace.hash(keyspace, type));
        session.tell("Keyspace %s is created".formatted(keyspace));
      }
      for (Map.Entry<TableName, String> table : tables.entrySet()) {
        outcome = admin.registerTable(keyspace, ShardedTable.of(table.getKey(), table.getValue()));
        outcome.advice().forEach(advice -> session.tell("Advice: " + advice));
        session.tell("Table %s is in it".formatted(table.getKey()));
      }
      session.printDone(
          "Database %s is shard %s: services may come through routers".formatted(url, shard),
          outcome);
      return ExitCode.DONE;
    }
  }

  private static void refuseOthers(Topology topology, ShardId shard) {
    if (topology.shards().keySet().stream().anyMatch(other -> !other.equals(shard))) {
      throw new NotDone(
          "the cluster has the shards %s already: a database with rows can only be the first; load"
                  .formatted(topology.shards().keySet())
              + " its rows through routers");
    }
  }

  private boolean isThere(Topology topology, KeyType type) {
    Optional<KeyspaceTopology> found = topology.keyspace(keyspace);
    if (found.isPresent() && !found.get().keyType().equals(Optional.of(type))) {
      throw new NotDone(
          "there is a keyspace %s already, with keys of another type".formatted(keyspace));
    }
    return found.isPresent();
  }
}
