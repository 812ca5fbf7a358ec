package dev.shardwright.rebalance.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.migration.CutoverModel.Safety;
import dev.shardwright.rebalance.internal.migration.CutoverModel.World;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Visits every state that a cutover can come to, in every order of steps, crashes and losses. */
class CutoverModelTest {

  @Test
  void noOrderOfStepsLosesAWriteOrLetsBothShardsAcceptOne() {
    Visit visit = visit(new CutoverModel());
    System.out.println("states visited: " + visit.states);
    assertThat(visit.violation).isEmpty();
    assertThat(visit.arrived).as("a state in which the ranges have changed hands").isTrue();
    assertThat(visit.givenUp).as("a state in which a fenced attempt was given up").isTrue();
    assertThat(visit.states).isGreaterThan(10_000);
  }

  @ParameterizedTest
  @EnumSource(Safety.class)
  void whoeverLeavesASafetyOutIsFound(Safety safety) {
    assertThat(visit(new CutoverModel(safety)).violation).as("without %s", safety).isPresent();
  }

  private static Visit visit(CutoverModel model) {
    Visit visit = new Visit();
    Set<World> seen = new HashSet<>();
    Deque<World> queue = new ArrayDeque<>();
    seen.add(World.initial());
    queue.add(World.initial());
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
    private Optional<String> violation = Optional.empty();
    private boolean arrived;
    private boolean givenUp;
    private int states;

    void look(World world) {
      arrived |= world.value() % 2 == 1 && world.targetAccepts();
      givenUp |= world.registerOfSource() == 2 && world.value() == 2;
      if (world.targetAccepts() && !isCommitted(world, world.registerOfTarget())) {
        report("I1: the target is open at a value that is not committed", world);
      }
      if (isCommitted(world, world.value())
          && world.value() % 2 == 1
          && world.registerOfSource() < world.value()) {
        report("I2: committed, and the source was not fenced", world);
      }
      if (world.registerOfSource() % 2 == 0 && world.registerOfSource() > world.value()) {
        report("I3: the source was opened again before the attempt was given up", world);
      }
      if (world.sourceAccepts() && world.targetAccepts()) {
        report("I4: both shards accept writes", world);
      }
      if (world.targetAccepts() && world.rowsOfTarget() < world.acknowledged()) {
        report("I5: the target is open and lacks acknowledged writes", world);
      }
      if (world.targetAccepts() && world.writer().inside() && world.writer().onSource()) {
        report("I4: a write is still under way on the source, and the target is open", world);
      }
    }

    private static boolean isCommitted(World world, long value) {
      return (world.committed() >> value & 1) == 1;
    }

    private void report(String what, World world) {
      violation = Optional.of(what + ": " + world);
    }
  }
}
