package dev.shardwright.cli.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConversionsTest {
  @Test
  void readsTimesAsPeopleWriteThem() {
    assertThat(Conversions.duration("0")).isZero();
    assertThat(Conversions.duration("30")).isEqualTo(Duration.ofSeconds(30));
    assertThat(Conversions.duration("250ms")).isEqualTo(Duration.ofMillis(250));
    assertThat(Conversions.duration("10m")).isEqualTo(Duration.ofMinutes(10));
    assertThat(Conversions.duration("2h")).isEqualTo(Duration.ofHours(2));
    assertThatThrownBy(() -> Conversions.duration("-1s")).hasMessageContaining("'-1s' is no time");
    assertThatThrownBy(() -> Conversions.duration("1w")).hasMessageContaining("30s, 10m or 2h");
  }

  @Test
  void readsRates() {
    assertThat(Conversions.rate("20MB").bytesPerSecond()).isEqualTo(20_000_000);
    assertThat(Conversions.rate("500kB/s").bytesPerSecond()).isEqualTo(500_000);
    assertThatThrownBy(() -> Conversions.rate("0")).hasMessageContaining("at least 1 byte");
    assertThatThrownBy(() -> Conversions.rate("fast")).hasMessageContaining("20MB");
  }
}
