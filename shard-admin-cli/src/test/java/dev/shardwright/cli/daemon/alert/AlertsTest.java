package dev.shardwright.cli.daemon.alert;

import static dev.shardwright.cli.daemon.alert.Severity.CRITICAL;
import static dev.shardwright.cli.daemon.alert.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.shardwright.rebalance.KeptMigrations;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.MigrationStatus.Outcome;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.HeavyKey;
import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import dev.shardwright.topology.zookeeper.RouterDescription;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AlertsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final ShardId S1 = ShardId.of("s1");
  private static final ShardId S2 = ShardId.of("s2");

  private static final Duration BUDGET = Duration.ofMillis(70);

  private String state = "COPYING";
  private String desired = "RUN";
  private Outcome outcome = Outcome.UNDER_WAY;
  private boolean rollingBack;
  private Hindrance hindrance = Hindrance.NONE;
  private String note = "";
  private long rows = 100;
  private int attempts;
  private long keyLog;
  private Duration pause = Duration.ZERO;
  private Duration ago = Duration.ZERO;
  private Map<Integer, String> illegible = Map.of();
  private Optional<String> leader = Optional.of("daemon");
  private List<RegisteredRouter> routers = List.of(router(9));

  @Test
  void thereIsNothingToSayOfAClusterThatIsWell() {
    assertThat(of(SampleFacts.of(NOW, List.of(skew(Goal.ROWS, 100, 100))))).isEmpty();
    assertThat(names()).containsExactly("migration_stuck"); // only if it stays so for long
  }

  /** Of the others Prometheus has rules that need no daemon's opinion. */
  @Test
  void theRuleForWhatOnlyTheDaemonFindsNamesAlertsThatItRaisesAndThatAreDocumented()
      throws Exception {
    String code =
        Files.readString(Path.of("src/main/java/dev/shardwright/cli/daemon/alert/Alerts.java"));
    String rules = Files.readString(Path.of("../ops/prometheus/shardwright-alerts.yml"));
    String page = Files.readString(Path.of("../docs/operations.md"));
    Set<String> raised = found("\"([a-z]+(?:_[a-z]+)+)\"", code);
    Set<String> named = new TreeSet<>();
    for (String names : found("shardwright_alert\\{name=~\"([^\"]*)\"", rules)) {
      named.addAll(List.of(names.split("\\|", -1)));
    }
    Set<String> documented = new TreeSet<>();
    for (String row : found("(?m)^\\| `ShardwrightDaemonFound` \\|([^|]*)\\|", page)) {
      documented.addAll(found("`(\\w+)`", row));
    }
    assertThat(named).contains("heavy_key").isSubsetOf(raised).isEqualTo(documented);
    assertThat(found("`(\\w+)`", page)).containsAll(raised);
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void aShardWithMoreThanTwiceItsShareIsNamedAndOneWithTwiceIsNot() {
    for (Goal goal : List.of(Goal.ROWS, Goal.BYTES, Goal.LOAD)) {
      assertThat(of(SampleFacts.of(NOW, List.of(skew(goal, 20e6, 10e6))))).isEmpty();
      assertThat(of(SampleFacts.of(NOW, List.of(skew(goal, 20_000_001, 10e6)))))
          .extracting(Alert::name, Alert::severity, Alert::subject)
          .containsExactly(tuple("shard_skew", WARNING, "shard s1"));
      assertThat(of(SampleFacts.of(NOW, List.of(skew(goal, 40e6, 10e6)))).get(0).severity())
          .isEqualTo(WARNING);
      assertThat(of(SampleFacts.of(NOW, List.of(skew(goal, 40_000_001, 10e6)))).get(0).severity())
          .isEqualTo(CRITICAL);
    }
    assertThat(of(SampleFacts.of(NOW, List.of(skew(Goal.TOKENS, 9, 1))))).isEmpty();
    assertThat(of(SampleFacts.of(NOW, List.of(skew(Goal.ROWS, 9, 0))))).as("draining").isEmpty();
  }

  @Test
  void littleIsNoBurdenWhereverItIs() {
    Map.of(Goal.LOAD, 1_000, Goal.ROWS, 10_000, Goal.BYTES, 10_000_000)
        .forEach(
            (goal, least) -> {
              assertThat(of(SampleFacts.of(NOW, List.of(skew(goal, least - 2, 1))))).isEmpty();
              assertThat(of(SampleFacts.of(NOW, List.of(skew(goal, least - 1, 1))))).hasSize(1);
            });
  }

  @Test
  void aKeyThatNoRingCanEvenOutIsNamedWithItsNumbers() {
    Skew even = skew(Goal.ROWS, 10_000, 10_000);
    Skew heavy =
        new Skew(
            even.ring(),
            even.goal(),
            even.shards(),
            1,
            List.of(),
            List.of(),
            List.of(new HeavyKey("7", 1, new Volume(1_234, 0, 0))));
    Alert alert = of(SampleFacts.of(NOW, List.of(heavy))).get(0);
    assertThat(alert.name()).isEqualTo("heavy_key");
    assertThat(alert.subject()).isEqualTo("key '7' of shop");
    assertThat(alert.fact()).contains("1,234 rows");
    assertThat(alert.remedy()).contains("shard-admin pin KEYSPACE KEY SHARD --move");
  }

  @Test
  void aHeavyKeyIsToldOfUntilItIsPinned() {
    for (boolean pinned : List.of(false, true)) {
      Placement placement =
          new Placement(
              PlacementByTokens.layOut(new TreeMap<>(Map.of(S1, 100, S2, 100)), 1),
              Pins.of(pinned ? List.of(new Pin("7", -7, S2)) : List.of()));
      Volume heavy = new Volume(50_000, 0, 0);
      Volume light = new Volume(10_000, 0, 0);
      RingContent content =
          new RingContent(
              new RingId("shop", Region.ALL),
              placement,
              List.of(pinned ? light : light.plus(heavy), light),
              new TreeMap<>(pinned ? Map.of(-7L, heavy) : Map.of()),
              pinned ? List.of() : List.of(new HeavyKey("7", -7, heavy)));
      Skew skew = Skew.of(content, Goal.ROWS, Map.of(S1, 100, S2, 100));
      assertThat(of(SampleFacts.of(NOW, List.of(skew))))
          .extracting(Alert::name)
          .isEqualTo(pinned ? List.of() : List.of("heavy_key"));
    }
  }

  @Test
  void aSampleThatFailedNamesTheShardsAndWhatWasMeasuredBeforeStillCounts() {
    SampleFacts failed =
        SampleFacts.of(NOW, List.of(skew(Goal.ROWS, 30_000, 10_000)))
            .failed("no connection", Map.of(S2, "s2 is away"));
    assertThat(of(failed))
        .extracting(Alert::name)
        .containsExactly("shard_unreachable", "sample_failed", "shard_skew");
    assertThat(of(failed).get(0).subject()).isEqualTo("shard s2");
    assertThat(of(failed).get(0).severity()).isEqualTo(CRITICAL);
  }

  @Test
  void aShardThatIsAwayIsSoStillWhenZooKeeperGoesToo() {
    SampleFacts failed = SampleFacts.NONE.failed("no connection", Map.of(S2, "s2 is away"));
    assertThat(Alerts.withoutZooKeeper("out of reach", failed.failed("no ZooKeeper")))
        .extracting(Alert::name)
        .containsExactly("zookeeper_lost", "shard_unreachable", "sample_failed");
  }

  @Test
  void withoutZooKeeperOnlyThatIsToldAndWhatSamplesSay() {
    SampleFacts sample = SampleFacts.of(NOW, List.of(skew(Goal.ROWS, 30_000, 10_000)));
    assertThat(Alerts.withoutZooKeeper("out of reach", sample))
        .extracting(Alert::name)
        .containsExactly("zookeeper_lost", "shard_skew");
  }

  @Test
  void routersThatAreBehindOrNotThereAreToldOf() {
    state = "IN_WINDOW";
    routers = List.of(router(8), router(9));
    Alert behind = alerts().get(0);
    assertThat(behind.name()).isEqualTo("router_behind");
    assertThat(behind.subject()).isEqualTo("router 8 on app-8");
    assertThat(behind.fact()).contains("epoch 8", "newest is 9");
    assertThat(behind.patience()).isEqualTo(Alerts.ROUTER_BEHIND);
    routers = List.of();
    assertThat(names()).containsExactly("no_router");
  }

  @Test
  void migrationsThatAreToGoOnNeedALeader() {
    leader = Optional.empty();
    assertThat(names()).contains("no_leader");
    desired = "PAUSE";
    assertThat(names()).doesNotContain("no_leader");
    for (String heedless : List.of("CUTTING_OVER", "IN_WINDOW", "ABORTING")) {
      state = heedless;
      assertThat(names()).as(heedless).contains("no_leader");
    }
    desired = "RUN";
    outcome = Outcome.MOVED;
    state = "DONE";
    assertThat(names()).isEmpty();
  }

  @Test
  void aMigrationThatStandsStillIsAnotherAlertOnceItMoves() {
    Alert before = alerts().get(0);
    assertThat(before.patience()).isEqualTo(Alerts.STUCK);
    assertThat(alerts().get(0).instance()).isEqualTo(before.instance());
    rows++;
    assertThat(alerts().get(0).instance()).isNotEqualTo(before.instance());
    state = "VERIFYING";
    assertThat(alerts().get(0).patience()).isEqualTo(Alerts.STUCK_SILENTLY);
  }

  @Test
  void whatTheServiceWritesMeanwhileIsNoProgress() {
    for (String still : List.of("COPYING", "CATCHING_UP", "CUTTING_OVER")) {
      AlertLog log = new AlertLog();
      state = still;
      keyLog = 1_000;
      log.update(alerts(), NOW);
      keyLog = 2_000;
      log.update(alerts(), NOW.plusSeconds(300));
      keyLog = 1_500;
      log.update(alerts(), NOW.plus(Alerts.STUCK));
      assertThat(log.raised()).as(still).extracting(RaisedAlert::since).containsExactly(NOW);
    }
  }

  @Test
  void aKeyLogThatIsShorterIsProgressWhereItIsRead() {
    AlertLog log = new AlertLog();
    state = "CATCHING_UP";
    for (int minute = 0; minute <= 30; minute++) {
      keyLog = 1_000L - minute;
      log.update(alerts(), NOW.plus(Duration.ofMinutes(minute)));
      assertThat(log.raised()).isEmpty();
    }
    log.update(alerts(), NOW.plus(Duration.ofMinutes(30)).plus(Alerts.STUCK));
    assertThat(log.raised())
        .extracting(RaisedAlert::since)
        .containsExactly(NOW.plus(Duration.ofMinutes(30)));
    state = "COPYING";
    log.update(alerts(), NOW);
    keyLog--;
    log.update(alerts(), NOW.plus(Alerts.STUCK));
    assertThat(log.raised()).extracting(RaisedAlert::since).containsExactly(NOW);
  }

  @Test
  void oneThatWaitsOrIsPausedIsNotStuck() {
    for (String waiting : List.of("PLANNED", "IN_WINDOW")) {
      state = waiting;
      assertThat(names()).as(waiting).isEmpty();
    }
    state = "COPYING";
    desired = "PAUSE";
    hindrance = Hindrance.PAUSED;
    note = "paused";
    assertThat(names()).isEmpty();
  }

  @Test
  void aPauseThatIsNotHeededSilencesNothing() {
    desired = "PAUSE";
    hindrance = Hindrance.TROUBLE;
    note = "failed: shard s1 is away";
    keyLog = 2_000_001;
    state = "IN_WINDOW";
    assertThat(names()).containsExactly("migration_blocked", "key_log_long");
    state = "CUTTING_OVER";
    attempts = 3;
    assertThat(names())
        .containsExactly("migration_blocked", "migration_stuck", "key_log_long", "cutover_failing");
    state = "PLANNED";
    assertThat(names()).as("nothing is at work yet").isEmpty();
    state = "COPYING";
    hindrance = Hindrance.PAUSED;
    assertThat(names()).as("it rests").isEmpty();
  }

  @Test
  void whatIsInTheWayIsToldAndWhatIsOrdinaryIsNot() {
    hindrance = Hindrance.TROUBLE;
    note = "shard s2 has no table orders";
    assertThat(names()).contains("migration_blocked");
    assertThat(alerts().get(0).fact()).contains(note);
    for (Hindrance ordinary : List.of(Hindrance.NONE, Hindrance.PAUSED, Hindrance.WAITING)) {
      hindrance = ordinary;
      assertThat(names()).as("%s", ordinary).doesNotContain("migration_blocked");
    }
  }

  @Test
  void whatIsInTheWayHasARemedyThatWorksAsFarAsTheMigrationHasCome() {
    hindrance = Hindrance.TROUBLE;
    note = "failed: shard s2 is away";
    for (String before : List.of("PLANNED", "COPYING", "CUTTING_OVER")) {
      assertThat(remedy(before)).contains("shard-admin migration abort 3 gives it up");
    }
    assertThat(remedy("IN_WINDOW")).contains("only after that is mended").doesNotContain("abort");
    assertThat(remedy("CLEANING_UP")).contains("only the clean-up").doesNotContain("shard-admin");
    assertThat(remedy("ABORTING")).contains("is being given up").doesNotContain("shard-admin");
    rollingBack = true;
    for (String back : List.of("CATCHING_UP", "CUTTING_OVER")) {
      assertThat(remedy(back)).contains("cannot be given up").doesNotContain("shard-admin");
    }
    assertThat(remedy("CLEANING_UP")).contains("are back").doesNotContain("shard-admin");
  }

  private String remedy(String inState) {
    state = inState;
    return alerts().stream()
        .filter(alert -> alert.name().equals("migration_blocked"))
        .findFirst()
        .orElseThrow()
        .remedy();
  }

  @Test
  void oneThatWasGivenUpIsToldForAnHourUnlessThatWasWanted() {
    state = "ABORTED";
    outcome = Outcome.TAKEN_BACK;
    note = "foreign keys";
    ago = Alerts.RECENT.minusSeconds(1);
    assertThat(names()).containsExactly("migration_given_up");
    ago = Alerts.RECENT;
    assertThat(names()).isEmpty();
    ago = Duration.ZERO;
    desired = "ABORT";
    assertThat(names()).isEmpty();
  }

  @Test
  void aPauseOverItsBudgetIsToldForAnHour() {
    state = "DONE";
    outcome = Outcome.MOVED;
    pause = BUDGET;
    assertThat(names()).isEmpty();
    pause = BUDGET.plusNanos(1);
    assertThat(names()).containsExactly("pause_over_budget");
    ago = Alerts.RECENT;
    assertThat(names()).isEmpty();
  }

  @Test
  void oneThatCannotBeReadIsToldWithItsNumberBesideTheOthers() {
    illegible = Map.of(7, "journal migrations/7 has format 2");
    assertThat(names()).containsExactly("migration_stuck", "migration_illegible");
    Alert alert = alerts().get(1);
    assertThat(alert.subject()).isEqualTo("migration 7");
    assertThat(alert.fact()).contains("journal migrations/7 has format 2");
    assertThat(alert.remedy()).contains("newer release", "node in ZooKeeper");
  }

  /** Attempts come and go, and so does the state: it stays the same alert. */
  @Test
  void attemptsThatKeepNoBudgetAreOneAlertForAsLongAsTheyGoOn() {
    state = "CUTTING_OVER";
    attempts = 3;
    Alert first = alerts().get(1);
    assertThat(first.name()).isEqualTo("cutover_failing");
    assertThat(first.fact()).contains("3 times", "its budget of 70.0 ms");
    assertThat(first.remedy()).contains("shard-admin migration show 3", "--max-pause");
    assertThat(first.patience()).isEqualTo(Alerts.STUCK);
    state = "CATCHING_UP";
    attempts = 40;
    assertThat(alerts().get(1).instance()).isEqualTo(first.instance());
    state = "IN_WINDOW";
    assertThat(names()).isEmpty();
  }

  @Test
  void aKeyLogThatIsLongerThanTheTableIsToldOf() {
    keyLog = 2_000_000;
    assertThat(names()).doesNotContain("key_log_long");
    keyLog++;
    Alert alert = alerts().get(1);
    assertThat(alert.name()).isEqualTo("key_log_long");
    assertThat(alert.fact()).contains("2,000,001 writes wait");
    assertThat(alert.remedy())
        .contains("disks of shards s1 and s2", "shard-admin migration abort 3 gives it up");
  }

  private List<Alert> alerts() {
    MigrationStatus migration =
        new MigrationStatus(
            3,
            "shop",
            Region.ALL,
            new RangeTransfer(S1, S2, KeyRangeSet.of(new KeyRange(0, 9))),
            Optional.empty(),
            "reason",
            state,
            desired,
            outcome,
            rollingBack,
            new MigrationProgress(rows, 0, 2_000_000, 0, keyLog),
            attempts,
            BUDGET,
            Optional.of(
                new CutoverPause(
                    pause,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO)),
            NOW.minus(ago),
            hindrance,
            note);
    return Alerts.of(
        new ClusterFacts(
            new Epoch(9),
            routers,
            new KeptMigrations(List.of(migration), new TreeMap<>(illegible)),
            leader),
        SampleFacts.NONE,
        NOW);
  }

  private List<String> names() {
    return alerts().stream().map(Alert::name).toList();
  }

  private static List<Alert> of(SampleFacts sample) {
    return Alerts.of(
        new ClusterFacts(
            new Epoch(9),
            List.of(router(9)),
            new KeptMigrations(List.of(), new TreeMap<>()),
            Optional.empty()),
        sample,
        NOW);
  }

  private static RegisteredRouter router(int epoch) {
    return new RegisteredRouter(
        epoch, new RouterDescription("app-" + epoch, 4711, "test"), new Epoch(epoch));
  }

  /** What s1 has, and should have; s2 is even. */
  private static Skew skew(Goal goal, double amount, double share) {
    TreeMap<ShardId, Skew.Part> shards = new TreeMap<>();
    shards.put(S1, new Skew.Part(amount, share));
    shards.put(S2, new Skew.Part(1, 1));
    return new Skew(
        new RingId("shop", Region.ALL), goal, shards, 1, List.of(), List.of(), List.of());
  }
}
