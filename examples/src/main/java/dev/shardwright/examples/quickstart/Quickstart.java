package dev.shardwright.examples.quickstart;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The demo behind bin/quickstart: starts servers, sets up a cluster, loads data, works on it, adds
 * a shard meanwhile, and checks every row.
 */
public final class Quickstart {
  private static final int SHARDS = 3;
  private static final int USAGE = 2;

  private final QuickstartOptions options;
  private final Dataset dataset;
  private final PrintStream out;

  private Quickstart(QuickstartOptions options, PrintStream out) {
    this.options = options;
    this.dataset =
        options
            .data()
            .<Dataset>map(OpenFlights::new)
            .orElseGet(() -> new Marketplace(options.users()));
    this.out = out;
  }

  /** Runs the demo; the exit code is 0 if all was well, 1 if not, 2 for wrong usage. */
  public static void main(String[] arguments) throws Exception {
    System.exit(run(List.of(arguments), System.out, System.err));
  }

  static int run(List<String> arguments, PrintStream out, PrintStream err) throws Exception {
    QuickstartOptions options;
    try {
      options = QuickstartOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      err.println("quickstart: " + e.getMessage());
      err.println(QuickstartOptions.HELP);
      return USAGE;
    }
    if (options.help()) {
      out.print(QuickstartOptions.HELP);
      return 0;
    }
    boolean good =
        options.fromOne() ? new FromOne(options, out).run() : new Quickstart(options, out).run();
    return good ? 0 : 1;
  }

  private boolean run() throws Exception {
    out.println("Shardwright quickstart: " + dataset.title());
    Steps steps = new Steps(out);
    try (DemoServers servers = DemoServers.start(SHARDS)) {
      steps.done("started ZooKeeper and " + SHARDS + " PostgreSQL servers");
      servers.createTables(dataset);
      servers.makeCluster(dataset);
      steps.done("set up the cluster: " + SHARDS + " shards, keyspace " + dataset.keyspace());
      Report report = work(servers, steps);
      report.print(out);
      if (options.keep()) {
        keep(servers, report);
      } else {
        out.println(report.result());
      }
      return report.good();
    }
  }

  /** Loads, reads, writes and checks. Leaves no client that would miss its servers at the end. */
  private Report work(DemoServers servers, Steps steps) throws Exception {
    try (ShardRouter router =
        ShardRouter.connect(
            servers.zooKeeper(),
            DemoServers.CLUSTER,
            RouterOptions.DEFAULTS.withCredentials(servers.credentials()))) {
      Ledger ledger = new Ledger();
      int rejected = dataset.load(router, ledger);
      long rows = dataset.loadedRows(ledger);
      steps.done(String.format("loaded %,d rows, rejected %,d", rows, rejected));
      Traffic traffic =
          new Traffic(
              new KeyedWork(router.keyspace(dataset.keyspace()), dataset.work()),
              dataset.written(),
              dataset.keys(),
              ledger);
      ScaleOut.Result scaleOut;
      Traffic.Outcome outcome;
      try (Traffic.Running running = traffic.start(options.threads())) {
        TimeUnit.NANOSECONDS.sleep(options.traffic().toNanos());
        steps.done("read and wrote by key from " + options.threads() + " threads, and go on");
        ShardId added = servers.addShard(dataset);
        steps.done("added " + added + ", still empty");
        scaleOut = new ScaleOut(servers, out).run();
        steps.done("moved its share of the rows there under traffic");
        outcome = running.end();
      }
      Overview overview = Overview.ask(router, dataset.overview());
      steps.done("asked all shards at once");
      Report report =
          new Report(
              rows, rejected, outcome, scaleOut, overview, Check.run(router, dataset, ledger));
      steps.done("checked every row");
      return report;
    }
  }

  /** Until Ctrl-C ends the JVM; the servers' own shutdown hooks then stop and remove them. */
  private void keep(DemoServers servers, Report report) throws IOException, InterruptedException {
    try (DemoDaemon daemon = DemoDaemon.start(servers)) {
      out.println("The servers stay up until Ctrl-C, and a daemon that shows the cluster at");
      out.println("  " + daemon.address());
      describe(servers);
      out.println(report.result());
      new CountDownLatch(1).await();
    }
  }

  private void describe(DemoServers servers) {
    out.println("To connect:");
    out.println("  ZooKeeper " + servers.zooKeeper() + ", cluster " + DemoServers.CLUSTER);
    for (ShardId id : servers.ids()) {
      var server = servers.server(id);
      out.printf(
          "  %s: PGPASSWORD=%s psql -h %s -p %d -U %s %s%n",
          id,
          DemoServers.APP_PASSWORD,
          server.host(),
          server.port(),
          DemoServers.APP_USER,
          DemoServers.DATABASE);
    }
    out.printf(
        "  in Java: SHARDWRIGHT_PASSWORD=%s and ShardRouter.connect(\"%s\", \"%s\")%n%n",
        DemoServers.APP_PASSWORD, servers.zooKeeper(), DemoServers.CLUSTER);
  }
}
