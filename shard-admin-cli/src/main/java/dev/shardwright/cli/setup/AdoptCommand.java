package dev.shardwright.cli.setup;

import dev.shardwright.admin.AdminOutcome;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
      "The cluster must be set up (shard-admin init) and have no other shard. All that can be refused",
      "is looked at before anything is changed.",
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
    Shard newcomer = Shard.of(shard, primary);
    NewKeyspace wanted = NewKeyspace.hash(keyspace, type);
    List<ShardedTable> adopted = new ArrayList<>();
    tables.forEach((table, key) -> adopted.add(ShardedTable.of(table, key)));
    try (ClusterAdmin admin = session.admin()) {
      admin.checkAdoptable(newcomer, wanted, adopted);
      Epoch epoch = admin.addShard(newcomer).epoch();
      session.tell("Shard %s is in the cluster".formatted(shard));
      if (admin.topology().keyspace(keyspace).isEmpty()) {
        epoch = admin.createKeyspace(wanted).epoch();
        session.tell("Keyspace %s is created".formatted(keyspace));
      }
      List<String> advice = new ArrayList<>();
      for (ShardedTable table : adopted) {
        AdminOutcome outcome = admin.registerTable(keyspace, table);
        epoch = outcome.epoch();
        advice.addAll(outcome.advice());
        session.tell("Table %s is in it".formatted(table.name()));
      }
      session.printDone(
          "Database %s is shard %s: services may come through routers".formatted(url, shard),
          new AdminOutcome(epoch, advice));
      return ExitCode.DONE;
    }
  }
}
