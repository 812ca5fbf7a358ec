package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SubdivisionTest {
  private static final long END = HashRing.GRID_STEPS;

  @Test
  void keepsBoundariesWithinRunsWhileTheyAreNeeded() {
    long[] before = {0, 10, 20, 30, 1_000};
    assertThat(Subdivision.of(new long[] {0}, before, 5)).containsExactly(0, 10, 20, 30, 1_000);
  }

  @Test
  void joinsTheSmallestFirst() {
    long[] before = {0, 500, 510, 520, 100_000};
    assertThat(Subdivision.of(new long[] {0}, before, 4)).containsExactly(0, 500, 520, 100_000);
    assertThat(Subdivision.of(new long[] {0}, before, 2)).containsExactly(0, 100_000);
  }

  @Test
  void neverJoinsRuns() {
    long[] runs = {0, 1, 2};
    assertThat(Subdivision.of(runs, new long[] {0, 2, 7}, 1)).containsExactly(0, 1, 2);
  }

  @Test
  void splitsTheLargestInHalves() {
    assertThat(Subdivision.of(new long[] {0}, new long[] {0}, 4))
        .containsExactly(0, END / 4, END / 2, END / 4 * 3);
    assertThat(Subdivision.of(new long[] {0, END / 2}, new long[] {0}, 3))
        .containsExactly(0, END / 4, END / 2);
  }
}
