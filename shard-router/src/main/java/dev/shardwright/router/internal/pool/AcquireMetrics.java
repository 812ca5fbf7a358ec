package dev.shardwright.router.internal.pool;

import com.zaxxer.hikari.metrics.IMetricsTracker;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.metrics.PoolStats;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/**
 * HikariCP's own Micrometer metrics of one pool, except that a time-out is counted when a caller
 * gave up, not at the end of each slice of its wait.
 */
final class AcquireMetrics implements MetricsTrackerFactory {
  private final MetricsTrackerFactory micrometer;
  private volatile @Nullable IMetricsTracker tracker;

  AcquireMetrics(MeterRegistry registry) {
    this.micrometer = new MicrometerMetricsTrackerFactory(registry);
  }

  @Override
  public IMetricsTracker create(String poolName, PoolStats stats) {
    IMetricsTracker created = micrometer.create(poolName, stats);
    tracker = created;
    return new WithoutTimeouts(created, this::close);
  }

  /** Takes the pool's metrics away. Safe to call twice. */
  synchronized void close() {
    IMetricsTracker created = tracker;
    tracker = null;
    if (created != null) {
      created.close();
    }
  }

  /** A caller waited as long as it may, and got no connection. */
  void timedOut() {
    IMetricsTracker created = tracker;
    if (created != null) {
      created.recordConnectionTimeout();
    }
  }

  private record WithoutTimeouts(IMetricsTracker all, Runnable end) implements IMetricsTracker {
    @Override
    public void recordConnectionCreatedMillis(long millis) {
      all.recordConnectionCreatedMillis(millis);
    }

    @Override
    public void recordConnectionAcquiredNanos(long nanos) {
      all.recordConnectionAcquiredNanos(nanos);
    }

    @Override
    public void recordConnectionUsageMillis(long millis) {
      all.recordConnectionUsageMillis(millis);
    }

    @Override
    public void close() {
      end.run();
    }
  }
}
