package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The alert rules and the dashboard name what is really exported, and can be read. */
@Tag("slow")
class ObservabilityIT {
  /** So many that, while ranges change hands, one of them has something to do there. */
  private static final int CALLERS = 16;

  private static final Path RULES = Path.of("../ops/prometheus/shardwright-alerts.yml");
  private static final Path DASHBOARD = Path.of("../ops/grafana/shardwright.json");

  /** Of the node_exporter, and known to us by its documentation only. */
  private static final Set<String> OF_SERVERS =
      Set.of("node_filesystem_avail_bytes", "node_filesystem_size_bytes");

  /** Prometheus and the exporters of servers add these. */
  private static final Set<String> ADDED = Set.of("instance", "job", "mountpoint", "fstype");

  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private static final Pattern AGGREGATION = Pattern.compile("\\b(sum|min|max|avg|count|topk)\\b");

  /** Of each metric, each label's values. */
  private final Map<String, Map<String, Set<String>>> exported = new HashMap<>();

  @Test
  void rulesAndDashboardNameOnlyWhatIsExported() throws Exception {
    Map<String, String> rules = rules();
    List<String> panels = panels();
    assertThat(rules).hasSizeGreaterThanOrEqualTo(14);
    assertThat(panels).hasSizeGreaterThanOrEqualTo(20);
    exportEverything();
    List<String> wrong = new ArrayList<>();
    rules.forEach((name, expression) -> check(name, expression, wrong));
    panels.forEach(expression -> check("panel", expression, wrong));
    assertThat(wrong).isEmpty();
  }

  @Test
  void aRuleThatNamesWhatIsNotThereIsFound() {
    exported.put("there", Map.of("shard", Set.of("s1")));
    for (String bad :
        List.of(
            "absent_metric > 1",
            "there{table=\"x\"} > 1",
            "there{shard=\"s2\"} > 1",
            "sum by (table) (there) > 1",
            "sum by (shard) (there > 1")) {
      List<String> wrong = new ArrayList<>();
      check("rule", bad, wrong);
      assertThat(wrong).as(bad).isNotEmpty();
    }
    exported.put("ours", Map.of("cluster", Set.of("prod")));
    for (String mixed : List.of("min(ours) > 1", "max by (instance) (ours) > 1")) {
      List<String> found = new ArrayList<>();
      check("rule", mixed, found);
      assertThat(found).as(mixed).singleElement().asString().contains("mixes clusters up");
    }
    List<String> wrong = new ArrayList<>();
    check("rule", "ours > 1", wrong);
    check("rule", "max by (cluster) (ours) > 1", wrong);
    check("rule", "sum by (shard) (there{shard=~\"s1|s2\"}) > 1", wrong);
    assertThat(wrong).isEmpty();
  }

  @Test
  void metricsOfServersAreNamedInAGroupOfTheirOwn() throws Exception {
    rules()
        .forEach(
            (name, expression) ->
                assertThat(
                        PromQl.read(expression).selectors().stream()
                            .allMatch(selector -> OF_SERVERS.contains(selector.metric())))
                    .as(name)
                    .isEqualTo(name.startsWith("shardwright-servers/")));
  }

  private void check(String name, String expression, List<String> wrong) {
    PromQl.Names names;
    try {
      names = PromQl.read(expression.replace("$__rate_interval", "5m"));
    } catch (IllegalArgumentException e) {
      wrong.add("%s: %s does not parse: %s".formatted(name, expression, e.getMessage()));
      return;
    }
    Set<String> labels = new HashSet<>(ADDED);
    for (PromQl.Selector selector : names.selectors()) {
      if (!OF_SERVERS.contains(selector.metric())) {
        Map<String, Set<String>> known = exported.get(selector.metric());
        if (known == null) {
          wrong.add("%s: there is no metric %s".formatted(name, selector.metric()));
          continue;
        }
        labels.addAll(known.keySet());
        for (PromQl.Label label : selector.labels()) {
          Set<String> values = known.get(label.name());
          boolean matches =
              values != null
                  && (label.values().isEmpty()
                      || label.values().stream().anyMatch(values::contains));
          if (!matches) {
            wrong.add("%s: %s has no %s, but %s".formatted(name, selector.metric(), label, known));
          }
        }
      }
    }
    boolean ofOneCluster =
        names.selectors().stream()
            .anyMatch(
                selector ->
                    exported.getOrDefault(selector.metric(), Map.of()).containsKey("cluster"));
    if (ofOneCluster
        && AGGREGATION.matcher(expression).find()
        && !names.grouping().contains("cluster")) {
      wrong.add("%s: mixes clusters up: %s".formatted(name, expression));
    }
    names.grouping().stream()
        .filter(label -> !labels.contains(label))
        .forEach(label -> wrong.add("%s: none of its metrics has %s".formatted(name, label)));
  }

