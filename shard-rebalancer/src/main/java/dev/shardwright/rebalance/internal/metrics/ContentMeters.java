package dev.shardwright.rebalance.internal.metrics;

import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.ring.ShardId;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/** The metrics of what is where, as it was sampled last. Thread-safe. */
public final class ContentMeters implements AutoCloseable {
  private final MultiGauge skew;
  private final MultiGauge rows;
  private final MultiGauge bytes;

  public ContentMeters(MeterRegistry registry) {
    this.skew =
        MultiGauge.builder("shardwright.skew")
            .description("the fullest shard over its share, of the most uneven ring")
            .register(registry);
    this.rows =
        MultiGauge.builder("shardwright.shard.rows")
            .description("rows of a keyspace on a shard, as sampled")
            .register(registry);
    this.bytes =
        MultiGauge.builder("shardwright.shard.bytes")
            .description("bytes of a keyspace on a shard, as sampled")
            .baseUnit("bytes")
            .register(registry);
  }

  /** Shows what was measured, in place of what was before. */
  public synchronized void show(List<RingContent> contents, List<Skew> skews) {
    SortedMap<String, SortedMap<String, Double>> worst = new TreeMap<>();
    for (Skew measured : skews) {
      worst
          .computeIfAbsent(measured.ring().keyspace(), keyspace -> new TreeMap<>())
          .merge(
              measured.goal().name().toLowerCase(Locale.ROOT),
              measured.maxOverAverage(),
              Math::max);
    }
    List<MultiGauge.Row<?>> uneven = new ArrayList<>();
    worst.forEach(
        (keyspace, goals) ->
            goals.forEach(
                (goal, value) ->
                    uneven.add(
                        MultiGauge.Row.of(
                            Tags.of("keyspace", keyspace, "dimension", goal), value))));
    skew.register(uneven, true);
    showVolumes(contents);
  }

  /** Shows nothing any more. */
  @Override
  public void close() {
    show(List.of(), List.of());
  }

  private void showVolumes(List<RingContent> contents) {
    SortedMap<String, SortedMap<ShardId, Volume>> volumes = new TreeMap<>();
    for (RingContent content : contents) {
      SortedMap<ShardId, Volume> ofKeyspace =
          volumes.computeIfAbsent(content.id().keyspace(), keyspace -> new TreeMap<>());
      content.byShard().forEach((shard, volume) -> ofKeyspace.merge(shard, volume, Volume::plus));
    }
    List<MultiGauge.Row<?>> rowCounts = new ArrayList<>();
    List<MultiGauge.Row<?>> byteCounts = new ArrayList<>();
    volumes.forEach(
        (keyspace, shards) ->
            shards.forEach(
                (shard, volume) -> {
                  Tags tags = Tags.of("keyspace", keyspace, "shard", shard.value());
                  rowCounts.add(MultiGauge.Row.of(tags, volume.rows()));
                  byteCounts.add(MultiGauge.Row.of(tags, volume.bytes()));
                }));
    rows.register(rowCounts, true);
    bytes.register(byteCounts, true);
  }
}
