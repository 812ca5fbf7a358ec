package dev.shardwright.router.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  private final Deadline deadline = new Deadline();

  @Test
  void isNotOverdueWhileNobodyWaits() {
    assertThat(deadline.isOverdue(Long.MAX_VALUE)).isFalse();
    assertThat(deadline.isOverdue(Long.MIN_VALUE)).isFalse();
  }

  @Test
  void hasNobodyEndWhatGotItsAnswerAtTheLastMoment() throws IOException {
    long due = deadline.begin(7);
    deadline.end(due);
    assertThat(deadline.isOverdue(7)).isFalse();
    deadline.begin(100);
    assertThat(deadline.isOverdue(99)).as("the next wait has its own time").isFalse();
    assertThat(deadline.isOverdue(103)).isTrue();
  }

  @Test
  void tellsWhoseAnswerCameTooLate() {
    long due = deadline.begin(7);
    assertThat(deadline.isOverdue(7)).isTrue();
    assertThat(deadline.isOverdue(8)).as("ended once").isFalse();
    assertThatThrownBy(() -> deadline.end(due)).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void tellsALossFromATimeout() {
    IOException loss = new IOException("lost");
    assertThat(deadline.failed(deadline.begin(7), loss)).isSameAs(loss);
    long due = deadline.begin(7);
    assertThat(deadline.isOverdue(7)).isTrue();
    assertThat(deadline.failed(due, loss))
        .isInstanceOf(SocketTimeoutException.class)
        .hasSuppressedException(loss);
  }

  @Test
  void goesOnWhereTheClockWraps() {
    deadline.begin(Long.MAX_VALUE - 10);
    assertThat(deadline.isOverdue(Long.MAX_VALUE - 20)).isFalse();
    assertThat(deadline.isOverdue(Long.MIN_VALUE + 5)).isTrue();
  }

  @Test
  void takesEveryTimeOfTheClock() {
    for (long time = -4; time < 5; time++) {
      deadline.begin(time);
      assertThat(deadline.isSet()).isTrue();
      assertThat(deadline.isOverdue(time + 3)).isTrue();
      assertThat(deadline.isSet()).isFalse();
    }
  }
}
