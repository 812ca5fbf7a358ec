package dev.shardwright.rebalance.internal.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MoveTopologyTest {
  private static final ShardId S = ShardId.of("s");
  private static final ShardId T = ShardId.of("t");

  private final InMemoryTopologyStore store = new InMemoryTopologyStore(topology());

  @Test
  void aLateLeaderDoesNotBeginAgainWhatALaterOneHasEnded() {
    MoveTopology later = new MoveTopology(store, 1, 4, () -> true);
    later.begin(entry(4));
    later.end(topology -> topology.withoutMove(1));
    MoveTopology late = new MoveTopology(store, 1, 3, () -> false);
    assertThatThrownBy(() -> late.begin(entry(3))).isInstanceOf(Superseded.class);
    assertThat(store.read().moves()).isEmpty();
  }

  @Test
  void aLeaderThatIsLateBetweenItsQuestionAndItsChangeLosesTheRace() {
    assertLosesTheRace(later -> later.begin(entry(4)));
  }

  @Test
  void soDoesOneThatWouldBeginWhatALaterOneHasAborted() {
    assertLosesTheRace(MoveTopology::takeOver);
  }

  private void assertLosesTheRace(Consumer<MoveTopology> meanwhile) {
    MoveTopology later = new MoveTopology(store, 1, 4, () -> true);
    boolean[] asked = new boolean[1];
    MoveTopology late =
        new MoveTopology(
            store,
            1,
            3,
            () -> {
              if (asked[0]) {
                return false;
              }
              asked[0] = true;
              meanwhile.accept(later);
              later.end(topology -> topology.withoutMove(1));
              return true;
            });
    assertThatThrownBy(() -> late.begin(entry(3))).isInstanceOf(Superseded.class);
    assertThat(store.read().moves()).isEmpty();
  }

  /** One does all that it does before some step of the other: every step has its turn. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noOrderOfStepsLeavesAMoveThatALaterLeaderHasAborted(boolean lateIsMet) {
    int step = 1;
    for (Race race = new Race(); race.isRun(lateIsMet, step); race = new Race()) {
      assertThat(race.store.read().moves()).as("before step %s", step).isEmpty();
      step++;
    }
    assertThat(step).isGreaterThan(3);
  }

  /** A leader that is about to begin a move, and a later one that aborts it. */
  private static final class Race {
    private final InMemoryTopologyStore store = new InMemoryTopologyStore(topology());
    private int newestToken = 3;
    private int stepsBefore;
    private Runnable other = () -> {};

    /**
     * Lets one of them meet the other before a step of its own.
     *
     * @param lateIsMet whether that one is the earlier leader
     * @return whether it has so many steps
     */
    boolean isRun(boolean lateIsMet, int step) {
      stepsBefore = step;
      other = lateIsMet ? this::abort : this::begin;
      if (lateIsMet) {
        begin();
      } else {
        abort();
      }
      return stepsBefore <= 0;
    }

    private void step() {
      stepsBefore--;
      if (stepsBefore == 0) {
        other.run();
      }
    }

    private void begin() {
      try {
        mover(3).begin(entry(3));
      } catch (Superseded e) {
        // It has come too late.
      }
    }

    private void abort() {
      step();
      newestToken = 4;
      while (!isEnded()) {
        // The other has begun in between.
      }
    }

    private boolean isEnded() {
      try {
        MoveTopology later = mover(4);
        later.takeOver();
        later.end(topology -> topology.withoutMove(1));
        return true;
      } catch (Superseded e) {
        return false;
      }
    }

    private MoveTopology mover(int token) {
      return new MoveTopology(
          inSteps(),
          1,
          token,
          () -> {
            step();
            return token == newestToken;
          });
    }

    private TopologyStore inSteps() {
      return (TopologyStore)
          Proxy.newProxyInstance(
              TopologyStore.class.getClassLoader(),
              new Class<?>[] {TopologyStore.class},
              (proxy, method, arguments) -> {
                step();
                return method.invoke(store, arguments);
              });
    }
  }

  @Test
  void whatAnEarlierLeaderBeganIsTakenOver() {
    new MoveTopology(store, 1, 3, () -> true).begin(entry(3));
    new MoveTopology(store, 1, 4, () -> true).begin(entry(4));
    assertThat(store.read().move(1)).contains(move(4));
    MoveTopology late = new MoveTopology(store, 1, 3, () -> true);
    assertThatThrownBy(() -> late.begin(entry(3))).isInstanceOf(Superseded.class);
    assertThat(store.read().move(1)).contains(move(4));
  }

  @Test
  void aCommitAfterTheHoldWasEndedChangesNothing() {
    MoveTopology mover = new MoveTopology(store, 1, 3, () -> true);
    RangeMove held = hold(mover);
    mover.giveUp(held);
    assertThat(mover.commit(held).move(1)).contains(held.giveUp());
    assertThat(ownerOfTheRanges()).isEqualTo(S);
  }

  @Test
  void aCommitOfOneAttemptIsNotThatOfTheNext() {
    MoveTopology mover = new MoveTopology(store, 1, 3, () -> true);
    RangeMove held = hold(mover);
    mover.giveUp(held);
    RangeMove next = mover.hold(held.giveUp()).move(1).orElseThrow();
    assertThat(mover.commit(held).move(1)).contains(next);
    assertThat(ownerOfTheRanges()).isEqualTo(S);
    mover.commit(next);
    assertThat(ownerOfTheRanges()).isEqualTo(T);
  }

  @Test
  void aLeaderThatWasReplacedDoesNotCommit() {
    MoveTopology mover = new MoveTopology(store, 1, 3, () -> true);
    RangeMove held = hold(mover);
    new MoveTopology(store, 1, 4, () -> true).takeOver();
    mover.commit(held);
    assertThat(ownerOfTheRanges()).isEqualTo(S);
  }

  private static RangeMove hold(MoveTopology mover) {
    mover.begin(entry(3));
    return mover.hold(move(3)).move(1).orElseThrow();
  }

  private ShardId ownerOfTheRanges() {
    return store.read().keyspace("shop").orElseThrow().placement(Region.ALL).ownerOf(150);
  }

  private static Function<Topology, Optional<Topology>> entry(int mover) {
    return topology -> Optional.of(topology.withMove(move(mover)));
  }

  private static RangeMove move(int mover) {
    return RangeMove.of(1, "shop", Region.ALL, S, T, KeyRangeSet.of(new KeyRange(100, 199)), mover);
  }

  private static Topology topology() {
    Topology shards = Topology.INITIAL.next();
    for (ShardId id : new ShardId[] {S, T}) {
      Endpoint endpoint = new Endpoint("jdbc:postgresql://127.0.0.1/" + id, "app");
      shards = shards.withShard(Shard.of(id, endpoint));
    }
    return shards.withKeyspace(
        new KeyspaceTopology(
            "shop",
            Strategy.RANGE,
            Optional.of(KeyType.BIGINT),
            KeyspaceTopology.DEFAULT_VIRTUAL_NODES,
            new TreeSet<>(),
            new TreeMap<>(),
            new TreeMap<>(Map.of(Region.ALL, Placement.of(RangeRing.ownedBy(S))))));
  }
}
