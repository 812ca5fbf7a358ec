package dev.shardwright.cli.setup;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.TableDefinitions;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.Bounds;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Named;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code shard …}. */
@Command(
    name = "shard",
    description = "Adds, shows, weighs, drains and removes shards.",
    synopsisSubcommandLabel = "COMMAND")
public final class ShardCommands {
  private final Session session;

  /** For one run of the program. */
  public ShardCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "add",
      description = "Makes a database a shard. It owns nothing until the next rebalance.",
      footer = {
        "",
        "Checks the server, installs the schema shardwright, compares the tables with those of the",
        "other shards, and copies reference tables.",
        "",
        "Examples:",
        "  shard-admin shard add s2 --url jdbc:postgresql://db2/shop --user app",
        "  shard-admin shard add eu1 --url jdbc:postgresql://eu1/shop --region eu --weight 200 --create-tables"
      })
  int add(
      @Parameters(paramLabel = "ID", description = "The new shard's name.") ShardId id,
      @Option(
              names = "--url",
              required = true,
              paramLabel = "JDBC-URL",
              description = "Its primary: jdbc:postgresql://HOST/DATABASE, without a password.")
          String url,
      @Option(
              names = "--user",
              paramLabel = "USER",
              description = "The app role (default: SHARDWRIGHT_USER, else the system's user).")
          @Nullable String user,
      @Option(
              names = "--replica",
              paramLabel = "JDBC-URL",
              description =
                  "A replica, kept with the shard; routers do not read from it. May be given several times.")
          @Nullable List<String> replicas,
      @Option(
              names = "--weight",
              paramLabel = "W",
              description = "Its share, where 100 is an ordinary server (default: 100).")
          @Nullable Integer weight,
      @Option(names = "--region", paramLabel = "R", description = "Its label.")
          @Nullable Region region,
      @Option(
              names = "--create-tables",
              description = "Create registered tables that it does not have, as on the others.")
          boolean createTables) {
    String appRole = user == null ? session.defaultUser() : user;
    Shard shard =
        WrongUsage.ifRefused(
            () ->
                Shard.of(id, new Endpoint(url, appRole))
                    .withReplicas(endpoints(replicas, appRole))
                    .withWeight(weight == null ? Shard.DEFAULT_WEIGHT : weight)
                    .withRegion(region == null ? Region.DEFAULT : region));
    try (ClusterAdmin admin = session.admin()) {
      session.printDone(
          "Shard " + id + " is in the cluster", admin.addShard(shard, definitions(createTables)));
      return ExitCode.DONE;
    }
  }

  private static List<Endpoint> endpoints(@Nullable List<String> urls, String appRole) {
    return urls == null ? List.of() : urls.stream().map(url -> new Endpoint(url, appRole)).toList();
  }

  @Command(name = "list", description = "Lists the shards.")
  int list() {
    try (ClusterAdmin admin = session.admin()) {
      session.print(Answer.EMPTY.with(Overview.shards(admin.topology())));
      return ExitCode.DONE;
    }
  }

  @Command(name = "show", description = "Shows a shard and what it owns.")
  int show(@Parameters(paramLabel = "ID", description = "The shard.") ShardId id) {
    try (ClusterAdmin admin = session.admin()) {
      Topology topology = admin.topology();
      Shard shard = Named.shard(topology, id);
      session.print(
          Answer.EMPTY
              .fact("id", Cell.of(shard.id()))
              .fact("state", Cell.of(shard.state().name()))
              .fact("weight", Cell.of(shard.weight()))
              .fact("region", Cell.of(shard.region()))
              .fact("url", Cell.of(shard.primary().url()))
              .fact("user", Cell.of(shard.primary().user()))
              .fact("replicas", Cell.items(shard.replicas().stream().map(Endpoint::url).toList()))
              .with(Overview.owned(topology, id)));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "weight",
      description = "Changes a shard's share; the next rebalance acts on it.",
      footer = {"", "Example, for a server twice as large:", "  shard-admin shard weight s2 200"})
  int weight(
      @Parameters(paramLabel = "ID", description = "The shard.") ShardId id,
      @Parameters(paramLabel = "W", description = "1 to 10000; 100 is an ordinary server.")
          int weight) {
    Bounds.check("the weight", weight, 1, Shard.MAX_WEIGHT);
    try (ClusterAdmin admin = session.admin()) {
      session.printDone(
          "Shard %s has weight %d: the next rebalance acts on it".formatted(id, weight),
          admin.setWeight(id, weight));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "drain",
      description = "Marks a shard as one to be emptied; the next rebalance moves what it owns.",
      footer = {
        "",
        "To take a server out:",
        "  shard-admin shard drain s3",
        "  shard-admin rebalance --wait clean",
        "  shard-admin shard remove s3"
      })
  int drain(
      @Parameters(paramLabel = "ID", description = "The shard.") ShardId id,
      @Option(names = "--cancel", description = "Take it back: the shard is active again.")
          boolean cancel) {
    try (ClusterAdmin admin = session.admin()) {
      session.printDone(
          cancel
              ? "Shard " + id + " is active again"
              : "Shard " + id + " is to be emptied: shard-admin rebalance does it",
          cancel ? admin.activateShard(id) : admin.drainShard(id));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "remove",
      description = "Removes a shard that owns nothing. Its tables stay, and refuse writes.",
      footer = {"", "Example:", "  shard-admin shard remove s3 --yes"})
  int remove(
      @Parameters(paramLabel = "ID", description = "The shard.") ShardId id,
      @Option(names = "--yes", description = "Do not ask.") boolean yes) {
    try (ClusterAdmin admin = session.admin()) {
      Named.shard(admin.topology(), id);
      session.confirm("Remove shard %s from the cluster?".formatted(id), yes);
      session.printDone("Shard " + id + " is removed", admin.removeShard(id));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "set-url",
      description =
          "Says where a shard's primary is now: after a move of the server or a fail-over.",
      footer = {
        "",
        "The database there must be this shard's own, or a promoted copy of it. Routers follow.",
        "",
        "Example:",
        "  shard-admin shard set-url s2 jdbc:postgresql://db2-new/shop"
      })
  int setUrl(
      @Parameters(paramLabel = "ID", description = "The shard.") ShardId id,
      @Parameters(paramLabel = "JDBC-URL", description = "The new URL of its primary.") String url,
      @Option(names = "--user", paramLabel = "USER", description = "Another app role.")
          @Nullable String user) {
    try (ClusterAdmin admin = session.admin()) {
      Endpoint primary = primary(Named.shard(admin.topology(), id), url, user);
      session.printDone("Shard %s is at %s".formatted(id, url), admin.setPrimary(id, primary));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "replace",
      description = "Gives a shard whose database is lost for good an empty one.",
      footer = {
        "",
        "Its range moves end then: abort or roll them back, or let their windows end; remove the shard",
        "after that. Refused while it owns ranges: their rows are in a backup or nowhere.",
        "",
        "Example:",
        "  shard-admin shard replace s4 jdbc:postgresql://db4-new/shop --create-tables"
      })
  int replace(
      @Parameters(paramLabel = "ID", description = "The shard.") ShardId id,
      @Parameters(
              paramLabel = "JDBC-URL",
              description = "The new primary's URL; may be the lost one's.")
          String url,
      @Option(names = "--user", paramLabel = "USER", description = "Another app role.")
          @Nullable String user,
      @Option(
              names = "--create-tables",
              description = "Create registered tables that it does not have, as on the others.")
          boolean createTables) {
    try (ClusterAdmin admin = session.admin()) {
      Endpoint primary = primary(Named.shard(admin.topology(), id), url, user);
      session.printDone(
          "Shard %s begins anew at %s".formatted(id, url),
          admin.replaceDatabase(id, primary, definitions(createTables)));
      return ExitCode.DONE;
    }
  }

  private static Endpoint primary(Shard shard, String url, @Nullable String user) {
    String appRole = Optional.ofNullable(user).orElse(shard.primary().user());
    return WrongUsage.ifRefused(() -> new Endpoint(url, appRole));
  }

  private static TableDefinitions definitions(boolean createTables) {
    return createTables ? TableDefinitions.TAKE_OVER : TableDefinitions.COMPARE;
  }

  @Command(
      name = "set-replicas",
      description = "Says which replicas a shard has, in place of those it had.",
      footer = {
        "",
        "Name all of them: those that are not named are none any more.",
        "",
        "Examples:",
        "  shard-admin shard set-replicas s2 jdbc:postgresql://db2-b/shop jdbc:postgresql://db2-c/shop",
        "  shard-admin shard set-replicas s2 --none"
      })
  int setReplicas(
      @Parameters(index = "0", paramLabel = "ID", description = "The shard.") ShardId id,
      @Parameters(
              index = "1..*",
              arity = "0..*",
              paramLabel = "JDBC-URL",
              description = "The URLs of its replicas.")
          @Nullable List<String> urls,
      @Option(names = "--none", description = "It has no replicas, in place of URLs.") boolean none,
      @Option(names = "--user", paramLabel = "USER", description = "Another app role.")
          @Nullable String user) {
    if (none == (urls != null)) {
      throw new WrongUsage(
          none
              ? "--none is for a shard without replicas: leave it out, or the URLs"
              : "it is not said which replicas shard %s has: name the URLs of all of them, or give --none to take away those it has"
                  .formatted(id));
    }
    try (ClusterAdmin admin = session.admin()) {
      Shard shard = Named.shard(admin.topology(), id);
      String appRole = Optional.ofNullable(user).orElse(shard.primary().user());
      List<Endpoint> replicas = WrongUsage.ifRefused(() -> endpoints(urls, appRole));
      session.printDone(
          "Shard %s has %d replicas".formatted(id, replicas.size()),
          admin.setReplicas(id, replicas));
      return ExitCode.DONE;
    }
  }
}
