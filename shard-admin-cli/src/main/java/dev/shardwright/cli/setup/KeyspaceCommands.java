package dev.shardwright.cli.setup;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Named;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keyspace …}. */
@Command(
    name = "keyspace",
    description = "Creates, lays out, shows and drops keyspaces.",
    synopsisSubcommandLabel = "COMMAND")
public final class KeyspaceCommands {
  private final Session session;

  /** For one run of the program. */
  public KeyspaceCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "create",
      description = "Creates a keyspace without tables, laid out over the active shards by weight.",
      footer = {
        "",
        "Examples:",
        "  shard-admin keyspace create shop --key-type bigint --strategy hash",
        "  shard-admin keyspace create events --key-type timestamptz --strategy range"
            + " --split-at 2026-01-01T00:00:00Z,2026-02-01T00:00:00Z",
        "  shard-admin keyspace create people --key-type uuid --strategy hash --regions eu,us",
        "  shard-admin keyspace create back-office --strategy single --home s1"
      })
  int create(
      @Parameters(paramLabel = "NAME", description = "The new keyspace's name.") String name,
      @Option(
              names = "--strategy",
              required = true,
              paramLabel = "hash|range|single",
              description = "How keys become tokens.")
          Strategy strategy,
      @Option(
              names = "--key-type",
              paramLabel = "TYPE",
              description =
                  "The sharding key's type: bigint, integer, smallint, text, uuid or timestamptz.")
          @Nullable KeyType keyType,
      @Option(
              names = "--virtual-nodes",
              paramLabel = "N",
              description = "With hash: virtual nodes of an ordinary shard (default: 64).")
          @Nullable Integer virtualNodes,
      @Option(
              names = "--split-at",
              split = ",",
              paramLabel = "V",
              description = "With range: the first keys of all ranges but the first.")
          @Nullable List<String> splitAt,
      @Option(
              names = "--regions",
              split = ",",
              paramLabel = "R",
              description = "One ring for each of these regions.")
          @Nullable List<Region> regions,
      @Option(
              names = "--home",
              paramLabel = "SHARD",
              description = "With single: the shard of all its tables.")
          @Nullable ShardId home) {
    refuseUnless(strategy == Strategy.HASH, "--virtual-nodes", "hash", virtualNodes);
    refuseUnless(strategy == Strategy.RANGE, "--split-at", "range", splitAt);
    refuseUnless(strategy != Strategy.SINGLE, "--regions", "hash or range", regions);
    refuseUnless(strategy == Strategy.SINGLE, "--home", "single", home);
    refuseUnless(strategy != Strategy.SINGLE, "--key-type", "hash or range", keyType);
    require(strategy == Strategy.SINGLE || keyType != null, strategy, "--key-type TYPE");
    require(strategy != Strategy.SINGLE || home != null, strategy, "--home SHARD");
    NewKeyspace wanted =
        new NewKeyspace(
            name,
            strategy,
            Optional.ofNullable(keyType),
            virtualNodes == null ? KeyspaceTopology.DEFAULT_VIRTUAL_NODES : virtualNodes,
            new TreeSet<>(regions == null ? List.of() : regions),
            splitAt == null ? List.of() : splitAt,
            Optional.ofNullable(home));
    try (ClusterAdmin admin = session.admin()) {
      session.printDone("Keyspace " + name + " is created", admin.createKeyspace(wanted));
      return ExitCode.DONE;
    }
  }

  private static void refuseUnless(
      boolean fits, String option, String strategy, @Nullable Object given) {
    if (given != null && !fits) {
      throw new WrongUsage(
          "%s is for strategy %s: leave it out, or choose that".formatted(option, strategy));
    }
  }

  private static void require(boolean given, Strategy strategy, String option) {
    if (!given) {
      throw new WrongUsage(
          "strategy %s needs %s: see shard-admin keyspace create --help"
              .formatted(Overview.word(strategy), option));
    }
  }

  @Command(
      name = "split-keys",
      description = "Finds keys that split the rows of a table into ranges of about the same size.",
      footer = {
        "",
        "For --split-at of keyspace create. Changes nothing, keeps nobody waiting. Rebalances deal the",
        "ranges out later: ask for some for each shard that there may be one day.",
        "",
        "Example:",
        "  shard-admin keyspace split-keys events --key happened_at --shard s1 --ranges 64"
      })
  int splitKeys(
      @Parameters(
              paramLabel = "TABLE",
              description = "The table; in schema public if none is said.")
          TableName table,
      @Option(
              names = "--key",
              required = true,
              paramLabel = "COLUMN",
              description = "The sharding key: smallint, integer, bigint or timestamptz.")
          String key,
      @Option(
              names = "--shard",
              required = true,
              paramLabel = "SHARD",
              description = "The shard that has the table.")
          ShardId shard,
      @Option(
              names = "--ranges",
              required = true,
              paramLabel = "N",
              description = "How many ranges, 2 to 256; fewer where single keys have many rows.")
          int ranges) {
    try (ClusterAdmin admin = session.admin()) {
      List<String> keys =
          admin.sampleSplitKeys(Named.shard(admin.topology(), shard), table, key, ranges);
      session.print(Answer.EMPTY.fact("splitKeys", Cell.items(keys)), String.join(",", keys));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "lay-out",
      description = "Lays a keyspace out over today's active shards by weight, as if it were new.",
      footer = {
        "",
        "Pins stay, and so do the split keys of strategy range. Refused if a row would have to move:",
        "shard-admin rebalance does that.",
        "",
        "Example, for a keyspace without rows after a shard was added:",
        "  shard-admin keyspace lay-out shop"
      })
  int layOut(@Parameters(paramLabel = "NAME", description = "The keyspace.") String name) {
    try (ClusterAdmin admin = session.admin()) {
      Named.keyspace(admin.topology(), name);
      session.printDone("Keyspace " + name + " is laid out anew", admin.layOut(name));
      return ExitCode.DONE;
    }
  }

  @Command(name = "list", description = "Lists the keyspaces.")
  int list() {
    try (ClusterAdmin admin = session.admin()) {
      session.print(Answer.EMPTY.with(Overview.keyspaces(admin.topology())));
      return ExitCode.DONE;
    }
  }

  @Command(name = "show", description = "Shows a keyspace: its tables, rings and pins.")
  int show(@Parameters(paramLabel = "NAME", description = "The keyspace.") String name) {
    try (ClusterAdmin admin = session.admin()) {
      KeyspaceTopology keyspace = Named.keyspace(admin.topology(), name);
      session.print(
          Answer.EMPTY
              .fact("name", Cell.of(keyspace.name()))
              .fact("strategy", Cell.of(Overview.word(keyspace.strategy())))
              .fact(
                  "keyType",
                  keyspace.keyType().map(KeyType::sqlName).map(Cell::of).orElseGet(Cell::none))
              .fact("regions", Cell.items(keyspace.regions().stream().map(Region::name).toList()))
              .fact("virtualNodesPerShard", Cell.of(keyspace.virtualNodes()))
              .with(Overview.tables(keyspace))
              .with(Overview.rings(keyspace))
              .table("pins", List.of("region", "key", "token", "shard"), pins(keyspace)));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "drop",
      description = "Drops a keyspace that has no tables any more.",
      footer = {"", "Example:", "  shard-admin keyspace drop old-shop"})
  int drop(
      @Parameters(paramLabel = "NAME", description = "The keyspace.") String name,
      @Option(names = "--yes", description = "Do not ask.") boolean yes) {
    try (ClusterAdmin admin = session.admin()) {
      Named.keyspace(admin.topology(), name);
      session.confirm("Drop keyspace %s?".formatted(name), yes);
      session.printDone("Keyspace " + name + " is dropped", admin.dropKeyspace(name));
      return ExitCode.DONE;
    }
  }

  private static List<List<Cell>> pins(KeyspaceTopology keyspace) {
    List<List<Cell>> rows = new ArrayList<>();
    keyspace
        .placements()
        .forEach(
            (region, placement) ->
                placement.pins().all().forEach(pin -> rows.add(row(region, pin))));
    return rows;
  }

  /**
   * A token is a name here, not an amount: programs that read JSON could not hold it as a number.
   */
  private static List<Cell> row(Region region, Pin pin) {
    return List.of(
        Cell.of(region),
        Cell.of(pin.key()),
        Cell.of(Long.toString(pin.token())),
        Cell.of(pin.shard()));
  }
}
