package dev.shardwright.cli.setup;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code table …}. */
@Command(
    name = "table",
    description = "Registers, lists and unregisters tables.",
    synopsisSubcommandLabel = "COMMAND")
public final class TableCommands {
  private final Session session;

  /** For one run of the program. */
  public TableCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "add",
      description = "Registers a sharded table, which must be on all shards, defined alike.",
      footer = {
        "",
        "From then on each shard refuses rows of the table that do not belong there.",
        "",
        "Examples:",
        "  shard-admin table add shop orders --key user_id",
        "  shard-admin table add people sales.visits --key person --region country"
      })
  int add(
      @Parameters(paramLabel = "KEYSPACE", description = "The keyspace.") String keyspace,
      @Parameters(
              paramLabel = "TABLE",
              description = "The table; in schema public if none is said.")
          TableName table,
      @Option(
              names = "--key",
              paramLabel = "COLUMN",
              description = "The sharding key; none in a keyspace of strategy single.")
          @Nullable String key,
      @Option(
              names = "--region",
              paramLabel = "COLUMN",
              description = "The column that holds the region, in a keyspace with regions.")
          @Nullable String region) {
    ShardedTable wanted =
        new ShardedTable(table, Optional.ofNullable(key), Optional.ofNullable(region));
    try (ClusterAdmin admin = session.admin()) {
      session.printDone(
          "Table %s is in keyspace %s".formatted(table, keyspace),
          admin.registerTable(keyspace, wanted));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "reference",
      description = "Registers a small table that is kept whole on every shard.",
      footer = {
        "",
        "Shards where it is empty are filled from one that has rows.",
        "",
        "Example:",
        "  shard-admin table reference countries"
      })
  int reference(@Parameters(paramLabel = "TABLE", description = "The table.") TableName table) {
    try (ClusterAdmin admin = session.admin()) {
      session.printDone(
          "Table %s is a reference table".formatted(table), admin.registerReferenceTable(table));
      return ExitCode.DONE;
    }
  }

  @Command(name = "list", description = "Lists the registered tables.")
  int list() {
    try (ClusterAdmin admin = session.admin()) {
      session.print(Answer.EMPTY.with(Overview.tables(admin.topology())));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "remove",
      description = "Forgets a table and removes its guards. Its rows stay where they are.",
      footer = {
        "",
        "Of a table that is not registered it removes guards that a broken registration has left.",
        "",
        "Example:",
        "  shard-admin table remove orders --yes"
      })
  int remove(
      @Parameters(paramLabel = "TABLE", description = "The table.") TableName table,
      @Option(names = "--yes", description = "Do not ask.") boolean yes) {
    try (ClusterAdmin admin = session.admin()) {
      boolean registered = isRegistered(admin.topology(), table);
      session.confirm(
          (registered
                  ? "Forget table %s? Its rows stay."
                  : "Table %s is not registered. Remove guards that a broken registration has left?")
              .formatted(table),
          yes);
      session.printDone(
          (registered
                  ? "Table %s is forgotten"
                  : "Table %s was not registered; no shard has a guard of it any more")
              .formatted(table),
          admin.unregisterTable(table));
      return ExitCode.DONE;
    }
  }

  private static boolean isRegistered(Topology topology, TableName table) {
    return topology.referenceTables().contains(table)
        || topology.keyspaces().values().stream()
            .anyMatch(keyspace -> keyspace.tables().containsKey(table));
  }
}
