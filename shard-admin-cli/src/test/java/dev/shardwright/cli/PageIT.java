package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitForSelectorState;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The web page in a real browser. */
@Tag("browser")
class PageIT {
  private static final Locator.WaitForOptions HIDDEN =
      new Locator.WaitForOptions().setState(WaitForSelectorState.HIDDEN);
  private static final int ROWS = 12_000;

  @Test
  void aScaleOutIsStartedFromTheKeyboardAndSeenToItsEnd(@TempDir Path directory) throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      load(cluster, directory.resolve("orders.csv"), "s1", "s2");
      cluster.add("s3", CliCluster.ORDERS);
      try (RunningDaemon daemon = RunningDaemon.withToken(cluster, "--sample-every", "2s");
          ShardRouter router =
              ShardRouter.connect(
                  cluster.zooKeeper(),
                  "prod",
                  RouterOptions.DEFAULTS.withCredentials(cluster.credentials()));
          Browser browser = Browser.open(daemon, ColorScheme.LIGHT)) {
        browser.awaitText("#leader", "this daemon");
        browser.awaitText("#ring .owners", "s2");
        assertThat(browser.text("#ring .owners")).contains("s1", "50.0 %").doesNotContain("s3");
        assertThat(browser.text("#shard-list")).contains("s3", "0 virtual nodes");
        browser.awaitText("#shard-list", "6,"); // about 6,000 rows each
        assertThat(browser.page().locator("#rebalance").isVisible()).isFalse();
        giveToken(browser);

        browser.tabTo("#rebalance");
        browser.press("Enter");
        browser.awaitText("#plan-body", "2 moves");
        assertThat(browser.text("#plan-body"))
            .contains("1.50×", "1.00×", "no index in the order of the tokens");
        browser.picture("plan", 1280);
        browser.tabTo("#plan-window");
        browser.type("0");
        browser.tabTo("#plan-rate");
        browser.type("80kB");
        browser.tabTo("#plan-pause");
        browser.type("1s");
        browser.press("Enter");
        assertThat(browser.page().locator("#plan-dialog").isVisible())
            .as("Enter in a field starts nothing")
            .isTrue();
        assertThat(cluster.run("migration", "list").done().out()).contains("(none)");
        browser.tabTo("#plan-start");
        browser.press("Enter");
        browser.awaitText("#message", "Migrations 1, 2 started");

        browser.awaitText("[data-key='1'] .state", "copying");
        browser
            .page()
            .waitForCondition(() -> browser.page().locator("#ring .hatched").count() == 2);
        browser.tabTo("[data-key='1'] [data-key='pause']");
        browser.press("Enter");
        browser.awaitText("[data-key='1'] .wish", "paused");
        browser.picture("copying-1280-light", 1280);
        browser.picture("copying-400-light", 400);
        assertThat(browser.overflow()).isZero();
        browser.page().setViewportSize(1280, 900);
        browser.tabTo("[data-key='1'] [data-key='resume']");
        browser.press("Enter");

        browser.awaitText(".over[data-key='1'] .state", "done");
        browser.awaitText(".over[data-key='2'] .state", "done");
        assertThat(browser.text(".over[data-key='1']"))
            .contains("Work on the ranges waited", "routers", "gate", "drain", "fence", "commit");
        browser.awaitText("#ring .owners", "s3");
        assertThat(browser.text("#ring .owners")).contains("33.");
        assertThat(browser.page().locator("#ring .arc[data-owner='s3']").getAttribute("d"))
            .contains("A108");
        browser.awaitText("#ring .legend", "No range is moving");
        browser.awaitText("#router-body", "1 router; all are at epoch");
        browser.awaitText("#alert-list", "Nothing asks for attention");
        assertThat(browser.text("#router-body table")).contains(pid());
        assertThat(router.health().zookeeperConnected()).isTrue();
        int arrived = Integer.parseInt(cluster.query("s3", "select count(*) from orders").get(0));
        browser.awaitText(
            "#shard-list [data-key='s3'] [data-key='rows'] .amount",
            String.format(Locale.ROOT, "%,d", arrived));
        browser.page().locator("#theme").click();
        browser.picture("done-1280-dark", 1280);
        browser.picture("done-400-dark", 400);
        assertThat(browser.overflow()).isZero();
        browser.assertClean();
      }
      cluster.run("fsck").done();
    }
  }

  @Test
  void keepsTheThemeAndRefusesAWrongToken() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.withToken(cluster);
        Browser browser = Browser.open(daemon, ColorScheme.DARK)) {
      assertThat(theme(browser)).isEqualTo("dark");
      browser.page().locator("#theme").click();
      assertThat(theme(browser)).isEqualTo("light");
      browser.page().reload();
      browser.awaitText("#age", "live");
      assertThat(theme(browser)).isEqualTo("light");

      browser.page().locator("#access").click();
      browser.page().locator("#token").fill("some-other-token");
      browser.press("Enter");
      browser.awaitText("#access-error", "not the daemon's token");
      browser.press("Escape");
      assertThat(browser.page().locator("#rebalance").isVisible()).isFalse();
      giveToken(browser);
      browser.page().locator("#rebalance").waitFor();
      assertThat(browser.page().evaluate("localStorage.length + ' ' + document.cookie"))
          .as("the token is kept in the tab alone")
          .isEqualTo("1 ");
      browser.page().locator("#access").click();
      browser.page().locator("#access-forget").click();
      browser.awaitText("#access", "Token…");
      assertThat(browser.page().locator("#rebalance").isVisible()).isFalse();
      browser.assertClean();
    }
  }

  @Test
  void startsNoBlockedPlanAndTakesBackOnlyWhatIsConfirmed(@TempDir Path directory)
      throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      load(cluster, directory.resolve("orders.csv"), "s1");
      cluster.add("s2", CliCluster.ORDERS);
      cluster.execute("s2", "alter table orders add column extra int");
      try (RunningDaemon daemon = RunningDaemon.withToken(cluster);
          Browser browser = Browser.open(daemon, ColorScheme.LIGHT)) {
        giveToken(browser);
        browser.page().locator("#rebalance").click();
        browser.awaitText("#plan-error", "cannot be carried out");
        assertThat(browser.text("#plan-body")).contains("blocking", "extra");
        assertThat(browser.page().locator("#plan-start").isDisabled()).isTrue();
        cluster.execute("s2", "alter table orders drop column extra");
        browser.page().locator("#plan-rate").fill("fast");
        browser.page().locator("#plan-again").click();
        browser.awaitText("#plan-start:enabled", "Start 1 move");
        browser.page().locator("#plan-start").click();
        browser.awaitText("#plan-error", "fast");
        browser.page().locator("#plan-rate").fill("60kB");
        browser.page().locator("#plan-start").click();
        browser.awaitText("[data-key='1'] .state", "copying");
        Locator abort = browser.page().locator("[data-key='1'] [data-key='abort']");
        abort.click();
        browser.awaitText("#confirm-text", "s1 keeps the ranges");
        browser.press("Escape");
        browser.page().locator("#confirm-dialog").waitFor(HIDDEN);
        assertThat(daemon.get("/api/migrations/1").body()).contains("\"desired\":\"RUN\"");
        abort.click();
        browser.page().locator("#confirm-yes").click();
        browser.awaitText(".over[data-key='1'] .state", "given up");
        browser.page().locator("#rebalance").click();
        browser.awaitText("#plan-start:enabled", "Start 1 move");
        browser.page().locator("#plan-rate").fill("");
        browser.page().locator("#plan-pause").fill("1s");
        browser.page().locator("#plan-start").click();
        browser.awaitText("[data-key='2'] .state", "in window");
        browser.page().locator("[data-key='2'] [data-key='rollback']").click();
        browser.awaitText("#confirm-text", "The ranges go back to s1");
        browser.page().locator("#confirm-yes").click();
        browser.awaitText(".over[data-key='2'] .state", "taken back");
        browser.awaitText(".over[data-key='2'] h3", "s2 → s1, back");
        assertThat(browser.strangers()).isEmpty();
      }
    }
  }

  @Test
  void asksForTheTokenWhereReadingNeedsOne() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.withToken(cluster, "--require-token");
        Browser browser = Browser.visit(daemon, ColorScheme.LIGHT)) {
      browser.awaitText("#connection", "a token is needed");
      assertThat(browser.text("#cluster")).isEqualTo("…");
      browser.page().locator("#token").fill(RunningDaemon.TOKEN);
      browser.press("Enter");
      browser.awaitText("#age", "live");
      assertThat(browser.text("#cluster")).isEqualTo("prod");
    }
  }

  @Test
  void drawsThousandsOfVirtualNodesWithOnePathForEachOwner() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      cluster
          .run(
              "keyspace",
              "create",
              "large",
              "--strategy",
              "hash",
              "--key-type",
              "text",
              "--virtual-nodes",
              "1000")
          .done();
      try (RunningDaemon daemon = RunningDaemon.start(cluster);
          Browser browser = Browser.open(daemon, ColorScheme.LIGHT)) {
        browser.page().locator("#ring-choice").selectOption("large");
        browser.awaitText("#ring svg", "2,000 virtual nodes");
        await()
            .atMost(RunningDaemon.PATIENCE)
            .pollInSameThread()
            .until(() -> timesAsked(browser, "status") >= 4);
        assertThat(timesAsked(browser, "ring"))
            .as("a ring that does not change is asked for once")
            .isEqualTo(1);
        cluster.run("shard", "weight", "s2", "200").done();
        await()
            .atMost(RunningDaemon.PATIENCE)
            .pollInSameThread()
            .until(() -> timesAsked(browser, "ring") == 2);
        assertThat(browser.page().locator("#ring .arc").count()).isEqualTo(2);
        browser.page().locator("#ring .owner[data-shard='s1']").click();
        assertThat(browser.page().locator("#ring .arc.dim").getAttribute("data-owner"))
            .isEqualTo("s2");
        browser.page().locator("#ring summary").click();
        assertThat(browser.text("#ring table")).contains("s1", "1,000", "50.0 %");
        browser.picture("large-1280-light", 1280);
        browser.assertClean();
      }
    }
  }

  @Test
  void saysThatTheDaemonIsAwayAndGoesOnByItself() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      RunningDaemon daemon = RunningDaemon.start(cluster);
      try (Browser browser = Browser.open(daemon, ColorScheme.LIGHT)) {
        assertThat(browser.page().locator("#connection").isVisible()).isFalse();
        browser.page().locator("#access").click();
        browser.awaitText("#access-state", "started without a token");
        browser.press("Escape");
        browser.offline(true);
        browser.awaitText("#connection", "cannot be reached");
        browser.awaitText("#age", "old");
        browser.offline(false);
        browser.awaitText("#age", "live");
        assertAsksNothingMoreWhileItWaits(browser);
        assertThat(browser.page().locator("#connection").isVisible()).isFalse();
        daemon.close();
        browser.awaitText("#connection", "The figures below are old");
        browser.picture("away-1280-light", 1280);
      }
    }
  }

  private static void assertAsksNothingMoreWhileItWaits(Browser browser) {
    List<Route> held = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    browser.page().route("**/api/status", held::add);
    browser.page().onRequest(request -> asked.add(request.url()));
    browser.page().waitForCondition(() -> !held.isEmpty());
    browser.page().waitForTimeout(5_000); // more than two rounds
    assertThat(asked).filteredOn(url -> url.endsWith("/api/status")).hasSize(1);
    browser.page().unroute("**/api/status");
    held.forEach(Route::resume);
    browser.awaitText("#age", "live");
  }

  private static int timesAsked(Browser browser, String what) {
    String entries =
        "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/api/%s')).length";
    return (int) browser.page().evaluate(entries.formatted(what));
  }

  private static void load(CliCluster cluster, Path file, String... shards) throws Exception {
    Files.writeString(
        file,
        IntStream.range(0, ROWS)
            .mapToObj(n -> "%d,%d,%s".formatted(n / 4, n, "x".repeat(200)))
            .collect(Collectors.joining("\n", "user_id,id,note\n", "\n")));
    cluster.run("load", "orders", file.toString()).done();
    for (String shard : shards) {
      cluster.execute(shard, "vacuum analyze orders");
    }
  }

  private static void giveToken(Browser browser) {
    browser.tabTo("#access");
    browser.press("Enter");
    browser.type(RunningDaemon.TOKEN);
    browser.press("Enter");
    browser.awaitText("#access", "✓");
  }

  private static String pid() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static Object theme(Browser browser) {
    return browser.page().evaluate("document.documentElement.dataset.theme");
  }
}
