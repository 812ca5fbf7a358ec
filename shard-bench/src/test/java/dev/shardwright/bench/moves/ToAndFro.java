package dev.shardwright.bench.moves;

import static org.awaitility.Awaitility.await;

import dev.shardwright.ShardException;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Half of the rows move from one shard to the other and back, again and again. */
final class ToAndFro implements AutoCloseable {
  private static final KeyRangeSet HALF = KeyRangeSet.of(new KeyRange(0, Long.MAX_VALUE));

  private final ServedCluster cluster;
  private final Rebalancer watching;
  private final Random random;
  private final List<Integer> numbers = new ArrayList<>();

  ToAndFro(ServedCluster cluster, long seed) {
    this.cluster = cluster;
    this.watching = cluster.rebalancer();
    this.random = new Random(seed);
  }

  /** Begins the next move if the last one is over, or changes its mind about that one. */
  void steer() {
    try {
      Optional<MigrationStatus> last = last();
      if (last.isEmpty() || last.get().isOver()) {
        beginNext();
      } else if (last.get().state().equals("IN_WINDOW") && random.nextInt(3) == 0) {
        watching.rollBack(last.get().number());
      } else if (random.nextInt(20) == 0) {
        watching.abort(last.get().number());
      }
    } catch (ShardException e) {
      // Another time.
    }
  }

  private void beginNext() {
    ShardId owner = cluster.ownerOfToken(0);
    ShardId other = ShardId.of(owner.value().equals("s-1") ? "s-2" : "s-1");
    numbers.addAll(
        watching.start(
            watching.plan(
                new RebalanceRequest.MoveTokens(
                    new RingId(ServedCluster.KEYSPACE, Region.ALL), HALF, other)),
            new MoveOptions(
                Duration.ofMillis(random.nextInt(4_000)),
                random.nextBoolean() ? 20_000 : Long.MAX_VALUE,
                2,
                Duration.ofMillis(500))));
  }

  /** Where the last one is, for people. */
  String state() {
    try {
      return last().map(MigrationStatus::state).orElse("none");
    } catch (ShardException e) {
      return "unknown";
    }
  }

  private Optional<MigrationStatus> last() {
    return numbers.isEmpty()
        ? Optional.empty()
        : watching.migration(numbers.get(numbers.size() - 1));
  }

  /** Waits for the last one's end; the numbers of all. */
  List<Integer> finish(Duration patience) {
    await()
        .atMost(patience)
        .ignoreExceptionsInstanceOf(ShardException.class)
        .until(() -> last().map(MigrationStatus::isOver).orElse(true));
    return List.copyOf(numbers);
  }

  @Override
  public void close() {
    watching.close();
  }
}
