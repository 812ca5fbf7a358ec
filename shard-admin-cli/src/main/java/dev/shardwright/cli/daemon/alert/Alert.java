package dev.shardwright.cli.daemon.alert;

import java.time.Duration;

/**
 * Something that is wrong.
 *
 * @param name of its kind
 * @param severity how bad it is
 * @param subject what it is about, such as {@code shard s1}
 * @param fact what was seen
 * @param remedy what to do
 * @param instance what must stay as it is for this to be the same alert; an alert about standing
 *     still says here where
 * @param waiting how much waits to be done: once less waits than when this alert began, it begins
 *     anew; 0 where nothing is counted
 * @param patience how long it must be so before anybody is told
 */
public record Alert(
    String name,
    Severity severity,
    String subject,
    String fact,
    String remedy,
    String instance,
    long waiting,
    Duration patience) {

  /** One that is told at once, whatever its numbers are. */
  static Alert of(String name, Severity severity, String subject, String fact, String remedy) {
    return new Alert(name, severity, subject, fact, remedy, "", 0, Duration.ZERO);
  }

  /** This one, told once it has been so for that long. */
  Alert after(Duration changed) {
    return new Alert(name, severity, subject, fact, remedy, instance, waiting, changed);
  }

  /** This one, which becomes another when that changes. */
  Alert during(String changed) {
    return new Alert(name, severity, subject, fact, remedy, changed, waiting, patience);
  }

  /** This one, which begins anew once less waits. */
  Alert whileWaits(long changed) {
    return new Alert(name, severity, subject, fact, remedy, instance, changed, patience);
  }
}
