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
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource(Journey.class)
  @Timeout(600)
  void doesNothingMoreWhenItWakesUpAfterSomeMoments(Journey journey) throws Exception {
    System.out.printf("%s, seed %d%n", journey, seed);
    boolean beside = random.nextBoolean();
    for (Moment moment : journey.someMoments(new Random(seed))) {
      assertThat(frozenAt(journey, moment, beside)).as("it was frozen").isTrue();
      beside = !beside;
    }
  }

  @ParameterizedTest
  @EnumSource(Journey.class)
  @Tag("long")
  void doesNothingMoreWhenItWakesUpAfterAnyMoment(Journey journey) throws Exception {
    System.out.printf("%s, seed %d%n", journey, seed);
    int moments = 1 + new Random(seed).nextInt(Moment.STEP);
    while (frozenAt(journey, Moment.after(moments), random.nextBoolean())) {
      moments += Moment.STEP;
    }
    assertThat(moments).isGreaterThan(20);
  }

  /**
   * Whether it was; not if it had no more to do.
   *
   * @param beside whether it wakes up while the other is at work, not only after that
   */
  private boolean frozenAt(Journey journey, Moment moment, boolean beside) throws Exception {
    try (MoverUnderWatch move = new MoverUnderWatch(journey, Effects.andMoments(), seed)) {
      boolean frozen = move.comesTo(moment, () -> move.mover().freeze());
      System.out.println(move.lastEffect() + (beside ? ", wakes up beside the other" : ""));
      if (frozen && beside) {
        move.finishBesideTheFirst(random);
      } else if (frozen) {
        move.finish();
        move.wakeUp();
      }
      move.check();
      return frozen;
    }
  }
}
