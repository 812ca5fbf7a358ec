package dev.shardwright.bench.moves;

import static dev.shardwright.bench.moves.TalliedCluster.EVERYWHERE;
import static dev.shardwright.bench.moves.TalliedCluster.KEYSPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.bench.moves.TalliedCluster.Found;
import dev.shardwright.bench.moves.Tallying.Place;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.Role;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.SteeringRefused;
import dev.shardwright.rebalance.internal.sample.SamplingFailed;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveKey;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveTokens;
import dev.shardwright.rebalance.plan.RebalanceRequest.SplitRange;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Ranges of keyspaces of all kinds move while a service writes and reads, are taken back, and move
 * again: then each row is on the shard that the router says, and is what it was made.
 */
@Timeout(180)
@Tag("slow")
class KindsOfKeyspacesIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final RingId RING = new RingId(KEYSPACE, Region.ALL);
  private static final ShardId SECOND = ShardId.of("s-2");
  private static final int FEW = 4;

  /** Owns the tables, moves them, and is no superuser. */
  private static final String OWNER = "tally_owner";

  private static final String PINNED = "O'Neil \\ \"日本語\"";

  /** Texts that something on the way could take for something else. */
  private static final List<String> STRANGE =
      List.of(
          "",
          PINNED,
          " ",
          "a ",
          "O'Neil",
          "\"quoted\"",
          "back\\slash",
          "\\",
          "\\N",
          "\\.",
          "\\x41",
          "tab\tnewline\nreturn\r",
          "{a,\"b\"}",
          "%s $1 ? :k",
          "$$;--/*",
          "NULL",
          "Straße",
          "STRASSE",
          "\u00e9",
          "e\u0301",
          "日本語",
          "\ud83d\ude00",
          "\u0001");

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private @Nullable TalliedCluster cluster;
  private @Nullable Tallying service;
  private @Nullable Rebalancer rebalancer;

  @BeforeEach
  void sayTheSeed() {
    System.out.println("seed " + seed);
  }

  @AfterEach
  void close() throws Exception {
    if (service != null) {
      service.close();
    }
    if (rebalancer != null) {
      rebalancer.close();
    }
    cluster().close();
  }

  private TalliedCluster cluster() {
    return Objects.requireNonNull(cluster);
  }

  private Tallying service() {
    return Objects.requireNonNull(service);
  }

  private Rebalancer rebalancer() {
    return Objects.requireNonNull(rebalancer);
  }

  @Test
  void textsThatAreHashedMoveWhateverIsInThem() throws Exception {
    Stream<String> longOnes = Stream.of(randomText(2_000), "日本".repeat(300), "x".repeat(8_000));
    List<String> keys =
        Stream.of(STRANGE.stream(), longOnes, numbered(150).map(i -> "user-" + i))
            .flatMap(texts -> texts)
            .toList();
    begin(NewKeyspace.hash(KEYSPACE, KeyType.TEXT), KeyType.TEXT, everywhere(keys));
    thereBackAndThere(Balance.by(Goal.TOKENS));
    for (String key : List.of("", PINNED)) {
      ShardId other = ShardId.of(service().ownerOf(key).equals(SECOND) ? "s-1" : "s-2");
      move(new MoveKey(RING, key, other));
      assertThat(service().ownerOf(key)).isEqualTo(other);
    }
    assertThat(finish(Set.of()).values()).allMatch(rows -> rows > 50);
  }

  @Test
  void uuidsThatAreHashedMove() throws Exception {
    List<UUID> keys =
        Stream.concat(
                Stream.of(new UUID(0, 0), new UUID(-1, -1), new UUID(Long.MIN_VALUE, 1)),
                Stream.generate(() -> new UUID(random.nextLong(), random.nextLong())).limit(150))
            .toList();
    begin(NewKeyspace.hash(KEYSPACE, KeyType.UUID), KeyType.UUID, everywhere(keys));
    thereBackAndThere(Balance.by(Goal.TOKENS));
    assertThat(finish(Set.of()).values()).allMatch(rows -> rows > 40);
  }

  @Test
  void theUpperPartOfAHotRangeMoves() throws Exception {
    List<Long> keys =
        Stream.of(
                LongStream.of(Long.MIN_VALUE, -1, 0, 999, Long.MAX_VALUE - 1, Long.MAX_VALUE),
                LongStream.range(1_000, 1_150),
                LongStream.of(1_999, 2_000, 2_001))
            .flatMap(LongStream::boxed)
            .toList();
    begin(
        NewKeyspace.range(KEYSPACE, KeyType.BIGINT, List.of("0", "1000", "2000")),
        KeyType.BIGINT,
        everywhere(keys));
    thereAndBack(new SplitRange(RING, 1_050, SECOND));
    assertThatThrownBy(() -> rebalancer().plan(new SplitRange(RING, 1_050, SECOND)))
        .as("it is split, on one shard")
        .hasMessageContaining("begins at 1050 already");
    move(new MoveTokens(RING, KeyRangeSet.of(new KeyRange(1_050, 1_999)), SECOND));
    service().goOn();
    assertThat(finish(Set.of())).isEqualTo(Map.of("s-1", 4L + 50 + 2 + 2, "s-2", 101L));
  }

  /** The infinities are the ends of the first and of the last range. */
  @Test
  void rangesOfTimesMoveAsTheirRowsAreSpread() throws Exception {
    OffsetDateTime first = OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    OffsetDateTime border = first.plusMonths(1);
    List<OffsetDateTime> keys =
        Stream.of(
                Stream.of(OffsetDateTime.MIN, OffsetDateTime.MAX),
                Stream.of(border.minus(1, ChronoUnit.MICROS), border),
                numbered(150).map(i -> first.plusHours(8L * i)))
            .flatMap(times -> times)
            .distinct()
            .toList();
    List<String> splits =
        IntStream.rangeClosed(0, 2).mapToObj(i -> first.plusMonths(i).toString()).toList();
    begin(
        NewKeyspace.range(KEYSPACE, KeyType.TIMESTAMPTZ, splits),
        KeyType.TIMESTAMPTZ,
        everywhere(keys));
    thereBackAndThere(Balance.by(Goal.ROWS));
    assertThat(finish(Set.of()).values()).allMatch(rows -> rows > 0);
  }

  /** The same keys are in both regions, so that their tokens are the same. */
  @Test
  void noRangeLeavesItsRegion() throws Exception {
    List<Place> places =
        Stream.of("eu", "us")
            .flatMap(region -> numbered(100).map(key -> new Place(region, (long) key)))
            .toList();
    Region eu = Region.of("eu");
    Region us = Region.of("us");
    TalliedCluster made =
        new TalliedCluster(
            ZOOKEEPER.server(),
            KeyType.BIGINT,
            /* regional= */ true,
            PostgresAccess.ofThisJvm(),
            PostgresAccess.user());
    cluster = made;
    made.addShard("s-1", eu);
    made.addShard("u-1", us);
    made.create(
        NewKeyspace.hash(KEYSPACE, KeyType.BIGINT)
            .withVirtualNodes(FEW)
            .withRegions(List.of(eu, us)));
    serve(made, places);
    made.addShard("s-2", eu);

    RingId ofEurope = new RingId(KEYSPACE, eu);
    RebalancePlan leaving = rebalancer().plan(Balance.by(Goal.TOKENS).without(ShardId.of("u-1")));
    assertThat(leaving.moves()).isNotEmpty().allMatch(move -> move.ring().equals(ofEurope));
    assertThat(leaving.describe()).contains("not balanced: no shard there may take what [u-1]");
    assertThatThrownBy(
            () -> rebalancer().plan(new MoveTokens(ofEurope, KeyRangeSet.ALL, ShardId.of("u-1"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("u-1 is of region us, nothing of ring things/eu may go there");

    thereBackAndThere(Balance.by(Goal.TOKENS));
    Map<String, Long> rows = finish(Set.of());
    assertThat(rows.get("u-1")).isEqualTo(100);
    assertThat(rows.getOrDefault("s-1", 0L) + rows.getOrDefault("s-2", 0L)).isEqualTo(100);
    assertThat(rows.get("s-2")).isBetween(30L, 70L);
  }

  /** Half of all rows are shown to nobody but to roles that no policy holds for. */
  @Test
  void policiesHideNoRowFromAMove() throws Exception {
    PostgresServer server = PostgresServer.shared();
    server.createRole(OWNER, PostgresAccess.SECRET);
    server.execute("grant set on parameter session_replication_role to " + OWNER);
    server.execute("grant pg_signal_backend, pg_read_all_stats to " + OWNER);
    TalliedCluster made =
        new TalliedCluster(
            ZOOKEEPER.server(),
            KeyType.BIGINT,
            /* regional= */ false,
            (shard, endpoint, role) ->
                Credentials.of(
                    role == Role.ADMIN ? OWNER : PostgresAccess.APP, PostgresAccess.SECRET),
            OWNER);
    cluster = made;
    made.addShard("s-1", Region.DEFAULT);
    made.create(NewKeyspace.hash(KEYSPACE, KeyType.BIGINT).withVirtualNodes(FEW));
    made.addShard("s-2", Region.DEFAULT);
    List<Long> keys = LongStream.range(0, 100).boxed().toList();
    Set<Found> hidden =
        keys.stream().map(key -> new Found("hidden", key, 7)).collect(Collectors.toSet());
    made.execute("s-1", "insert into tally select 'hidden', k, 7 from generate_series(0, 99) k");
    made.secure();
    serve(made, everywhere(keys));
    assertThat(made.rows("s-1", "tally")).hasSize(200);
    assertThat(made.tallyAsService("s-1")).isEqualTo(100);

    RebalancePlan plan = rebalancer().plan(Balance.by(Goal.TOKENS));
    made.forcePolicies();
    assertThatThrownBy(
            () ->
                rebalancer()
                    .start(
                        plan, new MoveOptions(WINDOW, Long.MAX_VALUE, 2, Duration.ofMillis(500))))
        .isInstanceOf(SteeringRefused.class)
        .hasMessageContaining("table public.tally has FORCE ROW LEVEL SECURITY, and role " + OWNER)
        .hasMessageContaining("alter role " + OWNER + " bypassrls");
    assertThatThrownBy(() -> rebalancer().plan(Balance.by(Goal.ROWS)))
        .as("rows that are not shown would not count")
        .isInstanceOf(SamplingFailed.class)
        .hasMessageContaining("row-level security policy");

    server.execute("alter role %s bypassrls".formatted(OWNER));
    thereBackAndThere(Balance.by(Goal.TOKENS));
    assertThat(finish(hidden).values()).allMatch(rows -> rows > 60);
  }

  /** With all rows on one shard, and a new one without any. */
  private void begin(NewKeyspace keyspace, KeyType keyType, List<Place> places) throws Exception {
    TalliedCluster made = new TalliedCluster(ZOOKEEPER.server(), keyType);
    cluster = made;
    made.addShard("s-1", Region.DEFAULT);
    made.create(keyspace.withVirtualNodes(FEW));
    serve(made, places);
    made.addShard("s-2", Region.DEFAULT);
  }

  private void serve(TalliedCluster made, List<Place> places) {
    service = new Tallying(made, places, seed);
    rebalancer = made.rebalancer();
    rebalancer().campaign("test");
  }

  private void thereBackAndThere(RebalanceRequest request) throws Exception {
    thereAndBack(request);
    move(request);
    service().goOn();
  }

  private void thereAndBack(RebalanceRequest request) throws Exception {
    int number = start(request, WINDOW);
    rebalancer().await(number, status -> status.state().equals("IN_WINDOW"), PATIENCE);
    service().goOn();
    rebalancer().rollBack(number);
    assertOver(number, MigrationStatus.Outcome.TAKEN_BACK);
    service().goOn();
    assertThat(cluster().rows("s-2", "tally")).isEmpty();
  }

  private void move(RebalanceRequest request) throws Exception {
    assertOver(start(request, Duration.ZERO), MigrationStatus.Outcome.MOVED);
  }

  private int start(RebalanceRequest request, Duration window) {
    RebalancePlan plan = rebalancer().plan(request);
    System.out.println(plan);
    List<Integer> numbers =
        rebalancer()
            .start(plan, new MoveOptions(window, Long.MAX_VALUE, 2, Duration.ofMillis(500)));
    assertThat(numbers).hasSize(1);
    return numbers.get(0);
  }

  private void assertOver(int number, MigrationStatus.Outcome outcome) throws Exception {
    MigrationStatus over = rebalancer().await(number, MigrationStatus::isOver, PATIENCE);
    System.out.println(over);
    assertThat(over.outcome()).as("%s", over).isEqualTo(outcome);
    cluster().assertNothingIsLeftOf(number);
  }

  private Map<String, Long> finish(Set<Found> others) throws Exception {
    service().end();
    Map<String, Long> rows = service().check(others);
    System.out.println(rows);
    return rows;
  }

  private String randomText(int length) {
    return random
        .ints('!', '~')
        .limit(length)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static Stream<Integer> numbered(int count) {
    return IntStream.range(0, count).boxed();
  }

  private static List<Place> everywhere(List<?> keys) {
    List<Place> places = new ArrayList<>();
    keys.forEach(key -> places.add(new Place(EVERYWHERE, key)));
    return places;
  }
}
