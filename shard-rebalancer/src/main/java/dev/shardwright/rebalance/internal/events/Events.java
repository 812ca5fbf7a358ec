package dev.shardwright.rebalance.internal.events;

import dev.shardwright.rebalance.internal.metrics.MigrationMeters;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationEvent;
import dev.shardwright.rebalance.watch.MigrationEvent.ChangedHands;
import dev.shardwright.rebalance.watch.MigrationEvent.RoutersCutOff;
import dev.shardwright.rebalance.watch.MigrationListener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Tells the log, the metrics and the listener what happens to migrations. Thread-safe. */
public final class Events implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final MigrationMeters meters;
  private final Optional<EventDelivery> delivery;

  public Events(MigrationMeters meters, Optional<MigrationListener> listener) {
    this.meters = meters;
    this.delivery = listener.map(told -> new EventDelivery(told, FAREWELL));
  }

  /** That has happened. */
  public void happened(MigrationEvent event) {
    happened(event, null);
  }

  /** That has happened, because of this failure, which the log shows whole. */
  public void happened(MigrationEvent event, @Nullable Throwable cause) {
    log(event, cause);
    if (event instanceof ChangedHands changed) {
      changed.pause().ifPresent(pause -> waited(changed.keyspace(), pause));
    } else if (event instanceof RoutersCutOff cutOff) {
      count(cutOff.routers());
    }
    delivery.ifPresent(listening -> listening.offer(event));
  }

  /** Waits a little for the listener. Safe to call twice. */
  @Override
  public void close() {
    delivery.ifPresent(EventDelivery::close);
  }

  /** The service's own registry may throw anything; the migration must not fail for it. */
  private void waited(String keyspace, CutoverPause pause) {
    try {
      meters.waited(keyspace, pause);
    } catch (RuntimeException e) {
      LOG.warn("How long work waited in keyspace {} cannot be shown", keyspace, e);
    }
  }

  private void count(List<Integer> cutOff) {
    try {
      meters.cutOff(cutOff.size());
    } catch (RuntimeException e) {
      LOG.warn("That routers {} are cut off cannot be shown", cutOff, e);
    }
  }

  /** One line for each event, its details as key-value pairs too. */
  private static void log(MigrationEvent event, @Nullable Throwable cause) {
    LoggingEventBuilder line =
        LOG.atLevel(event.isTrouble() ? Level.WARN : Level.INFO)
            .setCause(cause)
            .addKeyValue("event", event.kind())
            .addKeyValue("migration", event.migration())
            .addKeyValue("keyspace", event.keyspace());
    for (var detail : event.details().entrySet()) {
      line = line.addKeyValue(detail.getKey(), detail.getValue());
    }
    line.log(event.describe());
  }
}
