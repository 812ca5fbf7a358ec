package dev.shardwright.cli.moves;

import dev.shardwright.ShardException;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.SteeringRefused;
import dev.shardwright.topology.zookeeper.Leader;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Watches migrations until they are as wanted, and carries them out where nobody else does. When it
 * is interrupted, what it led is paused, and what another leads goes on.
 */
final class MigrationWatch {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private final Session session;
  private final Rebalancer rebalancer;
  private final String candidate =
      "shard-admin, process %d, %s".formatted(ProcessHandle.current().pid(), UUID.randomUUID());
  private final Map<Integer, MigrationStatus> over = new HashMap<>();
  private boolean away;

  MigrationWatch(Session session, Rebalancer rebalancer) {
    this.session = session;
    this.rebalancer = rebalancer;
  }

  /** Stands for election, for as long as the rebalancer is open. */
  void campaign() {
    rebalancer.campaign(candidate);
  }

  /**
   * Shows how far they are until each is as wanted, or over.
   *
   * @param good whether one that is as wanted, or over, came to a good end
   * @return the exit code: not done if one of them did not
   */
  int until(
      List<Integer> numbers, Predicate<MigrationStatus> wanted, Predicate<MigrationStatus> good) {
    ProgressView view = new ProgressView(session.err(), session.isTerminal());
    try {
      while (true) {
        Optional<List<MigrationStatus>> looked = lookIfReachable(numbers, view);
        if (looked.isPresent()) {
          List<MigrationStatus> seen = looked.get();
          view.show(seen);
          if (seen.stream().allMatch(status -> status.isOver() || wanted.test(status))) {
            return end(session, numbers, seen, good);
          }
        }
        Thread.sleep(LOOK_AGAIN.toMillis());
      }
    } catch (InterruptedException e) {
      return leave(numbers);
    } catch (ShardException e) {
      if (!Thread.interrupted()) {
        throw e;
      }
      return leave(numbers);
    }
  }

  /** Whoever forgets one that is watched takes along how it ended. */
  static int end(
      Session session,
      List<Integer> numbers,
      List<MigrationStatus> seen,
      Predicate<MigrationStatus> good) {
    session.print(MigrationAnswer.of(seen));
    List<Integer> gone = new ArrayList<>(numbers);
    seen.forEach(status -> gone.remove(Integer.valueOf(status.number())));
    if (!gone.isEmpty()) {
      session.tell(
          "Migrations %s are gone: they were forgotten meanwhile, and how they ended is not known; shard-admin route tells where a key is"
              .formatted(joined(gone)));
    }
    return gone.isEmpty() && seen.stream().allMatch(good) ? ExitCode.DONE : ExitCode.NOT_DONE;
  }

  /** Not interrupted any more: what was interrupted is tidied up. */
  private int leave(List<Integer> numbers) {
    try {
      return leaveOrdered(numbers);
    } catch (TopologyUnavailable e) {
      session.tell(
          "Interrupted while ZooKeeper does not answer: nothing is lost, and whether the migrations"
              + " go on is not known. To look again: shard-admin migration watch ("
              + e.getMessage()
              + ")");
      return ExitCode.INTERRUPTED;
    }
  }

  private int leaveOrdered(List<Integer> numbers) {
    if (!leads()) {
      session.tell(
          "Detached: another process carries the migrations out. To look again: shard-admin"
              + " migration watch");
      return ExitCode.INTERRUPTED;
    }
    List<Integer> paused = numbers.stream().filter(this::pause).toList();
    session.tell(
        paused.isEmpty()
            ? "Interrupted: nothing is lost. To go on: shard-admin migration watch"
            : "Interrupted: what was not done is paused, and nothing is lost. To go on: shard-admin"
                + " migration resume %s --watch".formatted(joined(paused)));
    return ExitCode.INTERRUPTED;
  }

  /** Only what did not move yet: after that there is nothing to wait with. */
  private boolean pause(int number) {
    try {
      boolean open =
          rebalancer
              .migration(number)
              .filter(status -> !status.isOver() && !status.hasMoved())
              .isPresent();
      if (open) {
        rebalancer.pause(number);
      }
      return open;
    } catch (SteeringRefused e) {
      return false; // it ended in between, or is to be aborted or rolled back
    }
  }

  private boolean leads() {
    try (ZooKeeperCluster cluster = session.cluster()) {
      return cluster.election().leader().map(Leader::name).filter(candidate::equals).isPresent();
    }
  }

  /** Empty while ZooKeeper does not answer: migrations wait for it, and so does their watch. */
  private Optional<List<MigrationStatus>> lookIfReachable(
      List<Integer> numbers, ProgressView view) {
    try {
      List<MigrationStatus> seen = look(numbers);
      away = false;
      return Optional.of(seen);
    } catch (TopologyUnavailable e) {
      if (Thread.currentThread().isInterrupted() || areIllegible(numbers)) {
        throw e;
      }
      if (!away) {
        session.tell(
            "ZooKeeper does not answer: migrations go on by themselves once it does ("
                + e.getMessage()
                + ")");
        view.beginAnew();
      }
      away = true;
      return Optional.empty();
    }
  }

  /** Whether waiting would not help. */
  private boolean areIllegible(List<Integer> numbers) {
    try {
      return !Collections.disjoint(rebalancer.kept().illegible().keySet(), numbers);
    } catch (TopologyUnavailable e) {
      return false;
    }
  }

  private List<MigrationStatus> look(List<Integer> numbers) {
    return numbers.stream().flatMap(number -> look(number).stream()).toList();
  }

  /** One that is over stays as it is, and may be forgotten while others go on. */
  private Optional<MigrationStatus> look(int number) {
    MigrationStatus ended = over.get(number);
    if (ended != null) {
      return Optional.of(ended);
    }
    Optional<MigrationStatus> seen = rebalancer.migration(number);
    seen.filter(MigrationStatus::isOver).ifPresent(status -> over.put(number, status));
    return seen;
  }

  static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
