package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.MoveTokens;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The hand-written queries once more, and generated ones between them, while ranges of every ring,
 * whatever its strategy and its type of key, are moved from their beginning to their end, and taken
 * back.
 */
@ExtendWith(LeakCheckExtension.class)
@Timeout(300)
@Tag("slow")
class CorpusWhileRangesMoveIT {
  /** So long that a move is met on its way, however fast the machine is. */
  private static final int SECONDS_OF_COPYING = 3;

  private static final Duration WINDOW = Duration.ofMinutes(10);

  /** How many statements are asked where nothing ends the asking. */
  private static final int SOME = 60;

  private final Random random = new Random();
  private final Map<String, Integer> asked = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private FourAndOne databases;
  private Rebalancer rebalancer;
  private List<CorpusCase> statements;
  private long seed;
  private int generated;

  @BeforeEach
  void start() throws SQLException {
    databases = FourAndOne.withAllTables();
    rebalancer =
        Rebalancer.connect(
            databases.zooKeeper(),
            databases.name(),
            RebalancerOptions.DEFAULTS.withCredentials(databases.credentials()));
    seed = random.nextLong();
    System.out.println("seed " + seed);
    statements = new ArrayList<>(Corpus.queries(databases.majorVersion()));
    Collections.shuffle(statements, new Random(seed));
  }

  @AfterEach
  void stop() throws SQLException {
    rebalancer.close();
    databases.close();
  }

  @Test
  void routerAndDriverAnswerAsOnePostgresql() throws SQLException {
    List<Integer> toStay = new ArrayList<>();
    List<Integer> toComeBack = new ArrayList<>();
    for (RangeMove move : HalfMoved.movesOf(databases.topology())) {
      boolean stays = move.number() % 2 == 0;
      (stays ? toStay : toComeBack).add(start(move, stays ? Duration.ZERO : WINDOW));
    }
    try (Asking asking = new Asking()) {
      rebalancer.campaign("corpus");
      asking.until(toComeBack, status -> status.state().equals("IN_WINDOW"));
      asking.some();
      toComeBack.forEach(rebalancer::rollBack);
      asking.until(toComeBack, MigrationStatus::isOver);
      asking.until(toStay, MigrationStatus::isOver);
      asking.some();
    }
    System.out.println("statements asked by state: " + asked);
    System.out.println("generated ones among them that were not refused: " + generated);
    assertThat(wrong).isEmpty();
    assertThat(rebalancer.migrations())
        .allSatisfy(status -> assertThat(status.progress().rows()).as("%s", status).isPositive());
    assertThat(outcomes(toStay)).containsExactly(MigrationStatus.Outcome.MOVED);
    assertThat(outcomes(toComeBack)).containsExactly(MigrationStatus.Outcome.TAKEN_BACK);
    assertThat(generated).isPositive();
    assertThat(asked).containsKeys("COPYING", "VERIFYING", "CATCHING_UP");
  }

  private int start(RangeMove move, Duration window) {
    RingId ring = new RingId(move.keyspace(), move.region());
    RebalancePlan plan = rebalancer.plan(new MoveTokens(ring, move.ranges(), move.target()));
    long bytes = plan.moves().stream().mapToLong(planned -> planned.volume().bytes()).sum();
    long bytesPerSecond = Math.max(1, bytes / SECONDS_OF_COPYING);
    return rebalancer
        .start(plan, new MoveOptions(window, bytesPerSecond, 1, Duration.ofSeconds(1)))
        .get(0);
  }

  private Set<MigrationStatus.Outcome> outcomes(List<Integer> numbers) {
    Set<MigrationStatus.Outcome> outcomes = new HashSet<>();
    numbers.forEach(number -> outcomes.add(status(number).outcome()));
    return outcomes;
  }

  private MigrationStatus status(int number) {
    return rebalancer.migration(number).orElseThrow();
  }

  /** Asks one statement after the other, round and round, of the router and of the driver. */
  private final class Asking implements AutoCloseable {
    private final ByRouter router = new ByRouter(databases);
    private final ByDriver driver = new ByDriver(databases);
    private final Connection one = databases.connect("one");
    private final Measure measure = new Measure(one, databases.majorVersion());
    private int next;
    private int drawn;

    Asking() throws SQLException {}

    void until(List<Integer> numbers, Predicate<MigrationStatus> wanted) throws SQLException {
      while (!numbers.stream().map(CorpusWhileRangesMoveIT.this::status).allMatch(wanted)) {
        for (int number : numbers) {
          MigrationStatus status = status(number);
          assertThat(status.isOver() && !wanted.test(status)).as("%s", status).isFalse();
        }
        ask();
      }
    }

    void some() throws SQLException {
      for (int i = 0; i < SOME; i++) {
        ask();
      }
    }

    private void ask() throws SQLException {
      Set<String> states = new HashSet<>();
      rebalancer.migrations().forEach(status -> states.add(status.state()));
      states.forEach(state -> asked.merge(state, 1, Integer::sum));
      CorpusCase statement = statements.get(next);
      next = (next + 1) % statements.size();
      Outcome expected = OnePostgres.ask(one, statement);
      if (!statement.driverOnly()) {
        judge(statement, expected, router.ask(statement.question()));
      }
      judge(statement, expected, new Answered(driver.ask(statement), statement.level()));
      askGenerated();
    }

    private void askGenerated() {
      Generated statement = StatementGenerator.from(Tape.drawn(seed + drawn));
      drawn++;
      if (measure.isFor(statement)) {
        Outcome actual = router.ask(statement.question()).outcome();
        generated += actual instanceof Outcome.Rows ? 1 : 0;
        measure
            .difference(statement, actual)
            .ifPresent(what -> wrong.add(statement.question() + "\n   " + what));
      }
    }

    private void judge(CorpusCase statement, Outcome expected, Answered answered)
        throws SQLException {
      Judge.wrong(statement, expected, answered, OnePostgres.choice(one, statement))
          .ifPresent(what -> wrong.add(statement + "\n   " + what));
    }

    @Override
    public void close() throws SQLException {
      driver.close();
      one.close();
    }
  }
}
