package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The mover is a process that is stopped where it is; another one does all that is left to be done;
 * then the first one wakes up, and whatever it was about to do comes too late.
 */
@Tag("slow")
class MoverFrozenIT {
  private final long seed = new Random().nextLong();

  @ParameterizedTest
  @EnumSource(Journey.class)
  @Timeout(180)
  void doesNothingMoreWhenItWakesUpAfterSomeMoments(Journey journey) throws Exception {
    System.out.printf("%s, seed %d%n", journey, seed);
    for (Moment moment : journey.someMoments(new Random(seed))) {
      assertThat(frozenAt(journey, moment)).as("it was frozen").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Journey.class)
  @Tag("long")
  void doesNothingMoreWhenItWakesUpAfterAnyMoment(Journey journey) throws Exception {
    System.out.printf("%s, seed %d%n", journey, seed);
    int moments = 1 + new Random(seed).nextInt(Moment.STEP);
    while (frozenAt(journey, Moment.after(moments))) {
      moments += Moment.STEP;
    }
    assertThat(moments).isGreaterThan(20);
  }

  /** Whether it was; not if it had no more to do. */
  private boolean frozenAt(Journey journey, Moment moment) throws Exception {
    try (MoverUnderWatch move = new MoverUnderWatch(journey, Effects.andMoments(), seed)) {
      boolean frozen = move.comesTo(moment, () -> move.mover().freeze());
      System.out.println(move.lastEffect());
      if (frozen) {
        move.finish();
        move.wakeUp();
      }
      move.check();
      return frozen;
    }
  }
}
