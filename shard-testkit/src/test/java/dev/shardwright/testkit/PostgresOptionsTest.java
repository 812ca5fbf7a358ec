package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PostgresOptionsTest {

  @Test
  void replacesAnEarlierValueOfTheSameSetting() {
    PostgresOptions options =
        PostgresOptions.DEFAULTS.with("max_connections", "10").with("max_connections", "20");
    assertThat(options.settings()).containsOnly(java.util.Map.entry("max_connections", "20"));
  }

  @Test
  void refusesWhatIsNoSettingAndWhatIsNoSuperuser() {
    assertThatThrownBy(() -> PostgresOptions.DEFAULTS.with("x = 1; y", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x = 1; y");
    assertThatThrownBy(() -> PostgresOptions.DEFAULTS.withSuperuser("", "p"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PostgresOptions.DEFAULTS.withSuperuser("u", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void showsNoPassword() {
    assertThat(PostgresOptions.DEFAULTS.withSuperuser("owner", "secret").toString())
        .contains("owner")
        .doesNotContain("secret");
  }
}