  /** A fleet that works, moves ranges, and loses a shard in the end. */
  private void exportEverything() throws Exception {
    PostgresServer server = PostgresServer.shared();
    PrometheusMeterRegistry services = withBuckets();
    try (CliCluster cluster = CliCluster.withOrders("s1");
        FaultProxy proxy = FaultProxy.to(server.host(), server.port());
        ShardRouter router =
            ShardRouter.connect(
                cluster.zooKeeper(),
                "prod",
                RouterOptions.DEFAULTS
                    .withCredentials(cluster.credentials())
                    .withMeters(services))) {
      cluster.execute(
          "s1", "insert into orders select k, 1, repeat('x', 100) from generate_series(1, 500) k");
      cluster.execute("s1", "analyze orders");
      TestDatabase database = cluster.database("s2", CliCluster.ORDERS);
      String url = database.url().replace(":" + server.port() + "/", ":" + proxy.port() + "/");
      cluster.run("shard", "add", "s2", "--url", url).done();
      router.scatter("select count(*) from orders", row -> row.getLong(1));
      Keyspace shop = router.keyspace("shop");
      assertThatThrownBy(() -> shop.on(1).update("nonsense")).isInstanceOf(StatementFailed.class);
      try (RunningDaemon daemon = RunningDaemon.withToken(cluster, "--sample-every", "1s")) {
        moveUnderLoad(shop, daemon, services);
        shop.on(7L).update("insert into orders select 7, n from generate_series(2, 12000) n");
        cluster.execute("s1", "analyze orders");
        cluster.execute("s2", "analyze orders");
        awaitExported(daemon, services, "shardwright_alert", "name", "heavy_key");
        proxy.cut();
        awaitExported(daemon, services, "shardwright_shard_unreachable", "shard", "s2");
      }
    }
  }

  private void moveUnderLoad(Keyspace shop, RunningDaemon daemon, PrometheusMeterRegistry services)
      throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        long first = i;
        calls.add(
            callers.submit(
                () -> {
                  for (long key = first; !enough.get(); key++) {
                    shop.on(key % 500)
                        .update("update orders set note = 'y' where user_id = ?", key % 500);
                    Thread.sleep(2); // the processors are the mover's too
                  }
                  return null;
                }));
      }
      daemon
          .post(
              "/api/rebalance",
              "{\"maxRate\":\"10kB\",\"rollbackWindow\":\"0\",\"maxPause\":\"1s\"}")
          .is(202);
      awaitExported(daemon, services, "shardwright_migration_state", "state", "COPYING");
      awaitExported(daemon, services, "shardwright_cutover_pause_seconds_max", "part", "total");
      awaitExported(daemon, services, "shardwright_hold_seconds_max", "keyspace", "shop");
      awaitExported(daemon, services, "shardwright_skew", "dimension", "rows");
      enough.set(true);
      for (Future<?> call : calls) {
        call.get();
      }
    } finally {
      enough.set(true);
      callers.shutdown();
    }
  }

  private void awaitExported(
      RunningDaemon daemon,
      PrometheusMeterRegistry services,
      String metric,
      String label,
      String value) {
    await()
        .atMost(RunningDaemon.PATIENCE)
        .until(
            () -> {
              read(daemon.get("/metrics").is(200).body());
              read(services.scrape());
              return exported
                  .getOrDefault(metric, Map.of())
                  .getOrDefault(label, Set.of())
                  .contains(value);
            });
  }

  private void read(String scraped) {
    Matcher samples = SAMPLE.matcher(scraped);
    while (samples.find()) {
      Map<String, Set<String>> labels =
          exported.computeIfAbsent(samples.group(1), metric -> new HashMap<>());
      if (samples.group(2) != null) {
        Matcher label = LABEL.matcher(samples.group(2));
        while (label.find()) {
          labels.computeIfAbsent(label.group(1), name -> new HashSet<>()).add(label.group(2));
        }
      }
    }
  }

  /** As docs/operations.md tells services to do. */
  private static PrometheusMeterRegistry withBuckets() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry
        .config()
        .meterFilter(
            new MeterFilter() {
              @Override
              public DistributionStatisticConfig configure(
                  Meter.Id id, DistributionStatisticConfig config) {
                return id.getName().equals("shardwright.statement")
                    ? DistributionStatisticConfig.builder()
                        .percentilesHistogram(true)
                        .build()
                        .merge(config)
                    : config;
              }
            });
    return registry;
  }

  /** Expressions by group and name. */
  private static Map<String, String> rules() throws IOException {
    Map<String, String> rules = new LinkedHashMap<>();
    try (Reader text = Files.newBufferedReader(RULES)) {
      Map<String, List<Map<String, Object>>> file = new Yaml().load(text);
      for (Map<String, Object> group : file.getOrDefault("groups", List.of())) {
        for (Object entry : (List<?>) group.getOrDefault("rules", List.of())) {
          Map<?, ?> rule = (Map<?, ?>) entry;
          String name = "%s/%s".formatted(group.get("name"), rule.get("alert"));
          assertThat(rule.keySet())
              .as(name)
              .allMatch(Set.of("alert", "expr", "for", "labels", "annotations")::contains);
          assertThat(String.valueOf(rule.get("annotations")))
              .as(name)
              .contains("summary=", "description=");
          assertThat(String.valueOf(rule.get("labels"))).matches("\\{severity=(warning|critical)}");
          assertThat(rules.put(name, String.valueOf(rule.get("expr")))).as(name).isNull();
        }
      }
    }
    return rules;
  }

  private static List<String> panels() throws IOException {
    List<String> expressions = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(DASHBOARD.toFile())) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.FIELD_NAME && json.currentName().equals("expr")) {
          json.nextToken();
          expressions.add(json.getText());
        }
      }
    }
    return expressions;
  }
}
