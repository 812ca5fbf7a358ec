package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The mover is a process that is killed after an effect, before it hears of it; another one goes on
 * from what is there.
 */
class MoverKilledIT {
  private final long seed = new Random().nextLong();

  @ParameterizedTest
  @EnumSource(Journey.class)
  @Timeout(600)
  void losesNothingWhenKilledAfterOneOfSomeEffects(Journey journey) throws Exception {
    System.out.printf("%s, seed %d%n", journey, seed);
    for (Moment moment : journey.someMoments(new Random(seed))) {
      assertThat(killedAt(journey, moment)).as("it was killed").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Journey.class)
  @Tag("long")
  void losesNothingWhenKilledAfterAnyEffect(Journey journey) throws Exception {
    System.out.printf("%s, seed %d%n", journey, seed);
    int effects = 1 + new Random(seed).nextInt(Moment.STEP);
    while (killedAt(journey, Moment.after(effects))) {
      effects += Moment.STEP;
    }
    assertThat(effects).isGreaterThan(20);
  }

  /** Whether it was; not if it had no more to do. */
  private boolean killedAt(Journey journey, Moment moment) throws Exception {
    try (MoverUnderWatch move = new MoverUnderWatch(journey, Effects.lasting(), seed)) {
      boolean killed = move.comesTo(moment, () -> move.mover().kill());
      System.out.println(move.lastEffect());
      if (killed) {
        move.finish();
      }
      move.check();
      return killed;
    }
  }
}
