package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChildJvmIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(300);

  @Test
  void saysNothingWhileItIsFrozenAndGoesOnWhereItWas() {
    try (ChildJvm jvm = ChildJvm.start(Echo.class)) {
      jvm.tell("one");
      assertThat(jvm.hear(PATIENCE)).isEqualTo("one");
      jvm.freeze();
      jvm.tell("two");
      assertThatThrownBy(() -> jvm.hear(MOMENT)).hasMessageContaining("the JVM said nothing");
      assertThat(jvm.running()).isTrue();
      jvm.thaw();
      assertThat(jvm.hear(PATIENCE)).isEqualTo("two");
    }
  }

  @Test
  void canBeKilledWhileItIsFrozen() {
    ChildJvm jvm = ChildJvm.start(Echo.class);
    jvm.freeze();
    jvm.close();
    assertThat(jvm.running()).isFalse();
    assertThatThrownBy(() -> jvm.hear(PATIENCE)).hasMessageContaining("the ended JVM");
  }
}
