package dev.shardwright.cli.daemon.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Remembers since when each alert has been so. Thread-safe. */
public final class AlertLog {
  private static final Comparator<RaisedAlert> WORST_FIRST =
      Comparator.comparing((RaisedAlert raised) -> raised.alert().severity())
          .reversed()
          .thenComparing(raised -> raised.alert().name())
          .thenComparing(raised -> raised.alert().subject());

  private Map<Key, Began> began = Map.of();
  private List<RaisedAlert> raised = List.of();

  private record Key(String name, String subject, String instance) {
    static Key of(Alert alert) {
      return new Key(alert.name(), alert.subject(), alert.instance());
    }
  }

  /**
   * @param since when it began
   * @param waiting how much waited then
   */
  private record Began(Instant since, long waiting) {}

  /** These are so now, and no others. */
  public synchronized void update(List<Alert> alerts, Instant now) {
    Map<Key, Began> next = new HashMap<>();
    List<RaisedAlert> told = new ArrayList<>();
    for (Alert alert : alerts) {
      Began first = began(alert, now);
      if (next.putIfAbsent(Key.of(alert), first) == null
          && !first.since().plus(alert.patience()).isAfter(now)) {
        told.add(new RaisedAlert(alert, first.since()));
      }
    }
    told.sort(WORST_FIRST);
    began = next;
    raised = List.copyOf(told);
  }

  private Began began(Alert alert, Instant now) {
    Began before = began.get(Key.of(alert));
    return before == null || alert.waiting() < before.waiting()
        ? new Began(now, alert.waiting())
        : before;
  }

  /** Those that people are told, the worst first. */
  public synchronized List<RaisedAlert> raised() {
    return raised;
  }
}
