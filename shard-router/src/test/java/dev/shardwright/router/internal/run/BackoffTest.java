package dev.shardwright.router.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BackoffTest {
  @Property(tries = 200)
  void pausesForAMomentThatIsBounded(
      @ForAll @IntRange(min = 1, max = 100) int failed, @ForAll long seed) {
    long nanos = Backoff.nanosAfter(failed, new SplittableRandom(seed));
    long ceiling = failed > 7 ? 500_000_000 : 5_000_000L << (failed - 1);
    assertThat(nanos).isBetween(1L, ceiling);
  }
}
