package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlacesTest {
  @Test
  void twoMigrationsWorkOnAShardAtATime() {
    assertThat(startable(Set.of(), planned(1, "t"), planned(2, "t"), planned(3, "t")))
        .containsExactly(1, 2);
    assertThat(startable(Set.of(1, 2), planned(1, "t"), planned(2, "t"), planned(3, "t")))
        .isEmpty();
    assertThat(startable(Set.of(1), planned(1, "t"), planned(2, "t"), planned(3, "t")))
        .containsExactly(2);
  }

  @Test
  void whatHasBegunGoesOnHoweverManyThereAre() {
    Stream<Migration> begun =
        IntStream.rangeClosed(1, 4).mapToObj(n -> at(planned(n, "t"), MigrationState.REGISTERING));
    assertThat(
            startable(
                Set.of(2),
                Stream.concat(begun, Stream.of(planned(5, "t"))).toArray(Migration[]::new)))
        .containsExactly(1, 3, 4);
  }

  /** They may last for days. */
  @Test
  void rollbackWindowsOverlap() {
    assertThat(startable(Set.of(1, 2), inWindow(1), inWindow(2), planned(3, "t"), planned(4, "t")))
        .containsExactly(3, 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"paused", "failed: connection refused", "waits for range move 7"})
  void whatIsKeptFromBeginningKeepsNobodyElse(String note) {
    Migration one = planned(1, "t").withNote(note);
    Migration other = planned(2, "t").withNote(note);
    assertThat(startable(Set.of(1, 2), one, other, planned(3, "t"), planned(4, "u")))
        .containsExactly(3, 4);
    assertThat(startable(Set.of(), one, other, planned(3, "t"), planned(4, "t")))
        .as("and comes after others where nobody runs yet")
        .containsExactly(3, 4);
    assertThat(startable(Set.of(), one, planned(2, "t"))).containsExactly(1, 2);
  }

  /** A server that is away keeps all from beginning; all begin at once when it is back. */
  @Test
  void notAllThatIsPlannedTriesInVainAtATime() {
    Migration[] all =
        IntStream.rangeClosed(1, 30)
            .mapToObj(n -> n > 10 ? planned(n, "t") : planned(n, "t").withNote("failed: away"))
            .toArray(Migration[]::new);
    Set<Integer> running = Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(startable(running, all)).isEmpty();
    all[9] = planned(10, "t");
    assertThat(startable(running, all)).containsExactly(11);
  }

  /** Its shards have places for others, and need not be there. */
  @ParameterizedTest
  @CsvSource({"CLEANING_UP, true", "ABORTING, true", "COPYING, false"})
  void whatCannotBeRemovedKeepsNobodyElse(MigrationState state, boolean rests) {
    for (String note : List.of("failed: connection refused", "cannot go on: no such table")) {
      Migration one = stateOf(1, state).withNote(note);
      Migration other = stateOf(2, state).withNote(note);
      assertThat(startable(Set.of(1, 2), one, other, planned(3, "t")))
          .isEqualTo(rests ? List.of(3) : List.of());
    }
    Migration throttled = stateOf(1, state).withNote("waits for standby a");
    assertThat(startable(Set.of(1, 2), throttled, stateOf(2, state), planned(3, "t")))
        .as("it is at work")
        .isEmpty();
  }

  @Test
  void whatIsGivenUpBeforeItBeganEndsAtOnceAndTakesNoPlace() {
    Migration[] all =
        IntStream.rangeClosed(1, 20).mapToObj(n -> planned(n, "t")).toArray(Migration[]::new);
    assertThat(startable(Set.of(1, 2), Set.of(3, 7), all)).containsExactly(3, 7);
    assertThat(startable(Set.of(1), Set.of(2, 3), all)).containsExactly(2, 3, 4);
    assertThat(startable(Set.of(1, 2, 3), Set.of(3), all)).as("it runs already").isEmpty();
    Set<Integer> eighteen = IntStream.rangeClosed(3, 20).boxed().collect(Collectors.toSet());
    assertThat(startable(Set.of(1, 2), eighteen, all)).as("ten threads at a time").hasSize(10);
  }

  private static List<Integer> startable(Set<Integer> running, Migration... all) {
    return startable(running, Set.of(), all);
  }

  private static List<Integer> startable(
      Set<Integer> running, Set<Integer> givenUp, Migration... all) {
    return Places.startable(List.of(all), running, givenUp).stream()
        .map(Migration::number)
        .toList();
  }

  private static Migration planned(int number, String target) {
    return Migration.planned(
        number,
        "shop",
        Region.ALL,
        new RangeTransfer(
            ShardId.of("s-" + number), ShardId.of(target), KeyRangeSet.of(KeyRange.of(number))),
        Optional.empty(),
        "why",
        MoveOptions.DEFAULTS,
        Instant.EPOCH);
  }

  private static Migration inWindow(int number) {
    return stateOf(number, MigrationState.IN_WINDOW);
  }

  /** On the way there. */
  private static Migration stateOf(int number, MigrationState state) {
    Migration migration = planned(number, "t");
    for (MigrationState next :
        List.of(
            MigrationState.REGISTERING,
            MigrationState.PREPARING,
            MigrationState.INSTALLING,
            MigrationState.COPYING,
            MigrationState.CATCHING_UP,
            MigrationState.CUTTING_OVER,
            MigrationState.IN_WINDOW)) {
      if (migration.state() != state && !migration.state().next().contains(state)) {
        migration = at(migration, next);
      }
    }
    return migration.state() == state ? migration : at(migration, state);
  }

  private static Migration at(Migration migration, MigrationState state) {
    return migration.enter(state, Direction.FORWARD, "", Instant.EPOCH);
  }
}
