package dev.shardwright.rebalance.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.shardwright.rebalance.internal.migration.CutoverModel.Cast;
import dev.shardwright.rebalance.internal.migration.CutoverModel.Database;
import dev.shardwright.rebalance.internal.migration.CutoverModel.Safety;
import dev.shardwright.rebalance.internal.migration.CutoverModel.World;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Visits every state that a cutover can come to, in every order of steps, crashes and losses. */
@Tag("slow")
class CutoverModelTest {

  @ParameterizedTest
  @MethodSource("eachDirectionAndCast")
  void noOrderOfStepsLosesAWriteOrLetsBothShardsAcceptOne(Direction direction, Set<Cast> cast) {
    Visit visit = visit(direction, cast);
    System.out.println(direction + " " + cast + ": states visited: " + visit.states);
    assertThat(visit.violation).isEmpty();
    assertThat(visit.arrived).as("a state in which the ranges have changed hands").isTrue();
    assertThat(visit.givenUp).as("a state in which a fenced attempt was given up").isTrue();
    assertThat(visit.states).isGreaterThan(20_000);
  }

  static Stream<Arguments> eachDirectionAndCast() {
    List<Set<Cast>> casts =
        List.of(
            Set.of(Cast.SECOND_MOVER),
            Set.of(Cast.ROUTER),
            Set.of(Cast.ROUTER, Cast.SNAPSHOT),
            Set.of(Cast.SECOND_MOVER, Cast.ROUTER));
    return Stream.of(Direction.values())
        .flatMap(direction -> casts.stream().map(cast -> arguments(direction, cast)));
  }

  @ParameterizedTest
  @MethodSource("eachDirectionAndSafety")
  void whoeverLeavesASafetyOutIsFound(Direction direction, Safety safety) {
    Visit visit = visit(direction, safety.foundBy(), safety);
    assertThat(visit.violation).as("without %s", safety).isPresent();
  }

  static Stream<Arguments> eachDirectionAndSafety() {
    return Stream.of(Direction.values())
        .flatMap(direction -> Stream.of(Safety.values()).map(out -> arguments(direction, out)));
  }

  private static Visit visit(Direction direction, Set<Cast> cast, Safety... without) {
    CutoverModel model = new CutoverModel(direction, cast, without);
    Visit visit = new Visit(direction, model.initial().topology().value());
    Set<World> seen = new HashSet<>();
    Deque<World> queue = new ArrayDeque<>();
    seen.add(model.initial());
    queue.add(model.initial());
    while (!queue.isEmpty() && visit.violation.isEmpty()) {
      World world = queue.remove();
      visit.look(world);
      for (World next : model.next(world)) {
        if (seen.add(next)) {
          queue.add(next);
        }
      }
    }
    visit.states = seen.size();
    return visit;
  }

  /** What was found on the way. */
  private static final class Visit {
    private final boolean fromSource;
    private final long first;
    private Optional<String> violation = Optional.empty();
    private boolean arrived;
    private boolean givenUp;
    private int states;

    /**
     * @param first the value of the move before all
     */
    Visit(Direction direction, long first) {
      this.fromSource = direction == Direction.FORWARD;
      this.first = first;
    }

    void look(World world) {
      long value = world.topology().value();
      Database loser = world.database(fromSource);
      Database winner = world.database(!fromSource);
      boolean loserAccepts = fromSource ? world.sourceAccepts() : world.targetAccepts();
      boolean winnerAccepts = fromSource ? world.targetAccepts() : world.sourceAccepts();
      arrived |= (value - first) % 2 == 1 && winnerAccepts;
      givenUp |= loser.register() == first + 1 && value == first + 2;
      if (winnerAccepts && !world.topology().isCommitted(winner.register())) {
        report("I1: who gains the ranges is open at a value that is not committed", world);
      }
      if ((value - first) % 2 == 1 && loser.register() < value) {
        report("I2: committed, and who loses the ranges was not fenced", world);
      }
      if (loserAccepts && loser.register() > value) {
        report("I3: who loses the ranges was opened again before the attempt was given up", world);
      }
      if (loserAccepts && winnerAccepts) {
        report("I4: both shards accept writes", world);
      }
      if (winnerAccepts && winner.rows() < world.acknowledged()) {
        report("who gains the ranges is open and lacks acknowledged writes", world);
      }
      if (winnerAccepts && world.writer().inside() && world.writer().onSource() == fromSource) {
        report("I4: a write is still under way where the ranges were", world);
      }
      if (world.router().readTooFew()) {
        report("a router has read without an acknowledged write", world);
      }
    }

    private void report(String what, World world) {
      violation = Optional.of(what + ": " + world);
    }
  }
}
