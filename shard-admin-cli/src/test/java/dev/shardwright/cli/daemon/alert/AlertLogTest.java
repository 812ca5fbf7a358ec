package dev.shardwright.cli.daemon.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertLogTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AlertLog log = new AlertLog();

  @Test
  void anAlertIsToldOnceItHasLastedAndSinceWhen() {
    Alert alert = alert("router_behind", Severity.WARNING).after(PATIENCE);
    see(0, alert);
    assertThat(log.raised()).isEmpty();
    see(29, alert);
    assertThat(log.raised()).isEmpty();
    see(30, alert);
    assertThat(log.raised()).containsExactly(new RaisedAlert(alert, START));
    see(60, alert);
    assertThat(log.raised()).containsExactly(new RaisedAlert(alert, START));
  }

  @Test
  void oneThatWasAwayInBetweenBeginsAgain() {
    Alert alert = alert("router_behind", Severity.WARNING).after(PATIENCE);
    see(0, alert);
    see(20);
    see(31, alert);
    assertThat(log.raised()).isEmpty();
    see(61, alert);
    assertThat(log.raised()).containsExactly(new RaisedAlert(alert, START.plusSeconds(31)));
    see(62);
    assertThat(log.raised()).isEmpty();
  }

  @Test
  void oneThatHasChangedItsInstanceBeginsAgainAndOneWithOtherNumbersGoesOn() {
    Alert stuck = alert("migration_stuck", Severity.WARNING).after(PATIENCE);
    see(0, stuck.during("100 rows"));
    see(29, stuck.during("200 rows"));
    see(58, stuck.during("200 rows"));
    assertThat(log.raised()).isEmpty();
    see(59, stuck.during("200 rows"));
    assertThat(log.raised()).hasSize(1);
    Alert before = Alert.of("shard_skew", Severity.WARNING, "shard s1", "2.1", "");
    Alert after = Alert.of("shard_skew", Severity.CRITICAL, "shard s1", "4.1", "");
    see(60, before);
    see(70, after);
    assertThat(log.raised()).containsExactly(new RaisedAlert(after, START.plusSeconds(60)));
  }

  @Test
  void theWorstComesFirstAndNoneTwice() {
    Alert warning = alert("a", Severity.WARNING);
    Alert critical = alert("z", Severity.CRITICAL);
    see(0, warning, critical, warning);
    assertThat(log.raised()).extracting(RaisedAlert::alert).containsExactly(critical, warning);
  }

  private void see(int second, Alert... alerts) {
    log.update(List.of(alerts), START.plusSeconds(second));
  }

  private static Alert alert(String name, Severity severity) {
    return Alert.of(name, severity, "it", "fact", "remedy");
  }
}
