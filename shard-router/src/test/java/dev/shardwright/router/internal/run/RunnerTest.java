package dev.shardwright.router.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Timeouts;
import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.moves.MovingTopology;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.ShardRoute;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.route.TopologyFollower;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class RunnerTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RouterMeters meters = new RouterMeters(registry);

  @Test
  void whatIsDoneIsToldAsDoneWhereItCannotBeMeasured() {
    registry
        .config()
        .meterFilter(
            new MeterFilter() {
              @Override
              public Meter.Id map(Meter.Id id) {
                throw new IllegalStateException("thrown by a filter");
              }
            });
    TopologyFollower follower = new TopologyFollower(MovingTopology.AT_REST, this::routing);
    Runner runner = new Runner(follower, Timeouts.DEFAULTS, meters, "test");
    Target target = new Target.OfShard(ShardId.of("s1"));
    assertThat(runner.run(target, new Done())).isEqualTo("done");
    assertThat(follower.current().inFlight().isQuiescent()).isTrue();
  }

  @SuppressWarnings("NullAway") // nothing is ever sent
  private Routing routing(Topology topology) {
    return new Routing(
        topology,
        (keyspace, shard) ->
            new ShardRoute(shard.id(), null, meters.timers(keyspace, shard.id().value())));
  }

  private static final class Done extends Work<String> {
    Done() {
      super(StatementKind.UPDATE);
    }

    @Override
    public String attempt(EndpointPool pool, Epoch epoch) {
      return "done";
    }

    @Override
    public Repeat repeat() {
      return Repeat.NEVER;
    }
  }
}
