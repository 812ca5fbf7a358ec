package dev.shardwright.examples.quickstart;

import com.zaxxer.hikari.HikariDataSource;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

/**
 * The demo behind bin/quickstart --from-one: a service works on one ordinary PostgreSQL through
 * JDBC. That becomes the first shard as it is, the service changes its data source, two more shards
 * come, and most of the rows move there; the service never stops.
 */
final class FromOne {
  private final QuickstartOptions options;
  private final Marketplace dataset;
  private final PrintStream out;
  private final Ledger ledger = new Ledger();
  private final Steps steps;

  FromOne(QuickstartOptions options, PrintStream out) {
    this.options = options;
    this.dataset = new Marketplace(options.users());
    this.out = out;
    this.steps = new Steps(out);
  }

  /** Runs the demo; says whether all was well. */
  boolean run() throws Exception {
    out.println("Shardwright quickstart, from one PostgreSQL: " + dataset.title());
    try (DemoServers servers = DemoServers.start(1)) {
      ShardId first = servers.ids().get(0);
      servers.createTables(dataset);
      try (HikariDataSource one = servers.dataSource(first)) {
        fill(one);
        steps.done("started one PostgreSQL with a shop in it, and a ZooKeeper");
        Report report = work(servers, one);
        report.print(out);
        out.println(report.result());
        return report.good();
      }
    }
  }

  /** The service works from here to the end; all that happens, happens beside it. */
  private Report work(DemoServers servers, HikariDataSource one) throws Exception {
    AtomicReference<DataSource> database = new AtomicReference<>(one);
    long rows = dataset.loadedRows(ledger);
    Traffic traffic =
        new Traffic(
            new JdbcWork(database::get, dataset.work()), dataset.written(), dataset.keys(), ledger);
    try (Traffic.Running running = traffic.start(options.threads())) {
      TimeUnit.NANOSECONDS.sleep(options.traffic().toNanos());
      steps.done("the service reads and writes by JDBC, and goes on");
      servers.makeCluster(dataset);
      steps.done("made the server the first shard: it owns every key, no row was touched");
      try (ShardRouter router = connect(servers)) {
        database.set(router.dataSource());
        // Closing it would cut off what runs there; each connection ends when it is given back.
        one.getHikariPoolMXBean().softEvictConnections();
        steps.done("the service has another data source, and the same statements");
        steps.done("added " + servers.addShard(dataset) + " and " + servers.addShard(dataset));
        ScaleOut.Result scaleOut = new ScaleOut(servers, out).run();
        steps.done("moved their shares of the rows there");
        Traffic.Outcome outcome = running.end();
        Overview overview = Overview.ask(router, dataset.overview());
        Check.Result check = Check.run(router, dataset, ledger);
        steps.done("checked every row");
        return new Report(rows, 0, outcome, scaleOut, overview, check);
      }
    }
  }

  private static ShardRouter connect(DemoServers servers) {
    return ShardRouter.connect(
        servers.zooKeeper(),
        DemoServers.CLUSTER,
        RouterOptions.DEFAULTS.withCredentials(servers.credentials()));
  }

  private void fill(DataSource one) throws SQLException {
    try (Connection connection = one.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : dataset.plainRows()) {
        statement.execute(sql);
      }
      for (Dataset.CheckedTable table : dataset.checkedTables()) {
        String keys = "select " + table.primaryKey() + " from " + table.name();
        try (ResultSet row = statement.executeQuery(keys)) {
          while (row.next()) {
            ledger.inserted(table, row.getString(1));
          }
        }
      }
    }
  }
}
