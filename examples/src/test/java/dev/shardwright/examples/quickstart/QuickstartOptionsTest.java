package dev.shardwright.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuickstartOptionsTest {

  @Test
  void hasDefaultsForEverything() {
    QuickstartOptions options = QuickstartOptions.parse(List.of());
    assertThat(options.data()).isEmpty();
    assertThat(options.traffic()).isEqualTo(Duration.ofSeconds(5));
    assertThat(options.keep()).isFalse();
  }

  @Test
  void readsEachOption() {
    QuickstartOptions options =
        QuickstartOptions.parse(
            List.of("--users", "10", "--seconds", "2", "--threads", "3", "--keep"));
    assertThat(options.users()).isEqualTo(10);
    assertThat(options.threads()).isEqualTo(3);
    assertThat(options.keep()).isTrue();
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    refuses("unknown option --fast", "--fast");
    refuses("--users needs a value", "--users");
    refuses("--users takes a whole number from 1 to 1000000, not '0'", "--users", "0");
    refuses("--seconds takes a whole number from 1 to 600, not 'x'", "--seconds", "x");
    refuses("--data: cannot read", "--data", "nowhere");
    refuses("--from-one goes with neither --data nor --keep", "--from-one", "--keep");
  }

  private static void refuses(String message, String... arguments) {
    assertThatThrownBy(() -> QuickstartOptions.parse(List.of(arguments)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
