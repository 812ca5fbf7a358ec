package dev.shardwright.router.internal.merge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CellFoldTest {
  private static final Cell A = new Cell("a", null);
  private static final Cell B = new Cell("b", null);

  /** {@code nullif(score::text, '1.0')} is of the row whose score is shown. */
  @Test
  void theFirstKeepsWhatBelongsToTheRowThatIsKept() {
    CellFold first = CellFold.first();
    assertThat(first.fold(A, B)).isEqualTo(A);
    assertThat(first.fold(null, B)).isNull();
    assertThat(first.fold(A, null)).isEqualTo(A);
  }

  @Test
  void eitherIsThatOfTheShardThatHasOne() {
    CellFold either = CellFold.either();
    assertThat(either.fold(A, null)).isEqualTo(A);
    assertThat(either.fold(null, B)).isEqualTo(B);
    assertThat(either.fold(null, null)).isNull();
  }
}
