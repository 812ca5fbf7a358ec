package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class KeyRangeSetTest {
  private static final long MIN = Long.MIN_VALUE;
  private static final long MAX = Long.MAX_VALUE;

  @Test
  void joinsRangesThatTouchOrOverlap() {
    KeyRangeSet set =
        KeyRangeSet.of(
            new KeyRange(5, 9), new KeyRange(1, 3), new KeyRange(4, 4), new KeyRange(11, 12));
    assertThat(set.ranges()).containsExactly(new KeyRange(1, 9), new KeyRange(11, 12));
  }

  @Test
  void joinsUpToTheLargestToken() {
    assertThat(KeyRangeSet.of(new KeyRange(MIN, -1), new KeyRange(0, MAX)))
        .isEqualTo(KeyRangeSet.ALL);
    assertThat(KeyRangeSet.of(new KeyRange(MAX, MAX), new KeyRange(MAX - 1, MAX)).ranges())
        .containsExactly(new KeyRange(MAX - 1, MAX));
  }

  @Test
  void complementOfNothingIsEverything() {
    assertThat(KeyRangeSet.EMPTY.complement()).isEqualTo(KeyRangeSet.ALL);
    assertThat(KeyRangeSet.ALL.complement()).isEqualTo(KeyRangeSet.EMPTY);
    assertThat(KeyRangeSet.of(KeyRange.of(MIN), KeyRange.of(MAX)).complement().ranges())
        .containsExactly(new KeyRange(MIN + 1, MAX - 1));
  }

  @Test
  void anEmptyRangeCannotBeBuilt() {
    assertThatThrownBy(() -> new KeyRange(2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2, 1]");
  }

  @Property
  void agreesWithSetsOfNumbers(
      @ForAll @Size(max = 6) List<@IntRange(max = 30) Integer> mine,
      @ForAll @Size(max = 6) List<@IntRange(max = 30) Integer> theirs) {
    KeyRangeSet a = ofPairs(mine);
    KeyRangeSet b = ofPairs(theirs);
    for (long token = -1; token <= 32; token++) {
      assertThat(a.union(b).contains(token)).isEqualTo(a.contains(token) || b.contains(token));
      assertThat(a.minus(b).contains(token)).isEqualTo(a.contains(token) && !b.contains(token));
      assertThat(a.intersection(b).contains(token))
          .isEqualTo(a.contains(token) && b.contains(token));
      assertThat(a.complement().contains(token)).isEqualTo(!a.contains(token));
    }
  }

  private static KeyRangeSet ofPairs(List<Integer> ends) {
    KeyRangeSet set = KeyRangeSet.EMPTY;
    for (int i = 0; i + 1 < ends.size(); i += 2) {
      int first = Math.min(ends.get(i), ends.get(i + 1));
      int last = Math.max(ends.get(i), ends.get(i + 1));
      set = set.union(KeyRangeSet.of(new KeyRange(first, last)));
    }
    return set;
  }
}
